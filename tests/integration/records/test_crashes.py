"""The embedded store when the machine is unkind: killed while sealing, locked, damaged, its disk full."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wardwatch.ecs import event_of
from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor, Scope
from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.queries import EventQuery, LatestQuery
from wardwatch.model.records import Batch, Event, Position
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordStore
from wardwatch.records import open_records

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PLAIN = {"event": {"kind": "event", "dataset": "x"}}
NOW = AT + timedelta(hours=5)
ALL = Scope.everything()
QUERY = EventQuery(TimeRange(AT - timedelta(days=9), AT + timedelta(days=9)), limit=10_000)
POWER_CUT = 99
EVENTS = 500
DAYS = 2


def child(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def open_here(folder: Path) -> RecordStore:
    return open_records(folder, lambda: NOW)


def check_whole(store: RecordStore) -> None:
    """Everything acknowledged is there, each once."""
    found = Counter(item.position.offset for item in store.events(ALL, QUERY).items)
    assert found == dict.fromkeys(range(EVENTS), 1)
    assert sum(store.count(ALL, QUERY, "event.dataset").values()) == EVENTS
    for measurement in ("interface", "device"):
        assert len(store.latest(ALL, LatestQuery(measurement, AT))) == 1


@pytest.mark.parametrize("step", ["file not synced", "before rename", "after rename", "before commit", "nowhere"])
def test_a_kill_while_sealing_loses_and_doubles_nothing(tmp_path: Path, step: str) -> None:
    for _ in range(2):
        assert child("crash_while_sealing.py", str(tmp_path), step).returncode == POWER_CUT
    store = open_here(tmp_path)
    try:
        check_whole(store)
        listed = {path.name for path in (tmp_path / "sealed").iterdir()}
        assert not [name for name in listed if name.endswith(".aside")]
        assert bool(listed) == (step == "nowhere")
        store.seal(NOW)
        check_whole(store)
        sealed = len(list((tmp_path / "sealed").iterdir()))
        assert sealed == DAYS + len(MEASUREMENTS)
        assert store.append(Actor.system("core"), Batch("edge", "epoch", 2, events=events(3))).duplicates == 3
    finally:
        store.close()


def events(count: int, size: int = 0) -> tuple[Event, ...]:
    return tuple(event_of(Position("eve", n), AT, (), {**PLAIN, "n": n}, f"{n}".ljust(size)) for n in range(count))


def test_a_store_that_another_process_has_open_names_it(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, str(HERE / "hold_open.py"), str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreFault, match=f"PID {holder.pid}") as fault:
            open_here(tmp_path)
        assert "another process" in str(fault.value)
    finally:
        holder.communicate("")
    open_here(tmp_path).close()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "hot.duckdb").write_bytes(b"nothing of DuckDB" * 1000)
    with pytest.raises(StoreFault, match=r"hot\.duckdb.*not a valid DuckDB") as fault:
        open_here(tmp_path)
    assert "backup" in str(fault.value)


def test_a_lost_hot_file_does_not_take_the_sealed_ones_with_it(tmp_path: Path) -> None:
    child("crash_while_sealing.py", str(tmp_path), "nowhere")
    for name in ("hot.duckdb", "hot.duckdb.wal"):
        (tmp_path / name).unlink(missing_ok=True)
    sealed = sorted((tmp_path / "sealed").iterdir())
    with pytest.raises(StoreFault, match="unknown to the manifest"):
        open_here(tmp_path)
    assert sorted((tmp_path / "sealed").iterdir()) == sealed


def test_a_damaged_sealed_file_is_named(tmp_path: Path) -> None:
    child("crash_while_sealing.py", str(tmp_path), "nowhere")
    for path in (tmp_path / "sealed").glob("event-*"):
        path.write_bytes(path.read_bytes()[:200])
    store = open_here(tmp_path)
    try:
        with pytest.raises(StoreFault, match=r"event-.*parquet"):
            store.events(ALL, QUERY)
    finally:
        store.close()


def test_a_full_disk_is_said_in_words_and_loses_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: both fail the write of the log."""
    told = child("fill_disk.py", str(tmp_path))
    assert told.returncode == 0, told.stderr
    acknowledged, fault, again = told.stdout.strip().splitlines()
    assert "free space" in fault
    assert again == "stored after space was freed"
    store = open_here(tmp_path)
    try:
        assert store.committed("edge", "epoch") == int(acknowledged) + 1
        assert len(store.events(ALL, QUERY).items) == (int(acknowledged) + 1) * 100
    finally:
        store.close()
