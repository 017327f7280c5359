"""The composition root: every part is made and wired here, by hand. One module a process, so that each loads only what
it runs."""

from dataclasses import dataclass, field

from wardwatch.settings import DataFolder, Listen, Tls


@dataclass(frozen=True, slots=True)
class AppSettings:
    """What an installation is: where its data is, where it listens (and with which certificate), how often it polls
    (seconds)."""

    data: DataFolder
    listen: Listen = field(default_factory=Listen)
    interval_s: float = 60.0
    tls: Tls | None = None
