"""What SQLite and PostgreSQL do differently, in one place."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, event
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

WRITES = "wardwatch_writes"
"""Execution option of a connection that is going to write."""

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "trusted_schema=OFF")


def prepare(url: URL) -> None:
    """Makes the folder of an SQLite file."""
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def adapt(engine: Engine) -> None:
    """SQLite: durable commits, checked foreign keys, and transactions that begin when we say so. A write takes the
    lock at its beginning, so that it never fails half-way because another one wrote meanwhile."""
    if engine.dialect.name != "sqlite":
        return

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


def snapshot(connection: Connection) -> Connection:
    """The connection for one transaction that sees one state of the database: SQLite's do so by themselves."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ")
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
