"""The state store's engines. A new engine is one more entry in ENGINES; every test of this folder then runs on it."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Connection, Date, DateTime, Integer, MetaData, Table, text
from sqlalchemy import Engine as Database

from wardwatch.ports import StateStore
from wardwatch.state import open_state

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

ENGINES: dict[str, Callable[[Path, pytest.FixtureRequest], str]] = {
    "postgresql": lambda folder, request: request.getfixturevalue("postgresql").create(uuid.uuid4().hex),
    "sqlite": lambda folder, request: f"sqlite:///{folder / uuid.uuid4().hex}.sqlite",
}
"""What makes the URL of another empty database."""


class Clock:
    """A clock that goes on by a second each time it is asked."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Engine:
    """Opens the store under test, and opens it again as after a restart."""

    def __init__(self, another: Callable[[], str]) -> None:
        self.another = another
        self.url = another()
        self.clock = Clock()
        self.store = open_state(self.url, self.clock)

    def restart(self) -> StateStore:
        self.store.close()
        self.store = open_state(self.url, self.clock)
        return self.store


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(lambda: ENGINES[request.param](tmp_path, request))
    yield engine
    engine.store.close()


@pytest.fixture
def state(engine: Engine) -> StateStore:
    return engine.store


@pytest.fixture(params=sorted(ENGINES))
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """What makes the URL of an empty database on one engine after the other."""
    return lambda: ENGINES[request.param](tmp_path, request)


@pytest.fixture
def fill() -> Callable[[Database], None]:
    """Puts a row into each table that has none."""
    return fill_tables


def fill_tables(database: Database) -> None:
    """A row in each table that has none."""
    metadata = MetaData()
    with database.begin() as connection:
        metadata.reflect(connection)
        for table in metadata.sorted_tables:
            if table.name != "alembic_version" and not counted(connection, table):
                row = {column.name: value_of(connection, column) for column in table.columns}
                connection.execute(table.insert().values(row))


def value_of(connection: Connection, column: Column[Any]) -> Any:
    for reference in column.foreign_keys:
        return connection.execute(reference.column.table.select()).mappings().first()[reference.column.name]  # type: ignore[index]
    known: tuple[tuple[type, Any], ...] = (
        (Boolean, True),
        (DateTime, datetime(2026, 3, 2, tzinfo=UTC)),
        (Date, date(2026, 3, 2)),
        (Integer, 7),
        (JSON, {"a": ["đ"]}),
    )
    return next((value for kind, value in known if isinstance(column.type, kind)), "đống đa")


def counted(connection: Connection, table: Table) -> int:
    return int(connection.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar() or 0)
