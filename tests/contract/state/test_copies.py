"""A snapshot of the state store, written out and loaded on the same engine or the other one."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from wardwatch.errors import StoreFault, UserError
from wardwatch.model.access import Actor, Role
from wardwatch.model.state import Grant, User
from wardwatch.state import load_state, open_state
from wardwatch.state.database import Database
from wardwatch.state.tables import metadata

AN = Actor("an", "10.0.0.9")
AT = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the code reads it."""
    database = create_engine(url)
    with database.connect() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }
    database.dispose()
    return found


@pytest.fixture
def lived_in(engine: Any, state: Any, fill: Callable[[Any], None]) -> Any:
    """A store with something in every table."""
    state.accounts.put_user(AN, User("binh", "Bình", "hash", "vi"), [Grant("binh", Role.VIEWER, None)])
    chain = Database(engine.url, engine.clock)
    with chain.write(AN) as write:
        for number in range(1100):
            write.audit("test.write", f"đống đa {number}", {"lý do": None, "n": number / 7, "at": AT})
    chain.close()
    database = create_engine(engine.url)
    fill(database)
    database.dispose()
    return state


@pytest.fixture
def copy(lived_in: Any, tmp_path: Path) -> tuple[Path, dict[str, int]]:
    return copied(lived_in, tmp_path)


def copied(lived_in: Any, tmp_path: Path) -> tuple[Path, dict[str, int]]:
    """The folder and the rows of a snapshot, while somebody goes on writing."""
    folder = tmp_path / "copy"
    folder.mkdir()
    snapshot = lived_in.snapshot()
    lived_in.audit.record(AN, "test.write", "too late", {})
    rows = snapshot.write(folder)
    snapshot.close()
    return folder, rows


def test_everything_of_that_instant_comes_back(engine: Any, lived_in: Any, other: Any, tmp_path: Path) -> None:
    url = other()
    before = everything(engine.url)
    folder, rows = copied(lived_in, tmp_path)
    assert rows == {name: len(kept) for name, kept in before.items()}
    assert min(rows.values()) > 0, "a table without a row proves nothing"
    load_state(url, folder, rows)
    assert everything(url) == before
    restored = open_state(url, engine.clock)
    assert restored.audit.verify() is None
    restored.accounts.put_user(AN, User("chi", "Chi", "hash", "vi"), [Grant("chi", Role.VIEWER, None)])
    assert restored.accounts.grants("chi")
    assert restored.audit.verify() is None
    restored.close()


def test_a_database_that_is_used_is_kept_unless_told(engine: Any, copy: Any) -> None:
    url = engine.another()
    folder, rows = copy
    used = open_state(url, engine.clock)
    used.audit.record(AN, "test.write", "mine", {})
    used.close()
    before = everything(url)
    with pytest.raises(UserError, match="--replace"):
        load_state(url, folder, rows)
    assert everything(url) == before
    load_state(url, folder, rows, replace=True)
    restored = open_state(url, engine.clock)
    assert restored.audit.verify() is None
    assert rows["audit_entry"] == len(everything(url)["audit_entry"])
    restored.close()


def test_one_that_was_only_opened_is_free(engine: Any, copy: Any) -> None:
    url = engine.another()
    open_state(url, engine.clock).close()
    load_state(url, *copy)
    assert len(everything(url)["account"]) == copy[1]["account"]


@pytest.mark.parametrize("damage", ["cut", "fewer", "revision"])
def test_damaged_files_change_nothing(engine: Any, copy: Any, damage: str) -> None:
    url = engine.another()
    folder, rows = copy
    if damage == "cut":
        path = folder / "audit_entry.ndjson.zst"
        path.write_bytes(path.read_bytes()[:-1000])
    elif damage == "fewer":
        rows["audit_entry"] += 1
    else:
        (folder / "revision").write_text("9999")
    used = open_state(url, engine.clock)
    used.audit.record(AN, "test.write", "mine", {})
    used.close()
    before = everything(url)
    with pytest.raises(StoreFault):
        load_state(url, folder, rows, replace=True)
    assert everything(url) == before
