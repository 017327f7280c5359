"""A store whose file could not be opened again after a fatal error goes on when it can."""

from pathlib import Path

import pytest

from wardwatch.errors import StoreFault
from wardwatch.records.embedded.database import Database
from wardwatch.records.settings import DEFAULTS


def test_a_store_that_could_not_be_opened_again_is_tried_again(tmp_path: Path) -> None:
    database = Database(tmp_path / "hot.duckdb", DEFAULTS)
    file, away = tmp_path / "hot.duckdb", tmp_path / "away.duckdb"
    database._connection.close()
    file.rename(away)
    file.mkdir()
    with pytest.raises(StoreFault):
        database.read("reading", lambda cursor: cursor.execute("SELECT 1").fetchone())
    file.rmdir()
    away.rename(file)
    with pytest.raises(StoreFault):
        database.read("reading", lambda cursor: cursor.execute("SELECT 1").fetchone())
    assert database.read("reading", lambda cursor: cursor.execute("SELECT 1").fetchone()) == (1,)
    database.close()
    with pytest.raises(StoreFault):
        database.read("reading", lambda cursor: cursor.execute("SELECT 1").fetchone())
