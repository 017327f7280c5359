"""EVE lines into both engines: mapped, enriched with the demo city, appended durably; the embedded one seals them."""

import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from collectors.suricata.mapper import EveMapper
from wardwatch.bench import machine, rsyslog
from wardwatch.bench.elasticsearch_node import ElasticsearchNode, elasticsearch_node, is_prepared
from wardwatch.bench.eve_lines import FIRST
from wardwatch.bench.pipeline import Work, measured, positioned
from wardwatch.bench.real_lines import lines_for
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordStore
from wardwatch.records import ElasticSettings, open_records
from wardwatch.state import open_state

SEED = 20260302
LINES = 107_240
BATCH_LINES = 4000
HEAP = "2g"
WARMING = 2
_AFTER = FIRST + timedelta(hours=6)


def run(lines: int = LINES, folder: Path | None = None, *, elastic: bool = False) -> dict[str, object]:
    """Measures with so many lines, in `folder` or one that is removed again; with `elastic` into a real node as well,
    warmed up by the same lines twice (until then the server compiles itself), and Debian's rsyslog into the same node
    after it.

    `events_per_s` is the wall time from line to durable append, where one process maps the next batch while another one
    stores the last; `map_cpu_us` and `store_cpu_us` are the CPU time an event of either; `bytes_per_event` is what the
    sealed files take. `lines_from` says whether the lines are real.
    """
    lines_from, arrived = lines_for(lines, SEED)
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-", dir=folder) as scratch:
        results: dict[str, object] = {"embedded": _embedded(Path(scratch) / "embedded", arrived)}
        if elastic:
            results |= _on_node(Path(scratch), arrived)
    return {"lines": lines, "lines_from": lines_from, "seed": SEED, "machine": machine.describe(), "results": results}


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


def _on_node(scratch: Path, arrived: Sequence[bytes]) -> dict[str, object]:
    """WardWatch and rsyslog into one node, one after the other: the second meets a server that is as warm or warmer."""
    if not is_prepared():
        skipped = {"skipped": "there is no Java or no Elasticsearch: run make engines"}
        return {"elasticsearch": skipped, "rsyslog": skipped}
    with elasticsearch_node(scratch / "node", HEAP) as node:
        return {
            "elasticsearch": _elasticsearch(scratch / "elasticsearch", node, arrived),
            "rsyslog": _rsyslog(scratch / "rsyslog", node, arrived),
        }


def _elasticsearch(folder: Path, node: ElasticsearchNode, arrived: Sequence[bytes]) -> dict[str, object]:
    folder.mkdir()
    state = open_state(f"sqlite:///{folder / 'state.sqlite'}", lambda: _AFTER)
    store = open_records(folder, lambda: _AFTER, ElasticSettings((node.url,)), state.shipping)
    try:
        for turn in range(WARMING):
            _measured(store, f"warm-{turn}", arrived)
        figures = _measured(store, "bench", arrived)
        figures["lost"] = len(arrived) * (WARMING + 1) - _found(store)
    finally:
        store.close()
        state.close()
    return figures


def _rsyslog(folder: Path, node: ElasticsearchNode, arrived: Sequence[bytes]) -> dict[str, object]:
    if not rsyslog.is_there():
        return {"skipped": "there is no rsyslog with omelasticsearch: run make system"}
    folder.mkdir()
    lines = folder / "eve.json"
    lines.write_bytes(b"\n".join(arrived) + b"\n")
    return rsyslog.measure(lines, len(arrived), node.port, folder / "run")


def _measured(store: RecordStore, source: str, arrived: Sequence[bytes]) -> dict[str, object]:
    return measured(store, Work(source, arrived, BATCH_LINES, SEED, _AFTER))


def _found(store: RecordStore) -> int:
    day = TimeRange(FIRST - timedelta(days=1), FIRST + timedelta(days=1))
    return sum(store.count(Scope.everything(), EventQuery(day), "event.dataset").values())


def _known(store: RecordStore, arrived: Sequence[bytes]) -> int:
    """Lines a second of which the store learns, by looking into sealed files, that it has them."""
    events, _ = EveMapper(None, lambda: _AFTER).map(positioned(arrived, "bench", 0))
    began = time.perf_counter()
    store.append(Actor.system("bench"), Batch("bench", "2", 1, events=tuple(events)))
    return round(len(arrived) / (time.perf_counter() - began))
