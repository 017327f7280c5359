"""What a fault came to."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is written, how often a process is killed, and how long an engine or a line is away."""

    lines: int = 100_000
    kills: int = 20
    away_s: float = 60.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """One fault on one engine. `sent` are the lines that were written, and the rows that a collector has counted;
    `stored` is what the store gives back of them, `dropped` what was let go and counted, refused lines included.

    `lost` is sent - stored - dropped, `doubled` what is found more than once or was never sent. `recovery_s` is the
    worst time from a fault's end until something written after it began was durable. `alerts_off` is how far the
    counts of the inbox are from the alerts that were sent; `uneven` are rows of the ledger that do not add up.
    """

    sent: int
    stored: int
    dropped: int
    lost: int
    doubled: int
    recovery_s: float
    faults: int
    alerts_off: int
    uneven: int

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.doubled or self.alerts_off or self.uneven)

    def shown(self) -> dict[str, Any]:
        return asdict(self)
