"""The composition root: every part is made and wired here, by hand. One module a process, so that each loads only what
it runs."""

from dataclasses import dataclass, field

from wardwatch.settings import DataFolder, Listen


@dataclass(frozen=True, slots=True)
class AppSettings:
    """What a process works with: where the installation's data is, where it listens, how often it polls (seconds)."""

    data: DataFolder
    listen: Listen = field(default_factory=Listen)
    interval_s: float = 60.0
