"""The wall as the API says it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from api.attention import OPEN, Attention
from api.city import HURT, INFORMATION_SYSTEMS, PUBLIC_SERVICES, City, Condition
from api.schemas.base import Ref, StatusCounts, WordsView
from api.schemas.parts import PartView
from api.schemas.wall import Freshness, GroupTile, Sparklines, Wall, WallProblem, WallTile, WallTotals
from api.settings import ApiSettings
from api.views.units import counts, unit_ref
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.incidents import Incident
from wardwatch.model.inventory import Unit
from wardwatch.model.queries import EventQuery, LatestQuery
from wardwatch.model.state import IncidentQuery
from wardwatch.model.status import SEVERITY_ORDER, Status
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordReader, StateStore

_MOST_PROBLEMS = 10
_RESTART_IS_NEWS = timedelta(minutes=10)


def wall(
    city: City,
    noted: Attention,
    problems: list[Incident],
    open_incidents: int,
    freshness: Freshness,
    sparklines: Sparklines,
    drill: Ref | None,
    parts: Sequence[PartHealth],
) -> Wall:
    """Everything together; units that have ended are not on it."""
    today = freshness.now.date()
    units = [unit for unit in city.units.values() if unit.valid_to is None or unit.valid_to >= today]
    tiles = [_tile(city, unit, noted) for unit in units if unit.tile is not None]
    return Wall(
        tiles=sorted(tiles, key=lambda tile: (tile.row, tile.col, tile.unit)),
        groups=[GroupTile.model_validate(_group(city, unit, noted)) for unit in units if unit.tile is None],
        totals=_totals(city, units, open_incidents),
        problems=[_problem(city, incident) for incident in problems],
        freshness=freshness,
        sparklines=sparklines,
        drill=drill,
        parts=[PartView.model_validate(part) for part in parts if _is_news(part, freshness.now)],
    )


def _is_news(part: PartHealth, now: datetime) -> bool:
    """A part that does not run; or one that was away for a moment, which nobody would see otherwise."""
    return part.state is not PartState.RUNNING or (part.restarts > 0 and now - part.since < _RESTART_IS_NEWS)


def _group(city: City, unit: Unit, noted: Attention) -> dict[str, object]:
    condition = city.conditions[unit.id]
    return {
        "unit": unit.id,
        "name": unit.name,
        "short_name": unit.short_name or unit.name,
        "kind": unit.kind,
        "status": condition.status,
        "since": condition.since,
        "devices": counts(condition),
        "alerts": noted.alerts.get(unit.id, 0),
        "drill": unit.id in noted.drill_units,
    }


def _tile(city: City, unit: Unit, noted: Attention) -> WallTile:
    assert unit.tile is not None
    col, row = unit.tile
    return WallTile.model_validate(
        _group(city, unit, noted) | {"district": unit_ref(city, unit.parent), "col": col, "row": row}
    )


def _totals(city: City, units: list[Unit], open_incidents: int) -> WallTotals:
    devices = Counter(city.status(device).status for device in city.inventory.devices.values())
    services = city.inventory.services.values()
    systems = [service for service in services if service.kind in INFORMATION_SYSTEMS]
    public = [service for service in services if service.kind in PUBLIC_SERVICES]
    hurt = {service for service, status in city.service_statuses.items() if status in HURT}
    return WallTotals(
        devices=counts(Condition(Status.OK, None, devices)),
        units=StatusCounts.of([city.conditions[unit.id].status for unit in units]),
        information_systems=len(systems),
        information_systems_hurt=sum(service.id in hurt for service in systems),
        public_services=len(public),
        public_services_hurt=sum(service.id in hurt for service in public),
        open_incidents=open_incidents,
    )


def _problem(city: City, incident: Incident) -> WallProblem:
    return WallProblem(
        incident=incident.id,
        number=incident.number,
        title=WordsView.model_validate(incident.title),
        severity=incident.severity,
        state=incident.state,
        unit=unit_ref(city, incident.unit),
        since=incident.opened_at,
        services_hurt=len(incident.services),
        drill=incident.drill,
    )


def worst_problems(state: StateStore, city: City) -> tuple[list[Incident], int]:
    """The ten worst open incidents, real ones before drills of the same severity, newest first; and how many there
    are in all."""
    found: list[Incident] = []
    total = 0
    for severity in SEVERITY_ORDER:
        query = IncidentQuery(namespace=None, states=OPEN, severities=(severity,), limit=5 * _MOST_PROBLEMS)
        page = state.incidents.incidents(city.scope, query)
        total += page.total
        found.extend(sorted(page.items, key=lambda incident: incident.drill))
    return found[:_MOST_PROBLEMS], total


def freshness(
    settings: ApiSettings, records: RecordReader, city: City, drops: Mapping[str, int], now: datetime
) -> Freshness:
    """How old the newest sample and event in sight are. Two silent polling intervals are stale."""
    interval = timedelta(seconds=settings.poll_interval_s)
    # Half an interval more: a round takes its time, and a device polled on time must not drop out of the count.
    polled_since = now - interval * 1.5
    latest = records.latest(city.scope, LatestQuery("device", now - max(interval * 10, timedelta(minutes=15))))
    newest_sample = max((row.at for row in latest), default=None)
    events = records.events(city.scope, EventQuery(TimeRange(now - timedelta(hours=24), now), limit=1)).items
    age_s = (now - newest_sample).total_seconds() if newest_sample else None
    return Freshness(
        now=now,
        newest_sample_at=newest_sample,
        age_s=age_s,
        newest_event_at=events[0].at if events else None,
        poll_interval_s=settings.poll_interval_s,
        stale=age_s is None or age_s > 2 * settings.poll_interval_s,
        devices_polled=len({row.device for row in latest if row.at >= polled_since}),
        devices_total=len(city.inventory.devices),
        drops=dict(drops),
    )
