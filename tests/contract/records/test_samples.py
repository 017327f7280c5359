"""Samples: means of a series, newest rows, in scope, before and after sealing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import LatestQuery, SeriesQuery, Total, TotalKey, TotalsQuery
from wardwatch.model.records import Batch, Outcome, PollOutcome, SampleBlock
from wardwatch.model.time import TimeRange

CORE = Actor.system("core")
ALL = Scope.everything()
AT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def block(minute: float, device: str = "r1", unit: str = "w1", rate: float | None = 10.0) -> SampleBlock:
    columns: dict[str, tuple[float | None, ...]] = {"in_bps": (rate, 7.0), "oper": (1.0, 2.0)}
    return SampleBlock("interface", device, unit, AT + minute * MINUTE, ("1", "2"), columns)


def series(**changes: Any) -> SeriesQuery:
    asked = {
        "measurement": "interface",
        "device": "r1",
        "index": "1",
        "columns": ("in_bps", "out_bps"),
        "time": TimeRange(AT, AT + timedelta(hours=1)),
        "step": 5 * MINUTE,
    }
    return SeriesQuery(**{**asked, **changes})


@pytest.fixture(params=["hot", "mixed"])
def filled(request: Any, engine: Any, store: Any, edge: Any, clock: Any) -> Any:
    """Six minutes of one device and two instants of another; in `mixed` the first half is sealed."""
    if request.param != "hot" and not engine.seals:
        pytest.skip("this engine does not seal")
    first = tuple(block(minute, rate=float(minute)) for minute in range(3))
    result = store.append(CORE, Batch(**edge.next(), blocks=first))
    assert (result.stored_samples, result.rejected) == (6, 0)
    if request.param == "mixed":
        assert store.seal(clock() + timedelta(hours=3)) == 6
    rest = (block(3, rate=3.0), block(5, rate=None), block(6, rate=50.0), block(4, "r2", "w2"))
    store.append(CORE, Batch(**edge.next(), blocks=rest))
    return store


def test_means_of_steps(filled: Any) -> None:
    answer = filled.series(ALL, series())
    assert answer.at == (AT, AT + 5 * MINUTE)
    assert answer.columns == {"in_bps": (1.5, 50.0), "out_bps": (None, None)}
    assert filled.series(ALL, series(time=TimeRange(AT, AT + 3 * MINUTE))).columns["in_bps"] == (1.0,)
    assert filled.series(ALL, series(index="9")).at == ()
    assert filled.series(ALL, series(namespace="drill")).at == ()


def test_the_newest_rows(filled: Any) -> None:
    rows = filled.latest(ALL, LatestQuery("interface", AT))
    assert [(row.device, row.index, row.unit, row.at) for row in rows] == [
        ("r1", "1", "w1", AT + 6 * MINUTE),
        ("r1", "2", "w1", AT + 6 * MINUTE),
        ("r2", "1", "w2", AT + 4 * MINUTE),
        ("r2", "2", "w2", AT + 4 * MINUTE),
    ]
    assert rows[0].values["in_bps"] == 50.0
    assert rows[0].values["out_bps"] is None
    assert [row.device for row in filled.latest(ALL, LatestQuery("interface", AT, devices=("r2",)))] == ["r2", "r2"]
    assert [row.device for row in filled.latest(ALL, LatestQuery("interface", AT + 5 * MINUTE))] == ["r1", "r1"]
    assert filled.latest(ALL, LatestQuery("interface", AT, devices=())) == []


def test_a_scope_sees_its_own_units_only(filled: Any) -> None:
    assert {row.device for row in filled.latest(Scope.of("w2"), LatestQuery("interface", AT))} == {"r2"}
    assert filled.latest(Scope.of(), LatestQuery("interface", AT)) == []
    assert filled.series(Scope.of("w2"), series()).at == ()
    assert filled.series(Scope.of("w1"), series()).at != ()


def test_what_does_not_exist_is_refused_by_name(store: Any) -> None:
    with pytest.raises(UserError, match="no measurement 'weather'"):
        store.series(ALL, series(measurement="weather"))
    with pytest.raises(UserError, match="no column 'in_bps\"; DROP"):
        store.series(ALL, series(columns=('in_bps"; DROP TABLE event; --',)))
    with pytest.raises(UserError, match="no measurement"):
        store.latest(ALL, LatestQuery("weather", AT))
    with pytest.raises(UserError, match="steps"):
        store.series(ALL, series(step=timedelta(0)))


def test_a_block_of_an_unknown_kind_is_kept_as_rejected(store: Any, edge: Any) -> None:
    unknown = SampleBlock("weather", "r1", "w1", AT, ("",), {"rain": (1.0,)})
    uneven = SampleBlock("interface", "r1", "w1", AT, ("1",), {"in_bps": (1.0, 2.0)})
    result = store.append(CORE, Batch(**edge.next(), blocks=(unknown, block(0), uneven)))
    assert (result.stored_samples, result.rejected) == (2, 2)


def test_outcomes_are_stored_with_their_round(store: Any, edge: Any) -> None:
    outcome = PollOutcome("r1", "w1", AT, Outcome.TIMEOUT, 5000.0, 12, "no answer at 1.3.6.1.2.1.2.2.1.10.7")
    result = store.append(CORE, Batch(**edge.next(), outcomes=(outcome,)))
    assert (result.stored_samples, result.rejected) == (0, 0)


def totals(**changes: Any) -> TotalsQuery:
    asked = {
        "measurement": "interface",
        "columns": ("in_bps", "oper"),
        "time": TimeRange(AT, AT + timedelta(hours=1)),
        "by": (TotalKey.UNIT, TotalKey.INDEX),
    }
    return TotalsQuery(**{**asked, **changes})


def summed(store: Any, scope: Scope = ALL, **changes: Any) -> list[tuple[Any, ...]]:
    found = store.totals(scope, totals(**changes))
    assert all(isinstance(each, Total) for each in found)
    return sorted((each.keys, each.at, each.values) for each in found)


def test_sums_kept_apart_by_unit_and_index(filled: Any) -> None:
    assert summed(filled) == [
        (("w1", "1"), None, (56.0, 6.0)),
        (("w1", "2"), None, (42.0, 12.0)),
        (("w2", "1"), None, (10.0, 1.0)),
        (("w2", "2"), None, (7.0, 2.0)),
    ]
    assert summed(filled, by=(TotalKey.DEVICE,), columns=("oper", "in_bps")) == [
        (("r1",), None, (18.0, 98.0)),
        (("r2",), None, (3.0, 17.0)),
    ]


def test_sums_of_steps(filled: Any) -> None:
    assert summed(filled, by=(TotalKey.INDEX,), step=5 * MINUTE, devices=("r1",), begins=("1",)) == [
        (("1",), AT, (6.0, 4.0)),
        (("1",), AT + 5 * MINUTE, (50.0, 2.0)),
    ]


def test_sums_keep_to_scope_and_question(filled: Any) -> None:
    assert summed(filled, Scope.of("w2"), by=(TotalKey.UNIT,)) == [(("w2",), None, (17.0, 3.0))]
    assert summed(filled, Scope.of("w2"), units=("w1",)) == []
    assert summed(filled, units=("w1",), begins=("2", "3"), by=(TotalKey.UNIT,)) == [(("w1",), None, (42.0, 12.0))]
    assert summed(filled, namespace="drill") == []
    with pytest.raises(UserError):
        filled.totals(ALL, totals(columns=("wrong",)))
    with pytest.raises(UserError):
        filled.totals(ALL, totals(by=()))
