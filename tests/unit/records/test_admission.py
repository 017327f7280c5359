"""Admission: what is new is decided as if every position were written down, in far fewer rows."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from wardwatch.model.admission import Known, Run, admitted, joined, without
from wardwatch.model.records import Position, Rejected

TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, tzinfo=UTC)


def line(offset: int, text: str = "x") -> Rejected:
    return Rejected(Position("s", offset), AT, "", text)


def lines(texts: list[str], gap: int = 1, start: int = 0) -> list[Rejected]:
    """Lines of a file, one behind the other."""
    found = []
    for text in texts:
        found.append(line(start, text))
        start += len(text.encode()) + gap
    return found


def test_lines_of_a_file_are_one_run() -> None:
    for gap in (1, 2):
        (run,) = admitted(lines(["{}", "Phường Cửa Đông", "x" * 100], gap), {}, TODAY).runs
        assert (run.first, run.day) == (0, TODAY)


def test_a_line_between_two_runs_is_new() -> None:
    first = admitted([line(0, "a" * 10), line(22, "c" * 10)], {}, TODAY)
    assert [(run.first, run.last) for run in first.runs] == [(0, 0), (22, 22)]
    second = admitted([line(0), line(11, "b" * 10), line(22)], {"s": Known(committed=first.runs)}, TODAY)
    assert list(second.days) == [Position("s", 11)]
    assert [(run.first, run.last) for run in joined([*first.runs, *second.runs])] == [(0, 22)]


def test_sequences_of_datagrams_are_one_run_and_their_gaps_are_none() -> None:
    first = admitted([line(number, "y" * 300) for number in (1, 2, 3, 7, 8)], {}, TODAY)
    assert [(run.first, run.last) for run in first.runs] == [(1, 3), (7, 8)]


def test_what_was_sent_before_keeps_its_day() -> None:
    yesterday = TODAY - timedelta(days=1)
    known = {"s": Known(pending=[Run("s", 0, 5, 6, yesterday)])}
    found = admitted([line(number) for number in range(4, 8)], known, TODAY)
    assert [found.days[Position("s", number)] for number in range(4, 8)] == [yesterday, yesterday, TODAY, TODAY]
    assert [(run.first, run.last, run.day) for run in found.runs] == [(4, 5, yesterday), (6, 7, TODAY)]


Shipped = st.lists(st.lists(st.integers(0, 60), max_size=12), max_size=12)


@settings(max_examples=300, deadline=None)
@given(Shipped, st.sampled_from([1, 5, 40]))
def test_each_position_is_new_once(batches: list[list[int]], width: int) -> None:
    """`width` apart, offsets are those of a file's lines of that width (with its line feed); 1 are datagrams."""
    seen: set[int] = set()
    runs: list[Run] = []
    for batch in batches:
        members = [line(number * width, "x" * (width - 1 if width > 1 else 300)) for number in batch]
        found = admitted(members, {"s": Known(committed=runs)}, TODAY)
        assert {position.offset // width for position in found.days} == set(batch) - seen
        seen |= set(batch)
        runs = joined([*runs, *found.runs])
        holes = sum(1 for number in seen if number + 1 not in seen)
        assert len(runs) == holes


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=6), st.integers(0, 40), st.integers(0, 40))
def test_taking_runs_out(taken: list[tuple[int, int]], one: int, other: int) -> None:
    run = Run("s", min(one, other), max(one, other), max(one, other) + 1, TODAY)
    cuts = [Run("s", first, first + size, first + size + 1, TODAY) for first, size in taken]
    left = {offset for part in without([run], cuts) for offset in range(part.first, part.last + 1)}
    gone = {offset for cut in cuts for offset in range(cut.first, cut.last + 1)}
    assert left == set(range(run.first, run.last + 1)) - gone
