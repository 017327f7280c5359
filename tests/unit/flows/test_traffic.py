"""Top talkers and percentiles out of stored samples of traffic, on the real store."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wardwatch.errors import UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.flows import Direction
from wardwatch.model.records import Batch, SampleBlock
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordStore
from wardwatch.records import open_records
from wardwatch.traffic import Apart, Asked, fullness, top, windows

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALL = Scope.everything()
HOUR = Asked(TimeRange(NOON, NOON + timedelta(hours=1)))


def block(measurement: str, unit: str, minute: int, **amounts: float) -> SampleBlock:
    """`in_web_10.0.0.1_9.9.9.9=100` is an index and its bytes."""
    parts = [name.split("_") for name in amounts]
    index = tuple(" ".join([way, application, unit, *ends]) for way, application, *ends in parts)
    values = tuple(amounts.values())
    columns: dict[str, tuple[float | None, ...]] = {"bytes": values, "packets": tuple(value / 100 for value in values)}
    return SampleBlock(measurement, f"rt-{unit}", unit, NOON + timedelta(minutes=minute), index, columns)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordStore]:
    store = open_records(tmp_path, lambda: NOON + timedelta(hours=1))
    blocks = (
        block("flow", "w1", 1, **{"in_web_10.0.0.1_9.9.9.9": 4000.0, "in_web_*_*": 9000.0}),
        block("flow", "w1", 2, **{"in_web_10.0.0.1_9.9.9.9": 1000.0, "out_mail_10.0.0.2_8.8.8.8": 6000.0}),
        block("flow", "w2", 2, **{"in_web_10.0.1.1_9.9.9.9": 500.0}),
        block("traffic", "w1", 1, in_web=375_000.0, out_mail=75_000.0),
        block("traffic", "w1", 6, in_web=37_500.0),
        block("traffic", "w2", 1, in_web=37_500.0),
    )
    store.append(Actor.system("test"), Batch("receive", "1", 1, blocks=blocks))
    yield store
    store.close()


def test_who_talks_most_comes_first_and_all_others_last(records: RecordStore) -> None:
    found, whole = top(records, ALL, HOUR, Apart.TALKERS, 10)
    assert whole == 20_500.0
    told = [(talk.key.local, talk.bytes, talk.packets) for talk in found]
    assert told == [
        ("10.0.0.2", 6000.0, 60.0),
        ("10.0.0.1", 5000.0, 50.0),
        ("10.0.1.1", 500.0, 5.0),
        ("*", 9000.0, 90.0),
    ]
    assert [talk.key.local for talk in top(records, Scope.of("w2"), HOUR, Apart.TALKERS, 10)[0]] == ["10.0.1.1"]
    cut, all_of_it = top(records, ALL, HOUR, Apart.TALKERS, 1)
    assert ([talk.key.local for talk in cut], all_of_it) == (["10.0.0.2", "*"], whole)


def test_sums_are_kept_apart_as_asked(records: RecordStore) -> None:
    by_unit = {(talk.key.direction, talk.key.unit): talk.bytes for talk in top(records, ALL, HOUR, Apart.UNIT, 10)[0]}
    assert by_unit[Direction.IN, "w1"] == 412_500.0
    mail = Asked(HOUR.time, None, "mail")
    assert [talk.bytes for talk in top(records, ALL, mail, Apart.APPLICATION, 10)[0]] == [75_000.0]


def test_a_percentile_is_of_windows_and_silent_ones_are_nought(records: RecordStore) -> None:
    (inward, outward) = fullness(records, ALL, ["w1", "w2"], HOUR, Apart.DIRECTION, 95)
    # Of twelve windows the first has 412,500 bytes inward (11 kbit/s) and the second 37,500 (1 kbit/s).
    assert (inward.key.direction, inward.percentile_bps, inward.highest_bps) == (Direction.IN, 11_000.0, 11_000.0)
    assert inward.mean_bps == 1000.0
    half = fullness(records, ALL, ["w1", "w2"], HOUR, Apart.DIRECTION, 50)
    assert {each.percentile_bps for each in half} == {0.0}
    assert outward.highest_bps == 2000.0
    ninety = fullness(records, ALL, ["w1", "w2"], HOUR, Apart.DIRECTION, 90)
    assert ninety[0].percentile_bps == 1000.0


def test_too_much_at_once_and_too_little_are_refused(records: RecordStore) -> None:
    quarter, units = Asked(TimeRange(NOON - timedelta(days=90), NOON)), [f"w{number}" for number in range(300)]
    with pytest.raises(UserError, match="too much"):
        fullness(records, ALL, units, quarter, Apart.UNIT, 95)
    with pytest.raises(UserError, match="no whole window"):
        windows(TimeRange(NOON + timedelta(seconds=1), NOON + timedelta(seconds=400)))
