"""The audit chain: nobody changes it, and whoever goes round the store is found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from wardwatch.model.access import Actor, Scope
from wardwatch.model.time import TimeRange

AN = Actor("an", "10.0.0.9")
ALL = Scope.everything()
DAY = TimeRange(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))


@pytest.fixture
def chain(state: Any) -> Any:
    for number in range(5):
        detail = {"lý do": "đã duyệt", "n": number, "at": DAY.start}
        state.audit.record(AN, "playbook.approve", f"plan-{number}", detail)
    return state.audit


def by_hand(engine: Any, *statements: str) -> None:
    """Somebody with the database's own password."""
    database = create_engine(engine.url)
    try:
        with database.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        database.dispose()


def unguarded(engine: Any, statement: str) -> None:
    """The same, who even takes the triggers away."""
    guards = {
        "sqlite": ("DROP TRIGGER audit_entry_no_update", "DROP TRIGGER audit_entry_no_delete"),
        "postgresql": ("DROP TRIGGER audit_entry_append_only ON audit_entry",),
    }
    by_hand(engine, *guards[engine.url.split(":")[0].split("+")[0]], statement)


def test_entries_are_linked_and_come_newest_first(engine: Any, chain: Any) -> None:
    entries = chain.entries(ALL, DAY, 3)
    assert [entry.sequence for entry in entries] == [5, 4, 3]
    assert entries[0].previous == entries[1].hash
    assert entries[0].detail == {"lý do": "đã duyệt", "n": 4, "at": str(DAY.start)}
    assert (entries[0].actor, entries[0].address) == ("an", "10.0.0.9")
    assert chain.entries(ALL, TimeRange(DAY.end, DAY.end + timedelta(days=1)), 9) == []
    assert chain.verify() is None
    assert engine.restart().audit.verify() is None


def test_a_scope_sees_entries_of_its_units(chain: Any) -> None:
    chain.record(AN, "unit.note", "w1", {"units": ["w1", "w2"]})
    assert [entry.subject for entry in chain.entries(Scope.of("w2"), DAY, 9)] == ["w1"]
    assert chain.entries(Scope.of("w3"), DAY, 9) == []
    assert len(chain.entries(ALL, DAY, 9)) == 6


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry WHERE sequence = 5"])
def test_the_database_refuses_changes(engine: Any, chain: Any, change: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        by_hand(engine, change)
    assert chain.verify() is None


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit_entry SET actor = 'binh' WHERE sequence = 2", 2),
        ("UPDATE audit_entry SET detail = '{}' WHERE sequence = 3", 3),
        ("UPDATE audit_entry SET address = NULL WHERE sequence = 4", 4),
        ("DELETE FROM audit_entry WHERE sequence = 2", 2),
        ("DELETE FROM audit_entry WHERE sequence = 5", 5),
        ("DELETE FROM audit_entry", 1),
    ],
)
def test_a_broken_link_is_found(engine: Any, chain: Any, change: str, broken: int) -> None:
    unguarded(engine, change)
    assert chain.verify() == broken
