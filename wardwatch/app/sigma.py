"""Sigma rules beside the stores: what their windows are rebuilt from, and what looks for changed files."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from detectors.sigma.stream import SigmaRules, SigmaSettings
from wardwatch.ecs import event_of
from wardwatch.health import Board
from wardwatch.model.access import Scope
from wardwatch.model.queries import EventQuery, StoredEvent
from wardwatch.model.records import DEFAULT_NAMESPACE, Event
from wardwatch.model.time import Clock, TimeRange
from wardwatch.ports import RecordReader
from wardwatch.settings import DataFolder

_PAGE = 5000
_MOST = 50_000
"""Events that are read again after a start: some seconds of work."""


def sigma_rules(data: DataFolder, records: RecordReader, clock: Clock) -> SigmaRules:
    """The rules of the product and of the installation; not loaded yet."""

    def past(start: datetime, end: datetime, datasets: Sequence[str]) -> Iterator[tuple[str, Event]]:
        return _past(records, TimeRange(start, end), datasets)

    return SigmaRules(SigmaSettings(data.sigma), clock, past)


def look(rules: SigmaRules, board: Board) -> None:
    """Takes changed rules, forgets windows that are over, tells the board."""
    rules.load()
    rules.sweep()
    board.take(rules.health())


def _past(records: RecordReader, time: TimeRange, datasets: Sequence[str]) -> Iterator[tuple[str, Event]]:
    """Stored events, oldest first; of more than are read the newest."""
    found: list[StoredEvent] = []
    cursor: str | None = None
    while len(found) < _MOST:
        query = EventQuery(time, DEFAULT_NAMESPACE, {"event.dataset": tuple(datasets)}, limit=_PAGE, cursor=cursor)
        page = records.events(Scope.everything(), query)
        found.extend(page.items)
        cursor = page.next
        if cursor is None:
            break
    for _, same in groupby(reversed(found), key=lambda stored: stored.at):
        for stored in sorted(same, key=lambda each: each.position):
            yield DEFAULT_NAMESPACE, _event(stored)


def _event(stored: StoredEvent) -> Event:
    original = stored.document["event"].get("original", "")
    return event_of(stored.position, stored.at, (), stored.document, original)
