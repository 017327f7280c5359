"""A batch and what a store made of it, as rows of the ledger: nothing is invented and nothing hidden."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from wardwatch.model.ledger import Balance, LedgerRow, Tally
from wardwatch.model.records import Batch, Position, Rejected
from wardwatch.model.tallies import LONGEST_NAME, MOST, Fate, Kept, drops, ledger_name, tallies

AT = datetime(2026, 3, 2, tzinfo=UTC)
SOURCES = st.sampled_from(["a", "b", "c", "samples"])
LINES = st.lists(st.builds(Position, SOURCES, st.integers(0, 9)), max_size=30)


def batch_of(positions: Sequence[Position], read: dict[str, int]) -> Batch:
    return Batch("e", "1", 1, rejected=tuple(Rejected(each, AT, "", "") for each in positions), read=read)


def row(tally: Tally) -> LedgerRow:
    counts = (tally.read, tally.untold, tally.stored, tally.duplicates, tally.rejected)
    return LedgerRow(date(2026, 3, 2), "e", tally.source, "", *counts)


@given(LINES, LINES, LINES, st.sets(SOURCES))
def test_a_store_that_accounts_for_every_line_is_even(
    stored: list[Position], doubled: list[Position], refused: list[Position], telling: set[str]
) -> None:
    came = [*stored, *doubled, *refused]
    told = {source: sum(each.source == source for each in came) for source in telling}
    found = tallies(batch_of(came, told), Fate(stored, doubled, refused))
    assert all(row(tally).balance is not Balance.OUT for tally in found)
    assert sum(tally.read + tally.untold for tally in found) == len(came)
    assert {tally.source for tally in found} == {each.source for each in came}


@given(LINES, LINES, st.data())
def test_a_line_that_is_lost_or_doubled_shows(kept: list[Position], lost: list[Position], data: st.DataObject) -> None:
    came = [*kept, *lost]
    told = {source: sum(each.source == source for each in came) for source in ("a", "b", "c", "samples")}
    missing = {row(tally).source: row(tally).missing for tally in tallies(batch_of(came, told), Fate(kept))}
    assert sum(missing.values()) == len(lost)
    twice = tallies(batch_of(kept, {}), Fate([*kept, *lost]))
    assert -sum(row(tally).missing for tally in twice) == len(lost)


@given(st.dictionaries(st.text(), st.integers()), st.dictionaries(st.text(max_size=5), st.integers()))
def test_what_an_edge_claims_is_bounded(read: dict[str, int], told: dict[str, int]) -> None:
    batch = Batch("e", "1", 1, read=read, drops=told)
    assert all(0 < tally.read <= MOST for tally in tallies(batch, Fate()))
    assert all(0 < count <= MOST * len(told) for count in drops(batch).values())


@given(st.text(), st.integers(0, 3))
def test_names_fit_every_store_and_stay_apart(name: str, tail: int) -> None:
    long = name + "x" * LONGEST_NAME
    assert all(len(ledger_name(each)) <= LONGEST_NAME and "\0" not in ledger_name(each) for each in (name, long))
    assert ledger_name(long) != ledger_name(f"{long}{tail}")
    assert len(name) > LONGEST_NAME or "\0" in name or ledger_name(name) == name


def test_polled_records_are_counted_by_kind() -> None:
    found = tallies(Batch("e", "1", 1, read={"samples": 9}), Fate(samples=Kept(5, 4), outcomes=Kept(2)))
    assert [(tally.source, row(tally).missing) for tally in found] == [("samples", 0), ("outcomes", -2)]
