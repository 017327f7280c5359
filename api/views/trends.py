"""The sparklines under the map: the city's WAN traffic and its alerts over time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.city import City
from api.schemas.wall import Sparkline, Sparklines
from wardwatch.model.inventory import Link
from wardwatch.model.queries import EventQuery, Series, SeriesQuery
from wardwatch.model.time import TimeRange
from wardwatch.ports import DeviceStateStore, RecordReader

_TRAFFIC_FOR, _TRAFFIC_STEP = timedelta(minutes=60), timedelta(minutes=1)
_ALERTS_FOR, _ALERTS_STEP = timedelta(hours=3), timedelta(minutes=5)
# Lines nearest the core that are added up; a bigger city is shown by its first ones rather than slowly.
_MOST_LINES = 96


@dataclass(frozen=True, slots=True)
class Port:
    """One end of a leased line. `towards_core` is the column that carries traffic from the units to the core."""

    device: str
    index: str
    towards_core: str
    from_core: str


def sparklines(records: RecordReader, devices: DeviceStateStore, city: City, now: datetime) -> Sparklines:
    """Read within the city's scope."""
    end = _floor(now, _TRAFFIC_STEP)
    time = TimeRange.last(_TRAFFIC_FOR, end)
    inward: dict[datetime, float] = defaultdict(float)
    outward: dict[datetime, float] = defaultdict(float)
    for port in wan_ports(devices, city):
        query = SeriesQuery("interface", port.device, port.index, ("in_bps", "out_bps"), time, _TRAFFIC_STEP)
        series = records.series(city.scope, query)
        _add(inward, series, port.towards_core)
        _add(outward, series, port.from_core)
    return Sparklines(
        wan_in_bps=_line(time, _TRAFFIC_STEP, inward, "bit/s"),
        wan_out_bps=_line(time, _TRAFFIC_STEP, outward, "bit/s"),
        alerts=_alerts(records, city, now),
    )


def wan_ports(devices: DeviceStateStore, city: City) -> list[Port]:
    """The measured ports of the leased lines nearest the core that are in sight: their upper ends, or the lower ones
    where the upper stands out of the caller's units."""
    lines = [link for link in city.inventory.links.values() if link.circuit is not None]
    below = {link.downstream for link in lines}
    top = sorted((link for link in lines if link.upstream not in below), key=lambda link: link.id)
    names: dict[str, dict[str, str]] = {}
    found = []
    for link in top[:_MOST_LINES]:
        device, name, directions = _end(city, link)
        if device not in names:
            facts = devices.facts(city.scope, device, "interfaces")
            rows = facts.rows if facts else ()
            names[device] = {str(row.get("name")): str(row.get("index")) for row in rows}
        index = names[device].get(name or "")
        if index is not None:
            found.append(Port(device, index, *directions))
    return found


def _end(city: City, link: Link) -> tuple[str, str | None, tuple[str, str]]:
    if link.upstream in city.inventory.devices:
        return link.upstream, link.upstream_port, ("in_bps", "out_bps")
    return link.downstream, link.downstream_port, ("out_bps", "in_bps")


def _alerts(records: RecordReader, city: City, now: datetime) -> Sparkline:
    end = _floor(now, _ALERTS_STEP) + _ALERTS_STEP
    time = TimeRange.last(_ALERTS_FOR, end)
    found: dict[datetime, float] = {}
    for start in _steps(time, _ALERTS_STEP):
        query = EventQuery(TimeRange(start, start + _ALERTS_STEP), filters={"event.kind": ("alert",)})
        found[start] = float(sum(records.count(city.scope, query, "event.kind").values()))
    return _line(time, _ALERTS_STEP, found, "alerts")


def _add(total: dict[datetime, float], series: Series, column: str) -> None:
    for at, value in zip(series.at, series.columns[column], strict=True):
        if value is not None:
            total[at.astimezone(UTC)] += value


def _line(time: TimeRange, step: timedelta, values: dict[datetime, float], unit: str) -> Sparkline:
    at = list(_steps(time, step))
    return Sparkline(at=at, values=[values.get(start) for start in at], unit=unit, step_s=step.total_seconds())


def _steps(time: TimeRange, step: timedelta) -> Iterable[datetime]:
    at = time.start
    while at < time.end:
        yield at
        at += step


def _floor(at: datetime, step: timedelta) -> datetime:
    seconds = int(step.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
