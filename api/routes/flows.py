"""Traffic by flows: who talks most, and percentiles."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.dependencies import Limit, Using, Viewer
from api.schemas.flows import TopTalkers, TrafficPercentiles
from api.times import time_range
from api.views.flows import TrafficNames
from api.views.units import within
from wardwatch.errors import UserError
from wardwatch.model.flows import Direction
from wardwatch.model.time import TimeRange
from wardwatch.traffic import STEP, Apart, Asked, fullness, top, windows

router = APIRouter(prefix="/flows", tags=["flows"])

_MOST = timedelta(days=93)

InUnit = Annotated[str | None, Query(description="Only traffic of this unit's subtree.")]
Way = Annotated[Direction | None, Query(description="Only this direction.")]
Application = Annotated[
    str | None,
    Query(
        max_length=200, pattern="^[^ ]+$", description="Only this one; `@` and the id for a service.", examples=["web"]
    ),
]
Start = Annotated[str, Query(alias="from", description="RFC 3339, or `now-1h`.")]
End = Annotated[str, Query(alias="to")]


@router.get("/top")
def get_top_talkers(
    caller: Viewer,
    using: Using,
    unit: InUnit = None,
    direction: Way = None,
    application: Application = None,
    by: Annotated[Apart, Query(description="What is kept apart.")] = Apart.TALKERS,
    start: Start = "now-1h",
    end: End = "now",
    limit: Limit = 50,
) -> TopTalkers:
    """Who talks most: pairs of addresses, units, applications or directions, by bytes."""
    city = using.cities.city(caller.scope)
    time = _range(start, end, using)
    found, whole = top(using.records, within(city, unit), Asked(time, direction, application), by, limit)
    names, seconds = TrafficNames(city), time.span.total_seconds()
    items = [names.talk(talk, seconds) for talk in found]
    return TopTalkers(start=time.start, end=time.end, bytes=whole, items=items)


@router.get("/percentile")
def get_traffic_percentile(
    caller: Viewer,
    using: Using,
    unit: InUnit = None,
    direction: Way = None,
    application: Application = None,
    by: Annotated[Literal["unit", "application", "direction"], Query(description="What is kept apart.")] = "direction",
    percent: Annotated[float, Query(gt=0, le=100)] = 95.0,
    start: Start = "now-1d",
    end: End = "now",
    limit: Limit = 500,
) -> TrafficPercentiles:
    """The percentile of the means over five minutes, by nearest rank, in bit/s."""
    city = using.cities.city(caller.scope)
    scope, time = within(city, unit), windows(_range(start, end, using))
    units = [each for each in city.inventory.units if scope.sees(each)]
    asked = Asked(time, direction, application)
    found = fullness(using.records, scope, units, asked, Apart(by), percent)
    names = TrafficNames(city)
    return TrafficPercentiles(
        start=time.start,
        end=time.end,
        percent=percent,
        windows=time.span // STEP,
        items=[names.fullness(each) for each in found[:limit]],
    )


def _range(start: str, end: str, using: Using) -> TimeRange:
    time = time_range(start, end, using.clock())
    if time.span > _MOST:
        raise UserError(f"{time.span.days} days are too many", f"ask for at most {_MOST.days} at once")
    return time
