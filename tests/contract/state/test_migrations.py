"""Every revision up and down on each engine, with rows in the tables: a way back leaves no trace."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy import inspect as look_at

from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor
from wardwatch.state import open_state

Schema = dict[str, Any]


def script() -> Config:
    config = Config()
    config.set_main_option("script_location", "wardwatch.state:migrations")
    return config


REVISIONS = [revision.revision for revision in ScriptDirectory.from_config(script()).walk_revisions()][::-1]


@pytest.fixture
def empty(engine: Any) -> Iterator[Engine]:
    """A database that nobody has opened."""
    database = create_engine(engine.another())
    yield database
    database.dispose()


def moved(database: Engine, way: Any, revision: str) -> None:
    config = script()
    with database.begin() as connection:
        config.attributes["connection"] = connection
        way(config, revision)


def schema(database: Engine) -> Schema:
    """Everything that a revision can make: tables with their columns, keys and indexes, triggers, functions."""
    with database.connect() as connection:
        found = look_at(connection)
        tables = {
            name: {
                "columns": sorted(
                    (column["name"], str(column["type"]), column["nullable"], str(column["default"]))
                    for column in found.get_columns(name)
                ),
                "key": found.get_pk_constraint(name),
                "references": sorted(map(repr, found.get_foreign_keys(name))),
                "indexes": sorted(map(repr, found.get_indexes(name))),
            }
            for name in found.get_table_names()
        }
        return {"tables": tables, "more": more(connection)}


def more(connection: Connection) -> list[Any]:
    if connection.dialect.name == "sqlite":
        statement = "SELECT type, name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index') ORDER BY name"
    else:
        statement = (
            "SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL"
            " SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace UNION ALL"
            " SELECT 'sequence', relname, '' FROM pg_class WHERE relkind = 'S'"
            " AND relnamespace = 'public'::regnamespace ORDER BY 2"
        )
    return [tuple(row) for row in connection.execute(text(statement))]


def rows(database: Engine) -> dict[str, list[tuple[Any, ...]]]:
    metadata = MetaData()
    with database.connect() as connection:
        metadata.reflect(connection)
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in metadata.sorted_tables
            if table.name != "alembic_version"
        }


def test_each_revision_goes_up_down_and_up_with_rows_in_the_tables(
    empty: Engine, fill: Callable[[Engine], None]
) -> None:
    way = [schema(empty)]
    for revision in REVISIONS:
        before = rows(empty)
        moved(empty, command.upgrade, revision)
        made = schema(empty)
        fill(empty)
        # Old rows are as they were, in the columns that the older schema had.
        assert {name: len(rows(empty)[name]) for name in before} == {name: len(kept) for name, kept in before.items()}
        moved(empty, command.downgrade, REVISIONS[len(way) - 2] if len(way) > 1 else "base")
        assert without_book(schema(empty)) == without_book(way[-1]), f"the way back from {revision} leaves a trace"
        assert rows(empty) == before
        moved(empty, command.upgrade, revision)
        assert schema(empty) == made
        fill(empty)
        way.append(made)
    for revision, expected in zip(["base", *REVISIONS[:-1]][::-1], way[:-1][::-1], strict=True):
        moved(empty, command.downgrade, revision)
        assert without_book(schema(empty)) == without_book(expected)


def without_book(found: Schema) -> Schema:
    """Alembic's own table stays when everything is gone."""
    return {**found, "tables": {name: table for name, table in found["tables"].items() if name != "alembic_version"}}


def test_an_old_database_is_brought_up_when_it_is_opened(engine: Any) -> None:
    url = engine.another()
    database = create_engine(url)
    moved(database, command.upgrade, REVISIONS[0])
    database.dispose()
    state = open_state(url, engine.clock)
    state.audit.record(Actor("an"), "x", "y", {})
    assert state.audit.verify() is None
    state.close()


def test_a_failed_revision_changes_nothing(engine: Any, empty: Engine) -> None:
    """A table of somebody else is in the way of the last revision: the steps before it are undone as well."""
    moved(empty, command.upgrade, REVISIONS[0])
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE ledger (day integer)"))
    before = schema(empty)
    with pytest.raises(StoreFault, match="already exists"):
        open_state(empty.url.render_as_string(hide_password=False))
    assert schema(empty) == before
