"""A snapshot of the embedded store while batches come, hours are sealed and old files go."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from wardwatch.ecs import event_of
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch, Event, Position, SourceProgress
from wardwatch.model.time import TimeRange
from wardwatch.records.embedded.store import EmbeddedRecordStore
from wardwatch.records.settings import RecordSettings

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NOW = AT + timedelta(hours=5)
CORE = Actor.system("core")
QUERY = EventQuery(TimeRange(AT - timedelta(days=1), AT + timedelta(days=1)), limit=10_000)


def opened(folder: Path) -> EmbeddedRecordStore:
    return EmbeddedRecordStore.open(folder, lambda: NOW, RecordSettings())


def batch(sequence: int, at: datetime) -> Batch:
    first = sequence * 100
    document = {"event": {"kind": "event", "dataset": "x"}}
    events: tuple[Event, ...] = tuple(
        event_of(Position("eve", n), at, (), {**document, "n": n}, str(n)) for n in range(first, first + 100)
    )
    progress = (SourceProgress("eve", first + 100, "/eve.json", "f"),)
    return Batch("edge", "epoch", sequence, events=events, progress=progress)


def offsets(store: EmbeddedRecordStore) -> list[int]:
    return sorted(item.position.offset for item in store.events(Scope.everything(), QUERY).items)


def test_it_is_the_store_of_that_instant(tmp_path: Path) -> None:
    store, copy = opened(tmp_path / "records"), tmp_path / "copy"
    store.append(CORE, batch(1, AT))
    assert store.seal(NOW) == 100
    store.append(CORE, batch(2, NOW))
    before = offsets(store)
    snapshot = store.snapshot()
    store.append(CORE, batch(3, NOW))
    store.seal(NOW + timedelta(hours=5))
    assert store.retain(NOW + timedelta(days=500)) == 2, "the file of the snapshot goes as well"
    copy.mkdir()
    rows = snapshot.write(copy)
    snapshot.close()
    assert rows["event"] == 200
    assert offsets(store) == []
    store.append(CORE, batch(4, NOW))
    store.close()
    assert not list((tmp_path / "records").glob("kept-*"))
    restored = opened(copy)
    assert offsets(restored) == before == list(range(100, 300))
    assert restored.committed("edge", "epoch") == 2
    assert [each.offset for each in restored.sources()] == [300]
    assert restored.append(CORE, batch(2, NOW)).already_committed
    restored.append(CORE, batch(3, NOW))
    restored.seal(NOW + timedelta(hours=5))
    assert offsets(restored) == list(range(100, 400))
    restored.close()


def test_what_an_interrupted_one_left_is_swept(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.append(CORE, batch(1, AT))
    store.seal(NOW)
    store.snapshot()
    assert list(tmp_path.glob("kept-*"))
    store.close()
    again = opened(tmp_path)
    assert not list(tmp_path.glob("kept-*"))
    assert offsets(again) == list(range(100, 200))
    again.close()
