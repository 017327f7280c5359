"""The ingest component: order, acknowledgement before progress, resumption; and imports into the real record store."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.suricata.generation import ReadLimits
from collectors.suricata.import_file import import_file
from collectors.suricata.ingest import IngestSettings, SuricataIngest
from collectors.suricata.mapper import EveMapper
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.errors import StoreFault, UserError
from wardwatch.model.access import Actor
from wardwatch.model.records import AppendResult, Batch, Event, Rejected, SourceProgress
from wardwatch.records import open_records

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ACTOR = Actor.system("test")


def record(number: int) -> str:
    return f'{{"timestamp":"2026-01-01T00:00:00.{number:06d}+0000","event_type":"dns","flow_id":{number}}}'


class Delivered:
    """A sink that keeps what it was given and can be away for a while."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.events: list[Event] = []
        self.rejected: list[Rejected] = []
        self.read: Counter[str] = Counter()
        self.progress: dict[str, SourceProgress] = {}
        self._calls = 0
        self._fail_at = fail_at

    async def __call__(self, batch: Batch) -> None:
        self._calls += 1
        if self._calls == self._fail_at:
            raise StoreFault("the disk is full")
        await asyncio.sleep(0)
        self.events += batch.events
        self.rejected += batch.rejected
        self.read.update(batch.read)
        self.progress |= {item.source: item for item in batch.progress}


def component(folder: Path, sink: Delivered, known: Sequence[SourceProgress] = ()) -> SuricataIngest:
    tail = EveTail(TailSettings(folder, limits=ReadLimits(lines=3)))
    tail.open(known)
    return SuricataIngest(IngestSettings(), tail, EveMapper(None, lambda: NOW), sink)


def test_everything_is_delivered_in_order_and_bad_lines_are_counted(tmp_path: Path) -> None:
    rows = [record(number) for number in range(10)]
    (tmp_path / "eve.json").write_text("\n".join([*rows[:4], "broken", *rows[4:]]) + "\n")
    sink = Delivered()
    ingest = component(tmp_path, sink)
    assert asyncio.run(ingest.drain()) == 11
    assert [event.original for event in sink.events] == rows
    assert sink.rejected[0].original == "broken"
    assert sink.read == {sink.events[0].position.source: 11}
    status = ingest.status()
    assert (status.events, status.rejected, status.tail.lag_bytes) == (10, 1, 0)


def test_what_was_not_acknowledged_is_read_again_after_a_restart(tmp_path: Path) -> None:
    rows = [record(number) for number in range(10)]
    (tmp_path / "eve.json").write_text("\n".join(rows) + "\n")
    broken = Delivered(fail_at=4)
    with pytest.raises(StoreFault):
        asyncio.run(component(tmp_path, broken).drain())
    assert len(broken.events) == 6
    sink = Delivered()
    asyncio.run(component(tmp_path, sink, list(broken.progress.values())).drain())
    assert [event.original for event in broken.events + sink.events] == rows
    assert {event.position.source for event in broken.events + sink.events} == set(sink.progress)


def test_running_component_polls_until_it_is_left(tmp_path: Path) -> None:
    eve = tmp_path / "eve.json"
    sink = Delivered()
    looks = 0

    async def run() -> None:
        left = asyncio.Event()

        async def sleep(seconds: float) -> None:
            nonlocal looks
            looks += 1
            if looks == 1:
                eve.write_text(record(1) + "\n")
            elif sink.events:
                left.set()
            await asyncio.sleep(0)

        tail = EveTail(TailSettings(tmp_path))
        tail.open(())
        async with SuricataIngest(IngestSettings(), tail, EveMapper(None, lambda: NOW), sink, sleep):
            await asyncio.wait_for(left.wait(), 5)

    asyncio.run(run())
    assert len(sink.events) == 1


def test_a_second_import_stores_nothing(tmp_path: Path) -> None:
    file = tmp_path / "old.json"
    file.write_text("\n".join([record(1), record(1), "broken", record(2)]))
    store = open_records(tmp_path / "records", lambda: NOW)
    numbers = itertools.count(1)

    def append(batch: Batch) -> AppendResult:
        return store.append(ACTOR, replace(batch, edge="import", epoch="1", sequence=next(numbers)))

    try:
        first = import_file(file, EveMapper(None, lambda: NOW), append, timer=lambda: 0.0)
        second = import_file(file, EveMapper(None, lambda: NOW), append, timer=lambda: 0.0)
    finally:
        store.close()
    assert (first.read, first.stored, first.duplicates, first.rejected) == (4, 3, 0, 1)
    assert (second.read, second.stored, second.duplicates, second.rejected) == (4, 0, 3, 1)


def test_importing_a_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"missing\.json: there is no such file"):
        import_file(tmp_path / "missing.json", EveMapper(None, lambda: NOW), lambda batch: AppendResult())
