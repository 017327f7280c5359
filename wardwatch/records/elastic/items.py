"""Members of a batch as items of a bulk request, and those that cannot be one."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import orjson

from wardwatch.model.ledger import LISTED_CHARACTERS
from wardwatch.model.records import Batch, Event, PollOutcome, Position, Rejected, SampleBlock
from wardwatch.records.elastic.bulk import Item
from wardwatch.records.elastic.documents import event_source
from wardwatch.records.elastic.indices import Place
from wardwatch.records.elastic.names import OUTCOMES, REJECTED, samples_kind
from wardwatch.records.problems import event_problem, refused_at

_LONGEST_ID = 400
_AHEAD = timedelta(days=1)


def record_id(position: Position) -> str:
    """The `_id` of a record: its position, or the hash of one that is longer than an id may be."""
    text = f"{position.source}:{position.offset}"
    if len(text.encode("utf-8", "surrogatepass")) <= _LONGEST_ID:
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def event_item(event: Event, place: Place, ingested: str) -> Item | str:
    """An event as its item of that place, or why it cannot be one."""
    problem = event_problem(event)
    if problem:
        return problem
    if not event.document.startswith(b'{"event":{') or b"\n" in event.document:
        # A line feed would end the document in the request and begin a command.
        return "the document is no ECS document on one line that begins with its event"
    return Item(place, record_id(event.position), event_source(event, ingested))


def rejected_item(member: Rejected, namespace: str, day: date, now: datetime) -> Item:
    """A refused line as its item; lists read its beginning, without the line."""
    original = _text(member.original)
    source = orjson.dumps(
        {
            "@timestamp": refused_at(member, now),
            "record": {"source": _text(member.position.source), "offset": member.position.offset},
            "reason": _text(member.reason),
            "beginning": original[:LISTED_CHARACTERS],
            "length": len(original),
            "original": original,
        }
    )
    return Item(Place(REJECTED, namespace, day), record_id(member.position), source)


def sample_items(block: SampleBlock, namespace: str) -> Iterator[Item]:
    """A block's rows; a value that is not finite is stored as none."""
    place = Place(samples_kind(block.measurement), namespace, block.at.astimezone(UTC).date())
    for row, key in enumerate(block.index):
        values = {name: value for name, column in block.columns.items() if (value := column[row]) is not None}
        common = {"@timestamp": block.at, "device": block.device, "metric_index": key, "unit": block.unit}
        yield Item(place, None, orjson.dumps({**common, **values}))


def outcome_item(outcome: PollOutcome, batch: Batch, number: int) -> Item:
    """A poll's outcome, on the day it happened."""
    source = {
        "@timestamp": outcome.at,
        "device": outcome.device,
        "unit": outcome.unit,
        "outcome": str(outcome.outcome),
        "duration_ms": outcome.duration_ms,
        "varbinds": outcome.varbinds,
        "detail": _text(outcome.detail),
    }
    place = Place(OUTCOMES, batch.namespace, outcome.at.astimezone(UTC).date())
    return Item(place, record_id(Position(batch_name(batch), number)), orjson.dumps(source))


def time_problem(what: str, at: datetime, oldest: datetime, now: datetime) -> str | None:
    """Why a sample of that time has no index; None when it has."""
    if at < oldest:
        return f"{what}: its time {at.isoformat()} is before what is kept, {oldest:%Y-%m-%d}"
    if at > now + _AHEAD:
        return f"{what}: its time {at.isoformat()} is more than a day ahead"
    return None


def batch_name(batch: Batch) -> str:
    """The source of what has no position of its own: its place in the edge's journal."""
    return f"{batch.edge}/{batch.epoch}/{batch.sequence}"


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
