"""Devices, their interfaces and series."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query

from api.attention import OPEN
from api.city import City
from api.dependencies import Cursor, Limit, Search, Using, Viewer
from api.finding import has_words
from api.paging import Key, page
from api.schemas.base import ListPage
from api.schemas.devices import DeviceDetail, DeviceView, FactTable, HealthView, InterfaceView, SeriesView
from api.times import nice_step, span, time_range
from api.views.device_facts import HEALTH, TABLES, fact_table, health
from api.views.devices import device_detail, device_view, find_device, interfaces
from api.views.units import find_unit
from wardwatch.errors import UserError
from wardwatch.model.inventory import Device, DeviceRole
from wardwatch.model.measurements import MEASUREMENTS, Measurement
from wardwatch.model.queries import LatestQuery, SeriesQuery
from wardwatch.model.state import IncidentQuery
from wardwatch.model.status import STATUS_ORDER, Status
from wardwatch.model.text import fold, nfc
from wardwatch.strict_yaml import nearest

_LATEST_FOR = timedelta(hours=1)
_USUAL_POINTS = 360
router = APIRouter(prefix="/devices", tags=["devices"])


class DeviceSort(StrEnum):
    """How devices are ordered; a minus turns it round. `status` puts the worst first."""

    NAME = "name"
    NAME_DOWN = "-name"
    STATUS = "status"
    STATUS_DOWN = "-status"
    SINCE = "since"
    SINCE_DOWN = "-since"


@router.get("")
def list_devices(
    caller: Viewer,
    using: Using,
    unit: Annotated[str | None, Query(description="Only devices of this unit's subtree.")] = None,
    status: Annotated[list[Status] | None, Query(description="Any of these.")] = None,
    role: Annotated[list[DeviceRole] | None, Query(description="Any of these.")] = None,
    q: Search = None,
    sort: DeviceSort = DeviceSort.STATUS,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[DeviceView]:
    """Devices in sight and how they are."""
    city = using.cities.city(caller.scope)
    within = city.tree.subtree(find_unit(city, unit).id) if unit is not None else None
    words = fold(nfc(q or "")).split()
    found = [
        device
        for device in city.inventory.devices.values()
        if (within is None or device.unit in within)
        and (not status or city.status(device).status in status)
        and (not role or device.role in role)
        and has_words(words, device.name, device.id, device.address, device.model or "")
    ]
    shown, following, total = page(found, _key(city, sort), cursor, limit, down=sort.startswith("-"))
    noted = using.attention(city)
    return ListPage(items=[device_view(city, device, noted) for device in shown], next=following, total=total)


@router.get("/{device_id}")
def get_device(device_id: str, caller: Viewer, using: Using) -> DeviceDetail:
    """One device with everything known of it."""
    city = using.cities.city(caller.scope)
    device = find_device(city, device_id)
    system = using.state.devices.facts(caller.scope, device.id, "system")
    query = IncidentQuery(namespace=None, states=OPEN, unit=device.unit, limit=200)
    incidents = using.state.incidents.incidents(caller.scope, query).items
    return device_detail(city, device, using.attention(city), system, incidents)


@router.get("/{device_id}/interfaces")
def list_interfaces(device_id: str, caller: Viewer, using: Using) -> ListPage[InterfaceView]:
    """Its interfaces with their latest rates, by index."""
    device = find_device(using.cities.city(caller.scope), device_id)
    facts = using.state.devices.facts(caller.scope, device.id, "interfaces")
    latest = LatestQuery("interface", using.clock() - _LATEST_FOR, (device.id,))
    found = interfaces(facts, using.records.latest(caller.scope, latest))
    return ListPage(items=found, total=len(found))


@router.get("/{device_id}/health")
def list_health(device_id: str, caller: Viewer, using: Using) -> ListPage[HealthView]:
    """Its processors, memory, storage and sensors with their newest values."""
    device = find_device(using.cities.city(caller.scope), device_id)
    since = using.clock() - _LATEST_FOR
    found: list[HealthView] = []
    for kind, measurement in HEALTH.items():
        facts = using.state.devices.facts(caller.scope, device.id, kind)
        if facts is not None and facts.rows:
            latest = using.records.latest(caller.scope, LatestQuery(measurement, since, (device.id,)))
            found += health(measurement, facts, latest)
    return ListPage(items=found, total=len(found))


@router.get("/{device_id}/facts")
def list_facts(device_id: str, caller: Viewer, using: Using) -> ListPage[FactTable]:
    """What it tells of its neighbours, parts, routing, licences and tunnels; kinds without rows are left out."""
    device = find_device(using.cities.city(caller.scope), device_id)
    found = [
        fact_table(facts)
        for kind in TABLES
        if (facts := using.state.devices.facts(caller.scope, device.id, kind)) is not None and facts.rows
    ]
    return ListPage(items=found, total=len(found))


@router.get("/{device_id}/series")
def get_series(
    device_id: str,
    caller: Viewer,
    using: Using,
    columns: Annotated[str, Query(max_length=400, examples=["in_bps,out_bps"], description="Columns, comma between.")],
    measurement: Annotated[str, Query(examples=["interface"])] = "interface",
    index: Annotated[str, Query(max_length=200, description="Row key (ifIndex); empty for the device itself.")] = "",
    start: Annotated[str, Query(alias="from", examples=["now-6h"], description="RFC 3339, or `now-6h`.")] = "now-6h",
    end: Annotated[str, Query(alias="to", examples=["now"])] = "now",
    step: Annotated[str | None, Query(examples=["60s"], description="Step (`60s`, `5m`); chosen when absent.")] = None,
) -> SeriesView:
    """Columns of one measurement over time, averaged into steps."""
    device = find_device(using.cities.city(caller.scope), device_id)
    time = time_range(start, end, using.clock())
    known, names = _columns(measurement, columns)
    floor = timedelta(seconds=min(using.settings.poll_interval_s, 60.0))
    width = span(step) if step else nice_step(time, _USUAL_POINTS, floor)
    if not width or time.span / width > using.settings.max_series_points:
        hint = f"take a longer step or a shorter range: at most {using.settings.max_series_points} points"
        raise UserError(f"a step of {step or width} is too short for this range", hint)
    query = SeriesQuery(measurement, device.id, index, names, time, width)
    series = using.records.series(caller.scope, query)
    return SeriesView(
        device=device.id,
        measurement=measurement,
        index=index,
        start=time.start,
        end=time.end,
        step_s=width.total_seconds(),
        at=list(series.at),
        columns={name: list(values) for name, values in series.columns.items()},
        units={name: known.columns[name] for name in names},
    )


def _columns(measurement: str, columns: str) -> tuple[Measurement, tuple[str, ...]]:
    known = MEASUREMENTS.get(measurement)
    if known is None:
        raise UserError(f"there is no measurement '{measurement}'", nearest(measurement, list(MEASUREMENTS)))
    names = tuple(dict.fromkeys(name.strip() for name in columns.split(",") if name.strip()))
    for name in names:
        if name not in known.columns:
            raise UserError(f"'{measurement}' has no column '{name}'", nearest(name, list(known.columns)))
    if not names:
        raise UserError("no column was asked for", nearest("", list(known.columns)))
    return known, names


def _key(city: City, sort: DeviceSort) -> Callable[[Device], Key]:
    """The sorting key; the id at the end makes it unique."""
    order = {status: -rank for rank, status in enumerate(STATUS_ORDER)}
    by: dict[str, Callable[[Device], Key]] = {
        "name": lambda device: (fold(device.name), device.id),
        "status": lambda device: (order[city.status(device).status], fold(device.name), device.id),
        "since": lambda device: (city.status(device).since.isoformat(), device.id),
    }
    return by[sort.removeprefix("-")]
