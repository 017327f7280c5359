"""What SQLite and PostgreSQL do differently, in one place."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from wardwatch.errors import UserError
from wardwatch.state.settings import StateSettings

WRITES = "wardwatch_writes"
"""Execution option of a connection that is going to write."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "trusted_schema=OFF")
_LOOPBACK = frozenset({None, "", "127.0.0.1", "::1", "localhost"})
_SCHEMA_TURN = 0x57415244
"""The advisory lock of who changes the schema: two processes may open an empty database at once."""
_SCHEMA_TURN_S = 120


def engine_of(url: URL, settings: StateSettings) -> Engine:
    """The engine, which connects at its first use. Raises `OSError` when an SQLite file's folder cannot be made."""
    if url.get_backend_name() == "postgresql":
        return _postgresql(url, settings)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        _adapt(engine)
    return engine


def _adapt(engine: Engine) -> None:
    """SQLite: durable commits, checked foreign keys, and transactions that begin when we say so. A write takes the
    lock at its beginning, so that it never fails half-way because another one wrote meanwhile."""

    @event.listens_for(engine, "connect")
    def connected(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        # The driver's own transactions begin before the first INSERT only; None leaves them to us.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(url: URL, settings: StateSettings) -> Engine:
    """PostgreSQL: a bounded pool whose connections are tried before use, so that a restarted server is met again; what
    waits for a lost server or a stuck statement ends. What the server's own defaults say does not matter."""
    options = {
        "statement_timeout": round(settings.statement_s * 1000),
        "lock_timeout": round(settings.turn_s * 1000),
        "idle_in_transaction_session_timeout": round(settings.statement_s * 2000),
        "default_transaction_isolation": r"read\ committed",
        "synchronous_commit": "on",
        "timezone": "UTC",
    }
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=settings.connections,
        max_overflow=0,
        pool_timeout=settings.statement_s,
        connect_args={
            "application_name": "wardwatch",
            "client_encoding": "utf8",
            "connect_timeout": settings.connect_s,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": round(settings.statement_s * 1000),
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            **_proof(url, settings),
        },
    )
    password = settings.password
    if password is not None:

        @event.listens_for(engine, "do_connect")
        def connecting(dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
            parameters["password"] = password()

    return engine


def _proof(url: URL, settings: StateSettings) -> Mapping[str, str]:
    """What the server must prove before it is told anything: over a network that it is the one of the URL."""
    if settings.ca is not None:
        return {"sslmode": "verify-full", "sslrootcert": str(settings.ca)}
    if url.host in _LOOPBACK:
        return {}
    return {"sslmode": "verify-full", "sslrootcert": "system"}


def take_schema_turn(connection: Connection) -> None:
    """Waits until no other process changes the schema; SQLite's writers take turns anyway. Raises `UserError` for a
    database that cannot hold every text."""
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise UserError(
            f"the database of the state store is encoded in {encoding}",
            "make one that holds every text: CREATE DATABASE wardwatch ENCODING 'UTF8' TEMPLATE template0",
        )
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_SCHEMA_TURN_S * 1000}")
    connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _SCHEMA_TURN})


def snapshot(connection: Connection) -> Connection:
    """The connection for one transaction that sees one state of the database: SQLite's do so by themselves."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return connection


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows; a row whose primary key is there replaces it."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    values = [name for name in rows[0] if name not in keys]
    if connection.dialect.name == "postgresql":
        newer = postgresql_insert(table)
        statement = newer.on_conflict_do_update(
            index_elements=keys, set_={name: newer.excluded[name] for name in values}
        )
        connection.execute(statement, list(rows))
    else:
        new = sqlite_insert(table)
        connection.execute(
            new.on_conflict_do_update(index_elements=keys, set_={name: new.excluded[name] for name in values}),
            list(rows),
        )
