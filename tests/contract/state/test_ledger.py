"""The ledger in SQL: names and counts that no database would take as they are, sums, and days that go."""

from datetime import date, timedelta
from typing import Any

from wardwatch.model.access import Actor
from wardwatch.model.admission import Admission
from wardwatch.model.ledger import DropRow
from wardwatch.model.records import Batch, SourceProgress
from wardwatch.model.tallies import Fate, tallies

CORE = Actor.system("core")
TODAY = date(2026, 3, 2)
HOSTILE = ("nul \0", "x" * 10_000, "đ" * 3000, "\N{PILE OF POO}" * 200, "'; DROP TABLE ledger; --")


def commit(books: Any, sequence: int, day: date, **told: Any) -> None:
    batch = Batch("edge", "1", sequence, **told)
    books.commit(CORE, batch, Admission(day, {}), "", tallies(batch, Fate()))


def test_days_add_up_and_know_their_paths(state: Any) -> None:
    books = state.shipping
    progress = SourceProgress("eve-1", 5, "/var/log/eve.json", "f")
    commit(books, 1, TODAY, read={"eve-1": 2, "eve-2": 1}, drops={"event": 1}, progress=(progress,))
    commit(books, 2, TODAY, read={"eve-1": 3}, drops={"event": 2})
    commit(books, 3, TODAY + timedelta(days=1), read={"eve-1": 4})
    ledger = books.ledger(TODAY, TODAY)
    assert [(row.source, row.path, row.read) for row in ledger.rows] == [
        ("eve-2", "", 1),
        ("eve-1", "/var/log/eve.json", 5),
    ]
    assert ledger.drops == (DropRow(TODAY, "edge", "event", 3),)
    books.forget(CORE, TODAY + timedelta(days=1))
    kept = books.ledger(TODAY, TODAY + timedelta(days=1))
    assert ([row.read for row in kept.rows], kept.drops) == ([4], ())


def test_hostile_names_and_counts_are_kept(state: Any) -> None:
    for sequence in (1, 2):
        told = dict.fromkeys(HOSTILE, 2**64 - 1)
        commit(state.shipping, sequence, TODAY, read=told, drops=told)
    ledger = state.shipping.ledger(TODAY, TODAY)
    assert (len(ledger.rows), len(ledger.drops)) == (len(HOSTILE), len(HOSTILE))
    assert {row.read for row in ledger.rows} == {2 * 10**12}
