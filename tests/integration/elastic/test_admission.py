"""Which index takes an event is decided once, before it is first sent; what is new, by the books."""

import sqlite3
from datetime import timedelta
from typing import Any

import pytest

from wardwatch.model.access import Actor
from wardwatch.ports import StateStore

CORE = Actor.system("core")


class Crash(Exception):
    """The process ends here."""


def crash_before_commit(state: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def commit(*arguments: Any) -> None:
        raise Crash

    monkeypatch.setattr(state.shipping, "commit", commit)


def test_a_crash_between_acknowledgement_and_sequence(city: Any, batch: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        crash_before_commit(city.state, patch)
        with pytest.raises(Crash):
            city.store().append(CORE, batch(1, range(50)))
    assert city.store().committed("edge-1", "1") == 0
    again = city.store().append(CORE, batch(1, range(50)))
    assert (again.stored_events, again.duplicates, len(again.new_events)) == (50, 0, 50)
    assert len(city.stored()["2026.03.02"]) == 50
    assert city.store().append(CORE, batch(1, range(50))).already_committed


def test_the_day_stays_across_midnight(city: Any, batch: Any) -> None:
    city.clock.advance(hours=11, minutes=59)
    with pytest.MonkeyPatch.context() as patch:
        crash_before_commit(city.state, patch)
        with pytest.raises(Crash):
            city.store().append(CORE, batch(1, range(50)))
    city.clock.advance(minutes=2)
    result = city.store().append(CORE, batch(1, range(80)))
    assert (result.stored_events, result.duplicates) == (80, 0)
    stored = city.stored()
    assert {day: len(ids) for day, ids in stored.items()} == {"2026.03.02": 50, "2026.03.03": 30}


def test_the_same_file_imported_the_next_day_is_known(city: Any, batch: Any) -> None:
    city.store().append(CORE, batch(1, range(50)))
    city.clock.advance(days=1)
    result = city.store().append(CORE, batch(1, range(60), epoch="2"))
    assert (result.stored_events, result.duplicates) == (10, 50)
    assert {day: len(ids) for day, ids in city.stored().items()} == {"2026.03.02": 50, "2026.03.03": 10}


def test_an_edge_with_a_wiped_disk_ships_what_a_failed_batch_had(city: Any, batch: Any) -> None:
    """The records of a batch that nobody ever commits are new to the next one that has them, and then no more."""
    with pytest.MonkeyPatch.context() as patch:
        crash_before_commit(city.state, patch)
        with pytest.raises(Crash):
            city.store().append(CORE, batch(1, range(50)))
    store = city.store()
    first = store.append(CORE, batch(1, range(20), epoch="2"))
    assert (first.stored_events, first.duplicates) == (20, 0)
    older = store.append(CORE, batch(1, range(50)))
    assert (older.stored_events, older.duplicates) == (30, 20)
    assert len(city.stored()["2026.03.02"]) == 50


def test_books_stay_small(city: Any, batch: Any) -> None:
    store = city.store()
    for sequence in range(1, 11):
        store.append(CORE, batch(sequence, range((sequence - 1) * 20, sequence * 20)))
    admission = city.state.shipping.admit(CORE, batch(1, range(200)).events, (city.clock() + timedelta(days=1)).date())
    assert admission.days == {}
    with sqlite3.connect(city.folder / "state.sqlite") as books:
        rows = books.execute("SELECT source, first, last, day FROM shipping_committed").fetchall()
        assert rows == [("eve-1", 0, 199, "2026-03-02")]
        assert books.execute("SELECT count(*) FROM shipping_pending").fetchone() == (0,)
        ledger = books.execute("SELECT edge, source, read, stored, duplicates, rejected FROM ledger").fetchall()
        assert ledger == [("edge-1", "eve-1", 200, 200, 0, 0)]
