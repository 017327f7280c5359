"""The whole state store as files, a table each, and back: the same for every engine, so that an installation that has
grown out of SQLite moves to PostgreSQL by a backup and a restore.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from sqlalchemy import (
    JSON,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)

from wardwatch.errors import StoreFault, UserError
from wardwatch.model.time import Clock
from wardwatch.row_files import SUFFIX, RowFile, read_rows
from wardwatch.state import dialects, tables
from wardwatch.state.database import Database, move_schema
from wardwatch.state.settings import StateSettings

REVISION = "revision"
_AT_ONCE = 1000
_BOOK = "alembic_version"


class SqlSnapshot:
    """`wardwatch.ports.Snapshot` of the state store: one transaction that sees the instant it was made at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._held = ExitStack()
        self._connection = self._held.enter_context(database.read())
        # A transaction sees the instant of its first question, not that of its beginning.
        with database.faults():
            self._revision = self._connection.execute(text(f"SELECT version_num FROM {_BOOK}")).scalar_one()

    def write(self, folder: Path) -> dict[str, int]:
        with self._database.faults():
            rows = {table.name: self._write(table, folder) for table in tables.metadata.sorted_tables}
        (folder / REVISION).write_text(f"{self._revision}\n", encoding="ascii")
        return rows

    def close(self) -> None:
        self._held.close()

    def _write(self, table: Table, folder: Path) -> int:
        """The names of the columns, then the rows in the order of their key."""
        ordered = select(table).order_by(*table.primary_key)
        with RowFile(folder / f"{table.name}{SUFFIX}") as file:
            file.add(orjson.dumps([column.name for column in table.columns]))
            for row in self._connection.execution_options(yield_per=_AT_ONCE).execute(ordered):
                file.add(orjson.dumps(tuple(row)))
        return file.rows - 1


def load_state(
    url: str, clock: Clock, settings: StateSettings, folder: Path, rows: Mapping[str, int], replace: bool
) -> None:
    """Fills the database at a URL with what a snapshot wrote, in one transaction, and brings it to the newest schema.

    Raises `UserError` where it holds an installation already, unless that is to be replaced, and `StoreFault` where
    the files hold something else than so many rows a table.
    """
    database = Database(url, clock, settings)
    try:
        with database.faults(), database.writing() as connection:
            dialects.take_schema_turn(connection)
            _empty(connection, replace)
            move_schema(connection, command.upgrade, (folder / REVISION).read_text(encoding="ascii").strip())
            _load(connection, folder, rows)
            move_schema(connection, command.upgrade, "head")
    finally:
        database.close()


def _is_used(connection: Connection) -> bool:
    if not inspect(connection).has_table(tables.audit_head.name):
        return False
    return bool(connection.execute(select(func.max(tables.audit_head.c.sequence))).scalar())


def _empty(connection: Connection, replace: bool) -> None:
    if _is_used(connection) and not replace:
        raise UserError("the database of the state store holds an installation", "add --replace to overwrite it")
    if inspect(connection).has_table(_BOOK):
        move_schema(connection, command.downgrade, "base")


def _load(connection: Connection, folder: Path, rows: Mapping[str, int]) -> None:
    """The tables as the revision of the files has them, not as this version would have them."""
    found = MetaData()
    found.reflect(connection)
    order = [table for table in found.sorted_tables if table.name != _BOOK]
    unknown = rows.keys() - {table.name for table in order}
    if unknown:
        raise StoreFault(f"the backup holds tables that its schema has not: {', '.join(sorted(unknown))}")
    for table in order:
        # The first revision puts a row each into the head of the chain and the version of the inventory.
        if table.name != tables.audit_entry.name:
            connection.execute(delete(table))
    for table in order:
        loaded, expected = _load_table(connection, table, folder / f"{table.name}{SUFFIX}"), rows.get(table.name)
        if loaded != expected:
            raise StoreFault(f"the backup holds {loaded} rows of {table.name} where there were {expected}")
        _go_on_counting(connection, table)


def _load_table(connection: Connection, table: Table, file: Path) -> int:
    lines = read_rows(file)
    names = orjson.loads(next(lines, b"[]"))
    kinds = [table.columns[name].type for name in names]
    count = 0
    while part := [dict(zip(names, _values(kinds, line), strict=True)) for line in islice(lines, _AT_ONCE)]:
        connection.execute(insert(table), part)
        count += len(part)
    return count


def _values(kinds: Iterable[Any], line: bytes) -> Iterator[Any]:
    for kind, value in zip(kinds, orjson.loads(line), strict=True):
        if value is not None and isinstance(kind, DateTime):
            yield datetime.fromisoformat(value)
        elif value is not None and isinstance(kind, Date):
            yield date.fromisoformat(value)
        elif value is None and isinstance(kind, JSON):
            # JSON's own null, as `tables` writes it.
            yield JSON.NULL
        else:
            yield value


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers rows from a sequence, which does not follow what is put in with its number."""
    numbered = [column for column in table.primary_key if isinstance(column.type, Integer)]
    if connection.dialect.name != "postgresql" or len(numbered) != 1:
        return
    (column,) = numbered
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": f'"{table.name}"', "column": column.name}
    ).scalar()
    if sequence is not None:
        last = connection.execute(select(func.max(column))).scalar() or 0
        connection.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :next, false)"), {"sequence": sequence, "next": last + 1}
        )
