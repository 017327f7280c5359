"""The mapping of lines with the inventory of the moment."""

from collections.abc import Iterable

from collectors.suricata.ecs import map_with
from collectors.suricata.ecs_endpoints import AddressBook, Locate
from collectors.suricata.generation import Line
from wardwatch.model.records import Event, Rejected
from wardwatch.model.time import Clock


class EveMapper:
    """Turns lines into events. `locate` is asked once for most addresses; None means no inventory (yet)."""

    def __init__(self, locate: Locate | None, clock: Clock) -> None:
        self._book = AddressBook(locate)
        self._clock = clock

    def reload(self, locate: Locate | None) -> None:
        """Takes another inventory for the lines to come."""
        self._book = AddressBook(locate)

    def map(self, lines: Iterable[Line]) -> tuple[list[Event], list[Rejected]]:
        """The events and the refused lines, each in order."""
        events: list[Event] = []
        rejected: list[Rejected] = []
        now = self._clock()
        book = self._book
        for line in lines:
            outcome = map_with(line.data, line.position, book, now)
            if isinstance(outcome, Event):
                events.append(outcome)
            else:
                rejected.append(outcome)
        return events, rejected
