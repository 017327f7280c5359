"""A run's records on the same path as real ones: mapped to ECS, enriched, and kept apart in the drill's namespace."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from collectors.suricata.ecs import map_line
from collectors.suricata.ecs_endpoints import Locate
from drills.offline import DrillResult
from drills.packets import EPOCH
from wardwatch.ecs import encoded
from wardwatch.model.records import Batch, Event, Position, Rejected

BATCH_EVENTS = 2000


def namespace(result: DrillResult) -> str:
    """The namespace of a run: nothing in it is ever mistaken for a real event."""
    return f"drill-{result.id}".lower()


def batches(result: DrillResult, locate: Locate | None, now: datetime) -> Iterator[Batch]:
    """The run's records, in batches that an edge may number and ship.

    Times are shifted so that the drill's last packet is sent when the run starts: what was rehearsed lies in the past,
    never in the future. `wardwatch.drill.original_time` keeps the capture's own time.
    """
    times = [sent.last_s for sent in result.capture.injects.values()]
    times += [last_s for _, last_s, _ in result.telemetry.sent.values()]
    length = timedelta(seconds=max(times, default=0.0))
    by = result.started_at - length - EPOCH
    source = str(uuid.uuid5(uuid.NAMESPACE_URL, f"wardwatch:drill:{result.id}"))
    lines = _lines(result, source)
    events: list[Event]
    while lot := list(islice(lines, BATCH_EVENTS)):
        events = []
        rejected: list[Rejected] = []
        for position, line in lot:
            mapped = map_line(line, position, locate, now)
            if isinstance(mapped, Event):
                events.append(shifted(mapped, by, result.id))
            else:
                rejected.append(mapped)
        told = {source: len(lot)}
        yield Batch("", "", 0, namespace(result), events=tuple(events), rejected=tuple(rejected), read=told)
    if result.telemetry.events:
        events = [shifted(event, by, result.id) for event in result.telemetry.events]
        read = {event.position.source: 0 for event in events}
        for event in events:
            read[event.position.source] += 1
        yield Batch("", "", 0, namespace(result), events=tuple(events), read=read)


def shifted(event: Event, by: timedelta, run: str) -> Event:
    """The event as if it happened that much later; the original time and the run are noted in it."""
    document = orjson.loads(event.document)
    original = document.get("@timestamp")
    at = event.at + by
    document["@timestamp"] = _rfc3339(at)
    for key in ("start", "end"):
        moment = document.get("event", {}).get(key)
        if isinstance(moment, str):
            document["event"][key] = _rfc3339(datetime.fromisoformat(moment) + by)
    product: dict[str, Any] = document.setdefault("wardwatch", {})
    product["drill"] = {"run": run, "original_time": original}
    return event._replace(at=at, document=encoded(document))


def _rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _lines(result: DrillResult, source: str) -> Iterator[tuple[Position, bytes]]:
    offset = 0
    with result.eve.open("rb") as file:
        for line in file:
            yield Position(source, offset), line.rstrip(b"\r\n")
            offset += len(line)
