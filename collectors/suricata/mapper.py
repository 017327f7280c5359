"""The mapping of lines with the inventory of the moment: places are remembered until the inventory changes."""

from collections.abc import Iterable
from functools import lru_cache

from collectors.suricata.ecs import map_line
from collectors.suricata.ecs_endpoints import Locate
from collectors.suricata.generation import Line
from wardwatch.model.records import Event, Rejected
from wardwatch.model.time import Clock

_REMEMBERED_ADDRESSES = 65536


class EveMapper:
    """Turns lines into events; `locate` None means that there is no inventory (yet)."""

    def __init__(self, clock: Clock, locate: Locate | None = None) -> None:
        self._clock = clock
        self._locate: Locate | None = None
        self.use(locate)

    def use(self, locate: Locate | None) -> None:
        """Takes another inventory for the lines to come."""
        self._locate = None if locate is None else lru_cache(maxsize=_REMEMBERED_ADDRESSES)(locate)

    def map(self, lines: Iterable[Line]) -> tuple[list[Event], list[Rejected]]:
        """The events and the refused lines, each in order."""
        events: list[Event] = []
        rejected: list[Rejected] = []
        now = self._clock()
        locate = self._locate
        for line in lines:
            outcome = map_line(line.data, line.position, locate, now)
            if isinstance(outcome, Event):
                events.append(outcome)
            else:
                rejected.append(outcome)
        return events, rejected
