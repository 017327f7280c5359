"""Services: how they are, and how available they were over a month."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Cursor, Limit, Search, Services, Using, Viewer
from api.schemas.services import AvailabilityReport, ServiceDetail, ServicesPage
from api.views.services import failing, find_service, last_day, newest, report, service_detail, service_row
from api.views.units import within
from wardwatch.errors import UserError
from wardwatch.model.access import Scope
from wardwatch.model.inventory import Check
from wardwatch.model.status import Status
from wardwatch.model.text import fold
from wardwatch.model.time import TimeRange
from wardwatch.services.availability import Availabilities, month_of, question

router = APIRouter(prefix="/services", tags=["services"])

Month = Annotated[
    str | None, Query(pattern=r"^\d{4}-\d{2}$", description="A month of the city; this one.", examples=["2026-11"])
]


@router.get("")
def list_services(
    caller: Viewer,
    using: Using,
    kind: Annotated[str | None, Query(max_length=40, examples=["public-service"])] = None,
    level: Annotated[int | None, Query(ge=1, le=5)] = None,
    status: Annotated[Status | None, Query()] = None,
    unit: Annotated[str | None, Query(max_length=200, description="Owned in this unit's subtree.")] = None,
    q: Search = None,
    month: Month = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ServicesPage:
    """Services of the caller's units: those that fail first, then the least available."""
    city, now = using.cities.city(caller.scope), using.clock()
    scope, time = within(city, unit), month_of(month, now)
    found = _month(using, month)
    failed = failing(city_checks(using), newest(using.records, now), now)
    word = fold(q) if q else ""
    rows = [
        service_row(city, service, found, failed)
        for service in city.inventory.services.values()
        if scope.sees(service.owner)
        and kind in (None, service.kind)
        and level in (None, service.level)
        and (status is None or city.service_statuses[service.id] is status)
        and word in fold(f"{service.name} {service.code or ''} {service.id}")
    ]
    rows.sort(key=lambda row: (-row.failing, row.availability.percent is None, row.availability.percent or 0, row.id))
    first = _offset(cursor)
    following = str(first + limit) if first + limit < len(rows) else None
    return ServicesPage(
        items=rows[first : first + limit], next=following, total=len(rows), start=time.start, end=time.end
    )


@router.get("/availability")
def get_availability(
    caller: Viewer, using: Using, month: Month = None, unit: Annotated[str | None, Query(max_length=200)] = None
) -> AvailabilityReport:
    """The availability of public services by level and by owner; planned maintenance is left out."""
    city, time = using.cities.city(caller.scope), month_of(month, using.clock())
    city = using.cities.city(within(city, unit)) if unit else city
    return report(city, _month(using, month), time)


@router.get("/{service_id}")
def get_service(service_id: str, caller: Viewer, using: Using, month: Month = None) -> ServiceDetail:
    """One service with its checks and its last day."""
    city, now = using.cities.city(caller.scope), using.clock()
    service = find_service(city, service_id)
    found, whole = _month(using, month), using.cities.city(Scope.everything()).inventory
    names = found.checked_by(service)
    results = newest(using.records, now)
    failed = failing(whole.checks.values(), results, now)
    services = sorted({whole.checks[name].service for name in names if name in whole.checks})
    names = [name for name in names if name in whole.checks]
    history = last_day(using.records, names, services, now)
    return service_detail(city, service, found, whole.checks, results, failed, history)


def city_checks(using: Services) -> list[Check]:
    """Every check: a service may need some of services out of its owner's sight."""
    return list(using.cities.city(Scope.everything()).inventory.checks.values())


def _month(using: Services, month: str | None) -> Availabilities:
    """A minute old at most. It is worked out of everything: what a service needs may be out of its owner's sight."""
    return using.months.get(month or "", lambda: _worked_out(using, month_of(month, using.clock())))


def _worked_out(using: Services, time: TimeRange) -> Availabilities:
    everything = Scope.everything()
    windows = using.state.care.windows(everything, time.start)
    totals = using.records.totals(everything, question(time))
    return Availabilities(using.cities.city(everything).inventory, totals, windows, time)


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isdecimal() or len(cursor) > 9:
        raise UserError("the cursor is none of this list", "begin again without it")
    return int(cursor)
