"""What pages ask of traffic: who talks most, and how full it was; from the samples `traffic` and `flow`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wardwatch.errors import UserError
from wardwatch.model.access import Scope
from wardwatch.model.flows import PERCENTILE_STEP_S, REST, Direction, TrafficKey, nearest_rank
from wardwatch.model.queries import Total, TotalKey, TotalsQuery
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordReader

STEP = timedelta(seconds=PERCENTILE_STEP_S)
MOST_UNIT_DAYS = 600
"""How much is read for one answer: a month of twenty units, two days of three hundred."""


class Apart(StrEnum):
    """By what sums are kept apart, besides the direction."""

    TALKERS = "talkers"
    UNIT = "unit"
    APPLICATION = "application"
    DIRECTION = "direction"


@dataclass(frozen=True, slots=True)
class Asked:
    """Traffic of a time range; None is any."""

    time: TimeRange
    direction: Direction | None = None
    application: str | None = None

    def begins(self) -> tuple[str, ...]:
        """How the indices begin that are asked for."""
        directions = tuple(Direction) if self.direction is None else (self.direction,)
        if self.application is not None:
            return tuple(f"{each.value} {self.application} " for each in directions)
        return () if self.direction is None else (f"{self.direction.value} ",)


@dataclass(frozen=True, slots=True)
class Talk:
    """Traffic of one kind: unit, application and addresses are empty where they are not kept apart. Addresses are `*`
    for all that were not kept apart when they were stored."""

    key: TrafficKey
    bytes: float
    packets: float


@dataclass(frozen=True, slots=True)
class Fullness:
    """Rates of one kind over windows of five minutes: the percentile by nearest rank, the mean, the highest."""

    key: TrafficKey
    percentile_bps: float
    mean_bps: float
    highest_bps: float


def top(records: RecordReader, scope: Scope, asked: Asked, apart: Apart, limit: int) -> tuple[list[Talk], float]:
    """The most bytes first, then the rows of all that was not kept apart; and the bytes of all there was, listed or
    not."""
    measurement = "flow" if apart is Apart.TALKERS else "traffic"
    query = TotalsQuery(measurement, ("bytes", "packets"), asked.time, (TotalKey.INDEX,), begins=asked.begins())
    sums: dict[TrafficKey, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for found in records.totals(scope, query):
        known = sums[_kind(found, apart)]
        known[0] += found.values[0]
        known[1] += found.values[1]
    talks = [Talk(key, *values) for key, values in sums.items()]
    talks.sort(key=lambda talk: (-talk.bytes, talk.key.index()))
    named = [talk for talk in talks if talk.key.local != REST]
    return named[:limit] + [talk for talk in talks if talk.key.local == REST], sum(talk.bytes for talk in talks)


def fullness(
    records: RecordReader, scope: Scope, units: Sequence[str], asked: Asked, apart: Apart, percent: float
) -> list[Fullness]:
    """The fullest first. The range is cut to whole windows (UTC); a window without traffic counts as nought. `units`
    are those of the scope. Raises `UserError` where too much would have to be read."""
    time = windows(asked.time)
    count = time.span // STEP
    if count * len(units) > MOST_UNIT_DAYS * (timedelta(days=1) // STEP):
        days = max(MOST_UNIT_DAYS // max(len(units), 1), 1)
        raise UserError(f"{len(units)} units over {time.span} are too much", f"ask for {days} days, or for one unit")
    query = TotalsQuery("traffic", ("bytes",), time, (TotalKey.INDEX,), STEP, begins=asked.begins())
    kinds: dict[TrafficKey, dict[datetime, float]] = defaultdict(lambda: defaultdict(float))
    for found in records.totals(scope, query):
        assert found.at is not None, "it was asked by steps"
        kinds[_kind(found, apart)][found.at] += found.values[0] * 8 / PERCENTILE_STEP_S
    told = [
        Fullness(key, nearest_rank(rates.values(), count, percent), sum(rates.values()) / count, max(rates.values()))
        for key, rates in kinds.items()
    ]
    return sorted(told, key=lambda each: (-each.percentile_bps, -each.highest_bps, each.key.index()))


def windows(time: TimeRange) -> TimeRange:
    """The whole windows of five minutes within a range. Raises `UserError` where there is none."""
    step = PERCENTILE_STEP_S
    start = time.start + timedelta(seconds=-time.start.timestamp() % step)
    end = time.end - timedelta(seconds=time.end.timestamp() % step)
    if end <= start:
        raise UserError("there is no whole window of five minutes in this range", "ask for a longer one")
    return TimeRange(start, end)


def _kind(found: Total, apart: Apart) -> TrafficKey:
    key = TrafficKey.of(found.keys[0])
    if apart is Apart.TALKERS:
        return key
    application = key.application if apart is Apart.APPLICATION else ""
    return TrafficKey(key.direction, application, key.unit if apart is Apart.UNIT else "")
