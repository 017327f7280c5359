"""Admission: which records are new, and the UTC day whose index takes each, for an engine that has no transactions.

A record's day is fixed before it is first sent, so that sending it again meets the same index. Positions are kept as
runs: intervals of offsets in which no further record can begin. In a file the next record begins where the last one
ends; datagrams are numbered one by one, and an edge ships both in their order.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from wardwatch.model.records import Event, Position, Rejected

LINE_END = 2
"""Bytes between two lines that hold no record: a line feed, a carriage return before it, an empty line."""


@dataclass(frozen=True, slots=True)
class Run:
    """Offsets `first` to `last` (both in it) of a source, admitted on one day; the last record ends before `after`."""

    source: str
    first: int
    last: int
    after: int
    day: date


@dataclass(frozen=True, slots=True)
class Known:
    """What the books know of a source around a batch: runs that were sent perhaps (`pending`), and runs that were
    committed. Both sorted, each without overlaps."""

    pending: Sequence[Run] = ()
    committed: Sequence[Run] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """The new records of a batch. `day` is the batch's own; one that was sent before a crash keeps its earlier day."""

    day: date
    days: Mapping[Position, date]
    runs: tuple[Run, ...] = ()


def admitted(members: Iterable[Event | Rejected], known: Mapping[str, Known], today: date) -> Admission:
    """Which members are new and on which day; a position that comes twice is new once."""
    days: dict[Position, date] = {}
    fresh: list[Event | Rejected] = []
    for member in members:
        position = member.position
        if position in days:
            continue
        about = known.get(position.source)
        if about is None:
            days[position] = today
        elif (run := _holding(about.pending, position.offset)) is not None:
            days[position] = run.day
        elif _holding(about.committed, position.offset) is None:
            days[position] = today
        else:
            continue
        fresh.append(member)
    return Admission(today, days, tuple(_runs(fresh, days)))


def joined(runs: Iterable[Run]) -> list[Run]:
    """The same offsets in as few runs as can be, sorted."""
    result: list[Run] = []
    for run in sorted(runs, key=lambda run: (run.source, run.first)):
        last = result[-1] if result else None
        if last is not None and _touches(last, run):
            result[-1] = replace(last, last=max(last.last, run.last), after=max(last.after, run.after))
        else:
            result.append(run)
    return result


def without(runs: Iterable[Run], taken: Sequence[Run]) -> list[Run]:
    """What is left of the runs of a source when others of that source are taken out of them."""
    left = list(runs)
    for cut in taken:
        left = [part for run in left for part in _cut(run, cut)]
    return left


def _cut(run: Run, cut: Run) -> list[Run]:
    if cut.last < run.first or cut.first > run.last:
        return [run]
    parts = []
    if run.first < cut.first:
        parts.append(replace(run, last=cut.first - 1, after=cut.first))
    if cut.last < run.last:
        parts.append(replace(run, first=cut.last + 1))
    return parts


def _touches(run: Run, following: Run) -> bool:
    if run.source != following.source or run.day != following.day:
        return False
    return following.first <= run.last + 1 or 0 <= following.first - run.after <= LINE_END


def _runs(members: list[Event | Rejected], days: Mapping[Position, date]) -> list[Run]:
    """New members as runs, sorted. Most batches are one run of thousands of lines: no run is made of each."""
    result: list[Run] = []
    source, first, last, after, day = "", 0, 0, -1, date.min
    for member in sorted(members, key=lambda member: (member.position.source, member.position.offset)):
        position = member.position
        offset, its_day = position.offset, days[position]
        if (
            position.source != source
            or its_day != day
            or not (offset == last + 1 or 0 <= offset - after <= LINE_END)
            or after < 0
        ):
            if after >= 0:
                result.append(Run(source, first, last, after, day))
            source, first, day = position.source, offset, its_day
        text = member.original
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        last, after = offset, offset + max(size, 1)
    if after >= 0:
        result.append(Run(source, first, last, after, day))
    return result


def _holding(runs: Sequence[Run], offset: int) -> Run | None:
    place = bisect_right(runs, offset, key=lambda run: run.first) - 1
    return runs[place] if place >= 0 and offset <= runs[place].last else None
