"""Traffic as flows tell it: directions, the indices of its samples, top talkers and percentiles. Pure.

Index of a `traffic` sample: `DIRECTION APPLICATION UNIT`; of a `flow` sample: the same and `LOCAL PEER`, the addresses
inside and outside the unit, each `*` in the row that sums up the rest. None of them holds a space.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

REST = "*"
OTHER = "other"
"""The application of what no document names, and of what was too little to be kept apart."""

PERCENTILE_STEP_S = 300
"""Percentiles are of means over five minutes, as lines are billed."""


class Direction(StrEnum):
    """Where traffic goes, as a unit sees it. A conversation of two units is `out` of one and `in` of the other."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"  # both ends are in the unit
    TRANSIT = "transit"  # neither end is in any unit; it is told of the exporter's


@dataclass(frozen=True, slots=True)
class TrafficKey:
    """What a sample of traffic is of. `application` is one of the document's, or `@` and the id of a service."""

    direction: Direction
    application: str
    unit: str
    local: str = ""
    peer: str = ""

    def index(self) -> str:
        parts = [self.direction.value, self.application, self.unit]
        return " ".join([*parts, self.local, self.peer] if self.local else parts)

    @classmethod
    def of(cls, index: str) -> "TrafficKey":
        """Raises ValueError for an index that is none."""
        parts = index.split(" ")
        if len(parts) not in (3, 5):
            raise ValueError(f"{index!r} is no index of traffic")
        return cls(Direction(parts[0]), *parts[1:])


def nearest_rank(values: Iterable[float], count: int, percent: float) -> float:
    """The percentile by nearest rank: the smallest value that at least `percent` of all `count` are not above. Values
    are those that are known; the rest of the `count` are nought. 0 of nothing."""
    if count <= 0:
        return 0.0
    rank = max(math.ceil(percent / 100 * count), 1)
    known = sorted(values)
    place = rank - 1 - (count - len(known))
    return known[place] if place >= 0 else 0.0
