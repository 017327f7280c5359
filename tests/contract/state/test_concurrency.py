"""Several writers at once, in threads and in processes: one after the other, and nothing lost between them."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from wardwatch.model.access import Actor, Scope
from wardwatch.model.edges import Edge
from wardwatch.model.time import TimeRange
from wardwatch.state import open_state
from wardwatch.state.database import Database
from wardwatch.state.tables import audit_entry

ALL = Scope.everything()
AGES = TimeRange(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
PROCESSES, THREADS, WRITES = 3, 4, 10

WRITER = """
import sys
from datetime import UTC, datetime
from wardwatch.model.access import Actor
from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.state import open_state

url, name, writes = sys.argv[1], sys.argv[2], int(sys.argv[3])
state = open_state(url)
at = datetime(2026, 3, 2, tzinfo=UTC)
for number in range(writes):
    state.audit.record(Actor(name), "test.write", str(number), {})
    incident = Incident(
        id=f"{name}-{number}", number=0, namespace="default", title=Words("một", "one"), state=IncidentState.OPEN,
        severity=Severity.LOW, unit=None, units=(), devices=(), services=(), techniques=(),
        opened_at=at, updated_at=at, version=1,
    )
    state.incidents.save(Actor(name), incident, [])
state.close()
"""


def started(url: str, name: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", WRITER, url, name, str(WRITES)], stderr=subprocess.PIPE)


def test_processes_and_threads_take_turns(engine: Any, state: Any) -> None:
    processes = [started(engine.url, f"p{number}") for number in range(PROCESSES)]

    def write(thread: int) -> None:
        for number in range(WRITES):
            state.audit.record(Actor(f"t{thread}"), "test.write", str(number), {})

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(write, range(THREADS)))
    for process in processes:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint.decode()
    assert state.audit.verify() is None
    entries = state.audit.entries(ALL, AGES, 10_000)
    assert len(entries) == PROCESSES * WRITES * 2 + THREADS * WRITES
    with Database(engine.url, engine.clock).read() as connection:
        numbers = sorted(connection.exec_driver_sql("SELECT number FROM incident").scalars())
    assert numbers == list(range(1, PROCESSES * WRITES + 1))


def test_several_open_an_empty_database_at_once(engine: Any, state: Any) -> None:
    url = engine.another()
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(lambda _: open_state(url), range(4)))
    for number, store in enumerate(stores):
        store.audit.record(Actor("an"), "test.write", str(number), {})
    assert stores[0].audit.verify() is None
    for store in stores:
        store.close()


def test_reading_is_on_one_snapshot(engine: Any, state: Any) -> None:
    database = Database(engine.url, engine.clock)
    count = select(func.count()).select_from(audit_entry)
    with database.read() as connection:
        before = connection.scalar(count)
        state.audit.record(Actor("an"), "test.write", "meanwhile", {})
        assert connection.scalar(count) == before
    with database.read() as connection:
        assert connection.scalar(count) == (before or 0) + 1
    database.close()


def test_what_fails_leaves_nothing(engine: Any, state: Any) -> None:
    database = Database(engine.url, engine.clock)
    try:
        with database.write(Actor("an")) as write:
            write.audit("test.write", "undone")
            raise KeyError("in the middle")
    except KeyError:
        pass
    assert state.audit.entries(ALL, AGES, 10) == []
    assert state.audit.verify() is None
    database.close()


def test_hostile_text_is_kept_and_the_chain_holds(state: Any) -> None:
    entry = state.audit.record(Actor("a\0n", "10.0.0.9"), "test\0", "half \ud83d of a pair", {"k": "nul \0 \ud83d"})
    (stored,) = state.audit.entries(ALL, AGES, 10)
    assert stored == entry
    assert (stored.actor, stored.subject) == ("a\ufffdn", "half \ufffd of a pair")
    assert state.audit.verify() is None
    assert state.accounts.user("an\0\ud83d") is None


def test_the_order_is_that_of_code_points(engine: Any, state: Any) -> None:
    for number, name in enumerate(["đống-đa", "b", "ă", "Z", "a-1", "a1", "dz"]):
        state.edges.add(Actor("an"), Edge(name, f"z{number}", "hash", engine.clock() + timedelta(seconds=number)))
    names = [edge.name for edge in state.edges.edges(ALL)]
    assert names == sorted(names)
