"""Services, their checks and their availability as the API says them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from api.city import City
from api.schemas.base import Ref
from api.schemas.services import (
    AvailabilityGroup,
    AvailabilityReport,
    AvailabilityView,
    CheckView,
    HistoryPoint,
    ServiceDetail,
    ServiceRow,
)
from api.views.units import device_ref, unit_ref
from wardwatch.errors import NotFound
from wardwatch.model.access import Scope
from wardwatch.model.inventory import Check, Service
from wardwatch.model.queries import LatestQuery, LatestRow, TotalKey, TotalsQuery
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordReader
from wardwatch.services.availability import MEASUREMENT, Availabilities, Availability

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
_STALE_INTERVALS = 3

Newest = Mapping[str, LatestRow]
"""The newest result of each check."""


def newest(records: RecordReader, now: datetime) -> Newest:
    """What each check found last, within a day."""
    rows = records.latest(Scope.everything(), LatestQuery(MEASUREMENT, now - DAY))
    return {row.index: row for row in sorted(rows, key=lambda row: row.at)}


def failing(checks: Iterable[Check], results: Newest, now: datetime) -> set[str]:
    """The checks whose newest result is a failure and not too old to tell."""
    return {
        check.id
        for check in checks
        if (row := results.get(check.id)) is not None
        and not row.values.get("up")
        and now - row.at < timedelta(seconds=check.interval_s * _STALE_INTERVALS + check.timeout_s)
    }


def find_service(city: City, service_id: str) -> Service:
    """The service, if it is in sight. Raises `NotFound`."""
    service = city.inventory.services.get(service_id)
    if service is None:
        raise NotFound(f"there is no service '{service_id}' in your units", "GET /api/v1/services lists them")
    return service


def availability_view(found: Availability) -> AvailabilityView:
    percent = None if found.percent is None else round(found.percent, 4)
    return AvailabilityView(
        percent=percent,
        measured_s=round(found.measured_s, 1),
        failed_s=round(found.failed_s, 1),
        maintained_s=found.maintained_s,
    )


def service_row(city: City, service: Service, month: Availabilities, failed: set[str]) -> ServiceRow:
    checks = month.checked_by(service)
    return ServiceRow(
        id=service.id,
        name=service.name,
        kind=service.kind,
        code=service.code,
        level=service.level,
        owner=unit_ref(city, service.owner),
        status=city.service_statuses[service.id],
        checks=len(checks),
        failing=sum(check in failed for check in checks),
        availability=availability_view(month.of(service)),
    )


def service_detail(
    city: City,
    service: Service,
    month: Availabilities,
    whole: Mapping[str, Check],
    results: Newest,
    failed: set[str],
    history: list[HistoryPoint],
) -> ServiceDetail:
    """Checks of services out of sight are counted, not shown."""
    shown = [whole[name] for name in month.checked_by(service) if name in city.inventory.checks]
    needs = [city.inventory.services[need] for need in service.depends_on if need in city.inventory.services]
    devices = [ref for ref in (device_ref(city, device) for device in service.devices) if ref is not None]
    return ServiceDetail(
        **service_row(city, service, month, failed).model_dump(),
        hostname=service.hostname,
        depends_on=[Ref(id=need.id, name=need.name) for need in needs],
        devices=devices,
        check_results=[_check_view(city, check, results.get(check.id)) for check in shown],
        history=history,
    )


def _check_view(city: City, check: Check, row: LatestRow | None) -> CheckView:
    values = row.values if row is not None else {}
    up = values.get("up")
    return CheckView(
        id=check.id,
        service=Ref(id=check.service, name=city.inventory.services[check.service].name),
        kind=check.kind,
        host=check.host,
        port=check.at_port,
        interval_s=check.interval_s,
        at=row.at if row is not None else None,
        up=None if up is None else up > 0,
        duration_ms=values.get("duration_ms"),
        certificate_days=values.get("certificate_days"),
    )


def last_day(records: RecordReader, checks: list[str], services: list[str], now: datetime) -> list[HistoryPoint]:
    """By hours, the worst of the checks."""
    if not checks:
        return []
    query = TotalsQuery(
        MEASUREMENT, ("up", "down"), TimeRange(now - DAY, now), (TotalKey.INDEX,), HOUR, devices=tuple(services)
    )
    worst: dict[datetime, float] = {}
    for total in records.totals(Scope.everything(), query):
        up, down = total.values
        if total.at is not None and total.keys[0] in checks and up + down > 0:
            worst[total.at] = min(worst.get(total.at, 100.0), 100.0 * up / (up + down))
    return [HistoryPoint(at=at, percent=round(percent, 3)) for at, percent in sorted(worst.items())]


def report(city: City, month: Availabilities, time: TimeRange) -> AvailabilityReport:
    """Public services in sight by level and by owner, the worst owner first."""
    levels: dict[int | None, list[Availability]] = defaultdict(list)
    owners: dict[str, list[Availability]] = defaultdict(list)
    for service in city.inventory.services.values():
        if service.kind == "public-service" and city.scope.sees(service.owner):
            found = month.of(service)
            levels[service.level].append(found)
            owners[service.owner].append(found)
    by_owner = [_group(city, found, owner=owner) for owner, found in owners.items()]
    return AvailabilityReport(
        start=time.start,
        end=time.end,
        levels=[_group(city, levels[level], level=level) for level in sorted(levels, key=str)],
        owners=sorted(by_owner, key=lambda group: (group.percent is None, group.percent or 0.0, str(group.owner))),
    )


def _group(
    city: City, found: list[Availability], level: int | None = None, owner: str | None = None
) -> AvailabilityGroup:
    percents = [each.percent for each in found if each.percent is not None]
    return AvailabilityGroup(
        level=level,
        owner=unit_ref(city, owner),
        services=len(found),
        measured=len(percents),
        percent=round(sum(percents) / len(percents), 4) if percents else None,
        worst=round(min(percents), 4) if percents else None,
    )
