"""What wants attention in each unit: alert groups of the last day, and what a drill touches."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.city import City
from wardwatch.model.incidents import AlertGroup, Incident, IncidentState
from wardwatch.model.records import DEFAULT_NAMESPACE
from wardwatch.model.state import AlertGroupQuery, IncidentQuery
from wardwatch.ports import StateStore

OPEN = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
_ALERTS_FOR = timedelta(hours=24)
# A storm of groups must not make the wall slow: beyond this many the newest are counted.
_MOST_GROUPS = 2000
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Attention:
    """By unit, with everything under it; `drill` is the namespace of the newest drill with an open incident."""

    alerts: Mapping[str, int] = field(default_factory=dict)
    drill_units: frozenset[str] = frozenset()
    drill_devices: frozenset[str] = frozenset()
    drill: str | None = None


def attention(state: StateStore, city: City, now: datetime) -> Attention:
    """Read within the city's scope."""
    alerts: Counter[str] = Counter()
    drill_units: set[str] = set()
    drill_devices: set[str] = set()
    for group in _groups(state, city, now):
        touched = with_ancestors(city, group.units)
        alerts.update(touched)
        if group.namespace != DEFAULT_NAMESPACE:
            drill_units |= touched
    incidents = _open_incidents(state, city)
    for incident in incidents:
        if incident.drill:
            drill_units |= with_ancestors(city, incident.units)
            drill_devices.update(incident.devices)
    drill = next((incident.namespace for incident in incidents if incident.drill), None)
    return Attention(alerts, frozenset(drill_units), frozenset(drill_devices), drill)


def with_ancestors(city: City, units: tuple[str, ...]) -> set[str]:
    """The units and all above them that are in sight."""
    found = {each for unit in units for each in (unit, *(above.id for above in city.ancestors(unit)))}
    return found & city.units.keys()


def _groups(state: StateStore, city: City, now: datetime) -> list[AlertGroup]:
    found: list[AlertGroup] = []
    cursor = None
    while len(found) < _MOST_GROUPS:
        query = AlertGroupQuery(namespace=None, since=now - _ALERTS_FOR, limit=_PAGE, cursor=cursor)
        page = state.alert_groups.groups(city.scope, query)
        found.extend(page.items)
        cursor = page.next
        if cursor is None:
            break
    return found


def _open_incidents(state: StateStore, city: City) -> tuple[Incident, ...]:
    return state.incidents.incidents(city.scope, IncidentQuery(namespace=None, states=OPEN, limit=_PAGE)).items
