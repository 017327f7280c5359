"""EVE lines into the embedded store: mapped, enriched with the demo city, appended durably, sealed."""

import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from collectors.suricata.generation import Line
from collectors.suricata.mapper import EveMapper
from wardwatch.bench import machine
from wardwatch.bench.eve_lines import FIRST, eve_lines
from wardwatch.demo.city import build_city
from wardwatch.inventory.addresses import Addresses
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch, Event, Position
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordStore
from wardwatch.records import open_records

SEED = 20260302
BATCH_LINES = 4000
_AFTER = FIRST + timedelta(hours=6)


def run(lines: int = 100_000, folder: Path | None = None) -> dict[str, object]:
    """Measures with so many lines, in `folder` or one that is removed again.

    `events_per_s` is one thread doing everything, line to durable append; `map_events_per_s` and
    `store_events_per_s` its two halves; `bytes_per_event` what the sealed files take.
    """
    city = Addresses(build_city(SEED))
    mapper = EveMapper(locate=city.locate, clock=lambda: _AFTER)
    arrived = list(eve_lines(lines, SEED))
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-", dir=folder) as scratch:
        store = open_records(Path(scratch), lambda: _AFTER)
        try:
            figures = _measure(store, mapper, arrived)
        finally:
            store.close()
        sealed = sum(path.stat().st_size for path in (Path(scratch) / "sealed").glob("event-*.parquet"))
    original = sum(map(len, arrived))
    figures["bytes_per_event"] = round(sealed / lines, 1)
    figures["original_bytes_per_event"] = round(original / lines, 1)
    return {"lines": lines, "seed": SEED, "machine": machine.describe(), "results": {"embedded": figures}}


def _positioned(lines: Sequence[bytes], first: int) -> list[Line]:
    """Lines as a tail hands them on; a line's number stands for its offset."""
    return [Line(Position("bench", offset), data) for offset, data in enumerate(lines, start=first)]


def _measure(store: RecordStore, mapper: EveMapper, arrived: Sequence[bytes]) -> dict[str, object]:
    actor = Actor.system("bench")
    map_s = store_s = 0.0
    stored = 0
    for sequence, start in enumerate(range(0, len(arrived), BATCH_LINES), start=1):
        positioned = _positioned(arrived[start : start + BATCH_LINES], start)
        began = time.perf_counter()
        events, rejected = mapper.map(positioned)
        mapped = time.perf_counter()
        batch = Batch("bench", "1", sequence, events=tuple(events), rejected=tuple(rejected))
        stored += store.append(actor, batch).stored_events
        map_s += mapped - began
        store_s += time.perf_counter() - mapped
    began = time.perf_counter()
    store.seal(_AFTER)
    sealed_s = time.perf_counter() - began
    again_s = _again(store, mapper, arrived[:BATCH_LINES])
    day = TimeRange(FIRST - timedelta(days=1), FIRST + timedelta(days=1))
    found = sum(store.count(Scope.everything(), EventQuery(day), "event.dataset").values())
    return {
        "events_per_s": round(len(arrived) / (map_s + store_s)),
        "map_events_per_s": round(len(arrived) / map_s),
        "store_events_per_s": round(len(arrived) / store_s),
        "sealed_events_per_s": round(len(arrived) / sealed_s),
        "known_events_per_s": round(min(BATCH_LINES, len(arrived)) / again_s),
        "lost": len(arrived) - found,
    }


def _again(store: RecordStore, mapper: EveMapper, arrived: Sequence[bytes]) -> float:
    """Seconds to learn that lines are stored already, by looking into sealed files."""
    events: list[Event] = mapper.map(_positioned(arrived, 0))[0]
    began = time.perf_counter()
    store.append(Actor.system("bench"), Batch("bench", "2", 1, events=tuple(events)))
    return time.perf_counter() - began
