"""EVE lines into both engines: mapped, enriched with the demo city, appended durably; the embedded one seals them."""

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from collectors.suricata.generation import Line
from collectors.suricata.mapper import EveMapper
from wardwatch.bench import machine
from wardwatch.bench.elasticsearch_node import elasticsearch_node, is_prepared
from wardwatch.bench.eve_lines import FIRST, eve_lines
from wardwatch.demo.city import build_city
from wardwatch.inventory.addresses import Addresses
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch, Position
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordStore
from wardwatch.records import ElasticSettings, open_records
from wardwatch.state import open_state

SEED = 20260302
BATCH_LINES = 4000
_AFTER = FIRST + timedelta(hours=6)


def run(lines: int = 100_000, folder: Path | None = None, *, elastic: bool = False) -> dict[str, object]:
    """Measures with so many lines, in `folder` or one that is removed again; with `elastic` into a real node as well,
    warmed up by half as many lines.

    `events_per_s` is the wall time from line to durable append, where one thread maps the next batch while another one
    stores the last; `map_events_per_s` and `store_events_per_s` are those two by the time each was at work;
    `bytes_per_event` is what the sealed files take.
    """
    arrived = list(eve_lines(lines, SEED))
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-", dir=folder) as scratch:
        results: dict[str, object] = {"embedded": _embedded(Path(scratch) / "embedded", arrived)}
        if elastic:
            results["elasticsearch"] = _elasticsearch(Path(scratch) / "elasticsearch", arrived)
    return {"lines": lines, "seed": SEED, "machine": machine.describe(), "results": results}


def _embedded(folder: Path, arrived: Sequence[bytes]) -> dict[str, object]:
    store = open_records(folder, lambda: _AFTER)
    try:
        figures = _measured(store, "bench", arrived)
        began = time.perf_counter()
        store.seal(_AFTER)
        figures["sealed_events_per_s"] = round(len(arrived) / (time.perf_counter() - began))
        figures["known_events_per_s"] = _known(store, arrived[:BATCH_LINES])
        figures["lost"] = len(arrived) - _found(store)
    finally:
        store.close()
    sealed = sum(path.stat().st_size for path in (folder / "sealed").glob("event-*.parquet"))
    figures["bytes_per_event"] = round(sealed / len(arrived), 1)
    figures["original_bytes_per_event"] = round(sum(map(len, arrived)) / len(arrived), 1)
    return figures


def _elasticsearch(folder: Path, arrived: Sequence[bytes]) -> dict[str, object]:
    if not is_prepared():
        return {"skipped": "there is no Java or no Elasticsearch: run make engines"}
    state = open_state(f"sqlite:///{folder / 'state.sqlite'}", lambda: _AFTER)
    with elasticsearch_node(folder / "node") as node:
        store = open_records(folder, lambda: _AFTER, ElasticSettings((node.url,)), state.shipping)
        try:
            warm = arrived[: len(arrived) // 2]
            _measured(store, "warm", warm)
            figures = _measured(store, "bench", arrived)
            figures["lost"] = len(arrived) + len(warm) - _found(store)
        finally:
            store.close()
            state.close()
    return figures


def _positioned(lines: Sequence[bytes], source: str, first: int) -> list[Line]:
    """Lines as a tail hands them on; a line's number stands for its offset."""
    return [Line(Position(source, offset), data) for offset, data in enumerate(lines, start=first)]


def _measured(store: RecordStore, source: str, arrived: Sequence[bytes]) -> dict[str, object]:
    """Maps and stores, one batch ahead of the other, as the ingest and the core do."""
    mapper = EveMapper(locate=Addresses(build_city(SEED)).locate, clock=lambda: _AFTER)
    actor = Actor.system("bench")
    map_s = store_s = 0.0

    def stored(batch: Batch) -> float:
        began = time.perf_counter()
        store.append(actor, batch)
        return time.perf_counter() - began

    started = time.perf_counter()
    with ThreadPoolExecutor(1) as storing:
        last: Future[float] | None = None
        for sequence, start in enumerate(range(0, len(arrived), BATCH_LINES), start=1):
            began = time.perf_counter()
            events, rejected = mapper.map(_positioned(arrived[start : start + BATCH_LINES], source, start))
            map_s += time.perf_counter() - began
            store_s += last.result() if last else 0.0
            last = storing.submit(stored, Batch(source, "1", sequence, events=tuple(events), rejected=tuple(rejected)))
        store_s += last.result() if last else 0.0
    return {
        "events_per_s": round(len(arrived) / (time.perf_counter() - started)),
        "map_events_per_s": round(len(arrived) / map_s),
        "store_events_per_s": round(len(arrived) / store_s),
    }


def _found(store: RecordStore) -> int:
    day = TimeRange(FIRST - timedelta(days=1), FIRST + timedelta(days=1))
    return sum(store.count(Scope.everything(), EventQuery(day), "event.dataset").values())


def _known(store: RecordStore, arrived: Sequence[bytes]) -> int:
    """Lines a second of which the store learns, by looking into sealed files, that it has them."""
    events, _ = EveMapper(None, lambda: _AFTER).map(_positioned(arrived, "bench", 0))
    began = time.perf_counter()
    store.append(Actor.system("bench"), Batch("bench", "2", 1, events=tuple(events)))
    return round(len(arrived) / (time.perf_counter() - began))
