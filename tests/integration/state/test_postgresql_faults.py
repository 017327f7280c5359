"""PostgreSQL under our feet: restarted, killed, slow, stuck, full of others; each is said, and the next call works."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from wardwatch.bench.postgresql import PostgresqlServer, postgresql_server
from wardwatch.errors import StoreFault, UserError
from wardwatch.model.access import Actor
from wardwatch.model.time import utc_now
from wardwatch.state import StateSettings, open_state
from wardwatch.state.database import Database

AN = Actor("an")
AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(postgresql: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """One of its own, for it is mistreated."""
    with postgresql_server({"max_connections": "12", "superuser_reserved_connections": "3"}) as server:
        server.psql("CREATE ROLE other LOGIN")
        yield server


@pytest.fixture
def url(server: PostgresqlServer) -> str:
    return server.create(uuid.uuid4().hex)


@contextmanager
def opened(url: str, **settings: float) -> Iterator[Database]:
    database = Database(url, utc_now, StateSettings(**settings))  # type: ignore[arg-type]
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def record(database: Database, subject: str) -> None:
    with database.write(AN) as write:
        write.audit("test.write", subject)


def interrupted(database: Database, event: Callable[[], object]) -> None:
    """A write in whose middle something happens."""
    with database.write(AN) as write:
        write.audit("test.write", "undone")
        event()
        write.audit("test.write", "undone too")


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def subjects(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT subject FROM audit_entry ORDER BY sequence")).scalars())


def test_a_server_that_comes_back_is_met_again(server: PostgresqlServer, url: str) -> None:
    state = open_state(url)
    state.audit.record(AN, "test.write", "before", {})
    server.stop()
    for _ in range(2):
        with pytest.raises(StoreFault, match=r"connection.*No such file") as fault:
            state.audit.record(AN, "test.write", "while it is away", {})
        assert "away" in (fault.value.hint or "")
    server.start()
    state.audit.record(AN, "test.write", "after", {})
    assert state.audit.verify() is None
    state.close()


@pytest.mark.parametrize("how", ["orderly", "killed"])
def test_a_server_lost_in_the_middle_of_a_write(server: PostgresqlServer, url: str, how: str) -> None:
    with opened(url) as database:
        record(database, "before")
        with pytest.raises(StoreFault, match="lost its connection") as fault:
            interrupted(database, lambda: server.kill() if how == "killed" else server.stop())
        assert "connects again" in (fault.value.hint or "")
        server.start()
        record(database, "after")
        assert subjects(database) == ["before", "after"]


def test_a_connection_that_somebody_ends(server: PostgresqlServer, url: str) -> None:
    with opened(url) as database:
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(url)}'"
        with pytest.raises(StoreFault, match="terminating connection"):
            interrupted(database, lambda: server.psql(end))
        assert subjects(database) == []


def test_a_writer_that_keeps_its_turn_is_told(url: str) -> None:
    """Another process sleeps with the head in its hands; ours gives up, and works once it is free."""
    other = create_engine(url)
    with opened(url, turn_s=0.3) as database:
        with other.begin() as connection:
            connection.execute(text("SELECT * FROM audit_head FOR UPDATE"))
            with pytest.raises(StoreFault, match="lock timeout") as fault:
                record(database, "in vain")
            assert "turn" in (fault.value.hint or "")
            assert subjects(database) == [], "readers never wait"
        record(database, "after")
        assert subjects(database) == ["after"]
    other.dispose()


def test_a_statement_that_does_not_end(url: str) -> None:
    with opened(url, statement_s=0.3) as database:
        began = time.monotonic()
        with pytest.raises(StoreFault, match="statement timeout"), database.read() as connection:
            connection.execute(text("SELECT pg_sleep(20)"))
        assert time.monotonic() - began < 5
        assert subjects(database) == []


def test_the_pool_is_bounded(server: PostgresqlServer, url: str) -> None:
    together = threading.Barrier(2)
    with opened(url, connections=2) as database:

        def read(number: int) -> int:
            with database.read() as connection:
                if number < 2:
                    together.wait(10)
                connection.execute(text("SELECT pg_sleep(0.02)"))
                return number

        with ThreadPoolExecutor(12) as threads:
            assert sorted(threads.map(read, range(12))) == list(range(12))
        asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name_of(url)}'"
        assert server.psql(asked) == "2"


def test_all_connections_busy_is_said(url: str) -> None:
    with opened(url, connections=1, statement_s=0.5) as database, database.read():
        with pytest.raises(StoreFault, match="QueuePool limit") as fault, database.read():
            pass
        assert "busy" in (fault.value.hint or "")


def test_a_server_without_room_for_us(url: str) -> None:
    others = create_engine(url.replace("postgres@", "other@"), pool_size=20)
    with opened(url) as database, ExitStack() as held:
        database.close()
        server_is_full(others, held)
        with pytest.raises(StoreFault, match=r"too many clients|connection slots") as fault:
            subjects(Database(url.replace("postgres@", "other@"), utc_now))
        assert "max_connections" in (fault.value.hint or "")
    others.dispose()


def server_is_full(engine: Engine, held: ExitStack) -> None:
    with suppress(OperationalError):
        while True:
            held.enter_context(engine.connect())


def test_reads_cannot_write(url: str) -> None:
    with opened(url) as database:
        with pytest.raises(StoreFault, match="read-only transaction"), database.read() as connection:
            connection.execute(text("DELETE FROM account"))
        record(database, "the connection that read writes again")


def test_an_encoding_that_does_not_hold_every_text(server: PostgresqlServer) -> None:
    server.psql("CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0")
    with pytest.raises(UserError, match="encoded in SQL_ASCII"):
        open_state(server.url("ascii"))


def test_a_database_that_is_not_there(server: PostgresqlServer) -> None:
    with pytest.raises(StoreFault, match='"nowhere" does not exist') as fault:
        open_state(server.url("nowhere"))
    assert "operations.md" in (fault.value.hint or "")
