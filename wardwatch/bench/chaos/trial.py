"""What a fault is inflicted upon: a running installation, its sensor, its engine, and how they come back."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from wardwatch.bench.chaos.figures import Plan
from wardwatch.bench.chaos.rig import Rig
from wardwatch.bench.chaos.sensor import Sensor
from wardwatch.bench.elasticsearch_node import ElasticsearchNode

BEFORE = 0.7
"""So much of a portion is written before the fault; the rest, which must come through, after it began."""


@dataclass(slots=True)
class Trial:
    """One fault on one engine; `recoveries` are the seconds that each took."""

    plan: Plan
    rig: Rig
    sensor: Sensor
    chance: random.Random
    nodes: Sequence[ElasticsearchNode] = ()
    recoveries: list[float] = field(default_factory=list)

    def portions(self, faults: int) -> Sequence[int]:
        """The lines, in so many parts."""
        each, rest = divmod(self.plan.lines, faults)
        return [each + (number < rest) for number in range(faults)]

    def recover(self, since: float, mark: int, lines: bool = True) -> None:
        """Waits until more than `mark` is stored, and notes how long that took since the fault's end. Lines are stored
        in their order, so that more than were written before means that of those written after it."""
        self.rig.wait("new records are stored", lambda: self.rig.stored(lines) > mark)
        self.recoveries.append(time.monotonic() - since)

    def settle(self) -> None:
        """Waits until all that was written is stored."""
        sent = self.sensor.written
        self.rig.wait(f"{sent} lines are stored", lambda: self.rig.stored() >= sent, patience_s=300)


Inflict = Callable[[Trial], None]
