"""Opening: the schema is the one the code expects, and what cannot be opened is said in words."""

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from wardwatch.errors import StoreFault, UserError
from wardwatch.model.access import Actor
from wardwatch.state import open_state
from wardwatch.state.tables import metadata


def test_the_migrations_make_the_tables_of_the_code(engine: Any, state: Any) -> None:
    database = create_engine(engine.url)
    with database.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    database.dispose()
    assert differences == []


def test_the_migrations_go_down_and_up_again(engine: Any, state: Any) -> None:
    state.audit.record(Actor("an"), "x", "y", {})
    config = Config()
    config.set_main_option("script_location", "wardwatch.state:migrations")
    database = create_engine(engine.url)
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with database.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    database.dispose()
    assert engine.restart().audit.verify() is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"this is something else altogether" * 200)
    with pytest.raises(StoreFault, match="not a database") as fault:
        open_state(f"sqlite:///{path}")
    assert "backup" in str(fault.value)
    assert str(path) in str(fault.value)


def test_a_newer_schema_is_refused(engine: Any, state: Any) -> None:
    database = create_engine(engine.url)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.dispose()
    with pytest.raises(StoreFault, match="another version"):
        open_state(engine.url)


@pytest.mark.parametrize("url", ["nonsense", "oracle+nothing://x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UserError, match="address"):
        open_state(url)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreFault, match="folder"):
        open_state(f"sqlite:///{tmp_path / 'file' / 'sub' / 'state.sqlite'}")
