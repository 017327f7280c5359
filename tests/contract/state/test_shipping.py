"""The books of shipping: what is new is new until it is committed, and stays known for as long as its day is kept."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor
from wardwatch.model.ledger import Tally
from wardwatch.model.records import Batch, Position, Rejected, SourceProgress

CORE = Actor.system("core")
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)


def lines(*numbers: int, source: str = "eve") -> list[Rejected]:
    return [Rejected(Position(source, number), AT, "", "x" * 200) for number in numbers]


def offsets(admission: Any) -> dict[int, date]:
    return {position.offset: day for position, day in admission.days.items()}


def commit(books: Any, admission: Any, sequence: int, **more: Any) -> None:
    tally = Tally("eve", 5, 0, 3, 1, 1)
    books.commit(CORE, Batch("edge", "1", sequence, **more), admission, f"answer {sequence}", [tally])


def test_sequences_and_answers(engine: Any) -> None:
    books = engine.store.shipping
    assert books.last("edge", "1") == (0, None)
    for sequence in (1, 2):
        commit(books, books.admit(CORE, [], TODAY), sequence)
    assert books.last("edge", "1") == (2, "answer 2")
    assert books.last("edge", "2") == (0, None)
    assert engine.restart().shipping.last("edge", "1") == (2, "answer 2")


def test_new_until_committed_and_on_its_first_day(engine: Any) -> None:
    books = engine.store.shipping
    books.admit(CORE, lines(1, 2, 3), TODAY)
    books = engine.restart().shipping
    again = books.admit(CORE, lines(2, 3, 4), TOMORROW)
    assert offsets(again) == {2: TODAY, 3: TODAY, 4: TOMORROW}
    commit(books, again, 1)
    left = books.admit(CORE, lines(1, 2, 3, 4, 5), TOMORROW)
    assert offsets(left) == {1: TODAY, 5: TOMORROW}
    commit(books, left, 2)
    assert offsets(books.admit(CORE, lines(1, 2, 3, 4, 5, 6), TOMORROW)) == {6: TOMORROW}


def test_sources_are_apart(state: Any) -> None:
    books = state.shipping
    commit(books, books.admit(CORE, [*lines(1, 2), *lines(1, source="other")], TODAY), 1)
    assert offsets(books.admit(CORE, lines(2, 3, source="other"), TODAY)) == {2: TODAY, 3: TODAY}


def test_progress_moves_with_the_sequence(state: Any) -> None:
    books = state.shipping
    first, second = SourceProgress("eve", 100, "/eve.json", "f"), SourceProgress("eve", 200, "/eve.json.1", "f")
    commit(books, books.admit(CORE, lines(1), TODAY), 1, progress=(first,), drops={"journal_full": 3})
    assert books.sources() == [first]
    commit(books, books.admit(CORE, lines(2), TODAY), 2, progress=(second,), drops={"journal_full": 4})
    assert books.sources() == [second]


def test_a_commit_that_fails_leaves_everything_as_it_was(state: Any) -> None:
    books = state.shipping
    admission = books.admit(CORE, lines(1, 2), TODAY)
    with pytest.raises(StoreFault):
        commit(books, admission, 1, progress=(SourceProgress("eve", 1, None, "f"),))  # type: ignore[arg-type]
    assert books.last("edge", "1") == (0, None)
    assert offsets(books.admit(CORE, lines(1, 2), TOMORROW)) == {1: TODAY, 2: TODAY}


def test_positions_are_forgotten_with_their_day(state: Any) -> None:
    books = state.shipping
    commit(books, books.admit(CORE, lines(1), TODAY), 1)
    commit(books, books.admit(CORE, lines(2), TOMORROW), 2)
    books.forget(CORE, TOMORROW)
    assert offsets(books.admit(CORE, lines(1, 2), TOMORROW)) == {1: TOMORROW}


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "đ" * 3000], ids=["long", "nul", "marks"])
def test_names_that_no_database_takes_as_a_key(engine: Any, name: str) -> None:
    books = engine.store.shipping
    for sequence, numbers in ((1, (0, 201)), (2, (201, 402))):
        admission = books.admit(CORE, lines(*numbers, source=name), TODAY)
        progress = (SourceProgress(name, 2**64 - 1, name, name),)
        books.commit(CORE, Batch(name, name, sequence, progress=progress), admission, "{}", [])
    assert offsets(admission) == {402: TODAY}
    assert books.last(name, name) == (2, "{}")
    assert books.last(f"y{name}", name) == (0, None)
    assert [known.offset for known in books.sources()] == [2**63 - 1]
