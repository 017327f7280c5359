"""Appends batches: admission in the books, records to Elasticsearch, and then the sequence in the books.

A crash between the last two makes the edge send the batch again: the books know its records as new still, on their day,
and Elasticsearch answers for each that it is there.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import TypeVar

from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor
from wardwatch.model.admission import Admission
from wardwatch.model.records import AppendResult, Batch, Event, Position, Rejected, SampleBlock, SourceProgress
from wardwatch.model.tallies import Fate, Kept, tallies
from wardwatch.model.time import Clock
from wardwatch.ports import ShippingBooks
from wardwatch.records.answers import answered, kept_answer
from wardwatch.records.elastic.bulk import Bulk, Item
from wardwatch.records.elastic.indices import Indices, Place
from wardwatch.records.elastic.items import (
    batch_name,
    event_item,
    outcome_item,
    rejected_item,
    sample_items,
    time_problem,
)
from wardwatch.records.elastic.names import EVENTS, OUTCOMES, samples_kind
from wardwatch.records.elastic.newest import NewestRows
from wardwatch.records.problems import LAST_OFFSET, block_problem, place_problem

Member = TypeVar("Member", Event, Rejected)
Wrote = Callable[[Iterable[str]], None]
"""Is told the indices that were written, after the acknowledgement."""


class Writer:
    """The one way in. Appends of several threads take turns."""

    def __init__(
        self, books: ShippingBooks, bulk: Bulk, indices: Indices, clock: Clock, wrote: Wrote, newest: NewestRows
    ) -> None:
        self._books = books
        self._bulk = bulk
        self._indices = indices
        self._clock = clock
        self._wrote = wrote
        self._newest = newest
        self._turn = threading.Lock()

    def append(self, actor: Actor, batch: Batch) -> AppendResult:
        """Durable when it returns. Raises `StoreFault` while Elasticsearch or the books cannot take it."""
        with self._turn:
            before = answered(batch, *self._books.last(batch.edge, batch.epoch))
            return before if before is not None else self._store(actor, batch)

    def committed(self, edge: str, epoch: str) -> int:
        return self._books.last(edge, epoch)[0]

    def progress(self, source: str) -> SourceProgress | None:
        return next((known for known in self._books.sources() if known.source == source), None)

    def sources(self) -> Sequence[SourceProgress]:
        return self._books.sources()

    def _store(self, actor: Actor, batch: Batch) -> AppendResult:
        now = self._clock()
        batch, misplaced = _placed(batch, now)
        blocks, refused = self._blocks(batch, now)
        refused.extend(misplaced)
        admission = self._books.admit(actor, [*batch.events, *batch.rejected, *refused], now.astimezone(UTC).date())
        taken: set[Position] = set()
        events, doubled_events = _fresh(batch.events, admission, taken)
        rejected, doubled_rejected = _fresh(batch.rejected, admission, taken)
        stored, refused_events = self._send_events(batch, events, admission, now)
        samples, outcomes, refused_rows = self._send_samples(batch, blocks, now)
        self._send_rejected(batch, [*rejected, *refused, *refused_events, *refused_rows], admission, now)
        doubled = [*doubled_events, *doubled_rejected]
        result = AppendResult(
            stored_samples=samples.stored,
            stored_events=len(stored),
            duplicates=len(doubled),
            rejected=len(rejected) + len(refused) + len(refused_events) + len(refused_rows),
            new_events=stored,
        )
        fate = Fate(
            stored,
            doubled,
            [member.position for member in (*rejected, *refused_events)],
            Kept(samples.stored, samples.rejected + _rows(batch.blocks) - _rows(blocks)),
            outcomes,
        )
        self._books.commit(actor, batch, admission, kept_answer(batch, result), tallies(batch, fate))
        return result

    def _blocks(self, batch: Batch, now: datetime) -> tuple[list[SampleBlock], list[Rejected]]:
        kept: list[SampleBlock] = []
        refused: list[Rejected] = []
        for number, block in enumerate(batch.blocks):
            problem = block_problem(block) or self._time_problem(block, now)
            if problem is None:
                kept.append(block)
            else:
                refused.append(Rejected(Position(batch_name(batch), number), now, problem, repr(block)))
        return kept, refused

    def _time_problem(self, block: SampleBlock, now: datetime) -> str | None:
        oldest = self._oldest(samples_kind(block.measurement), now)
        return time_problem(f"device {block.device}", block.at, oldest, now)

    def _oldest(self, kind: str, now: datetime) -> datetime:
        return datetime.combine(self._indices.keeps(kind, now.astimezone(UTC).date()), time(), UTC)

    def _send_events(
        self, batch: Batch, events: Sequence[Event], admission: Admission, now: datetime
    ) -> tuple[tuple[Position, ...], list[Rejected]]:
        ingested = now.isoformat()
        sent: list[Event] = []
        refused: list[Rejected] = []
        places = {day: Place(EVENTS, batch.namespace, day) for day in set(admission.days.values())}

        def items() -> Iterator[Item]:
            for event in events:
                item = event_item(event, places[admission.days[event.position]], ingested)
                if isinstance(item, str):
                    refused.append(Rejected(event.position, now, item, event.original))
                else:
                    sent.append(event)
                    yield item

        reasons = self._send(items())
        for number, event in enumerate(sent):
            if number in reasons:
                refused.append(Rejected(event.position, now, reasons[number], event.original))
        return tuple(event.position for number, event in enumerate(sent) if number not in reasons), refused

    def _send_samples(
        self, batch: Batch, blocks: Sequence[SampleBlock], now: datetime
    ) -> tuple[Kept, Kept, list[Rejected]]:
        """What became of samples, of outcomes, and those of either that were refused."""
        samples = [item for block in blocks for item in sample_items(block, batch.namespace)]
        oldest = self._oldest(OUTCOMES, now)
        outcomes: list[Item] = []
        problems: dict[int, str] = {}
        originals: dict[int, str] = {}
        first = len(batch.blocks)
        for number, outcome in enumerate(batch.outcomes):
            problem = time_problem(f"device {outcome.device}", outcome.at, oldest, now)
            if problem is None:
                outcomes.append(outcome_item(outcome, batch, number))
            else:
                problems[first + number], originals[first + number] = problem, repr(outcome)
        first += len(batch.outcomes)
        refused_samples = 0
        for number, reason in self._send([*samples, *outcomes]).items():
            problems[first + number] = reason
            originals[first + number] = [*samples, *outcomes][number].source.decode()
            refused_samples += number < len(samples)
        if refused_samples:
            self._newest.forget()
        else:
            self._newest.took(batch.namespace, blocks)
        name = batch_name(batch)
        refused = [
            Rejected(Position(name, number), now, problem, originals[number]) for number, problem in problems.items()
        ]
        refused_outcomes = len(refused) - refused_samples
        return (
            Kept(len(samples) - refused_samples, refused_samples),
            Kept(len(batch.outcomes) - refused_outcomes, refused_outcomes),
            refused,
        )

    def _send_rejected(self, batch: Batch, members: Sequence[Rejected], admission: Admission, now: datetime) -> None:
        # Elasticsearch has nothing in a refused line to object to: it is text that is not indexed.
        items = [
            rejected_item(member, batch.namespace, admission.days.get(member.position, admission.day), now)
            for member in members
        ]
        for number, reason in self._send(items).items():
            position = members[number].position
            raise StoreFault(f"the refused line {position.source}:{position.offset} cannot be kept: {reason}")

    def _send(self, items: Iterable[Item]) -> dict[int, str]:
        """Why items were refused, by their number."""
        places: list[Place] = []

        def noted() -> Iterator[Item]:
            for item in items:
                if not places or places[-1] is not item.place:
                    places.append(item.place)
                yield item

        refusals = self._bulk.send(noted())
        if places:
            self._wrote({self._indices.name(place) for place in places})
        return {refusal.number: refusal.reason for refusal in refusals}


def _placed(batch: Batch, now: datetime) -> tuple[Batch, list[Rejected]]:
    """The batch without the members whose position nothing can be kept at, and those as refused at a place of the
    batch's own."""
    members: tuple[Event | Rejected, ...] = (*batch.events, *batch.rejected)
    if all(0 <= member.position.offset <= LAST_OFFSET for member in members):
        return batch, []
    refused: list[Rejected] = []
    for number, member in enumerate(members):
        problem = place_problem(member.position)
        if problem is not None:
            position = Position(f"{batch_name(batch)}/misplaced", number)
            refused.append(Rejected(position, now, problem, member.original))
    events = tuple(event for event in batch.events if place_problem(event.position) is None)
    rejected = tuple(line for line in batch.rejected if place_problem(line.position) is None)
    return replace(batch, events=events, rejected=rejected), refused


def _fresh(
    members: Sequence[Member], admission: Admission, taken: set[Position]
) -> tuple[list[Member], list[Position]]:
    """The members that are new, each once, and the positions of the others; `taken` learns those of the new."""
    fresh: list[Member] = []
    doubled: list[Position] = []
    for member in members:
        if member.position in admission.days and member.position not in taken:
            taken.add(member.position)
            fresh.append(member)
        else:
            doubled.append(member.position)
    return fresh, doubled


def _rows(blocks: Iterable[SampleBlock]) -> int:
    return sum(len(block.index) for block in blocks)
