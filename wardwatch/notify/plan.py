"""What is to be told now, decided from an incident, the settings and the clock alone.

Step 0 of a route is due as soon as an incident matches; step n when nobody took it n times the SLA of its severity
after it opened. An incident that was taken or closed is told no further. A drill is told to the drill channels alone:
no rota, no escalation.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from wardwatch.model.incidents import EntryKind, Incident, IncidentState, TimelineEntry
from wardwatch.notify.rota import on_call
from wardwatch.notify.settings import CITY_TIME, NotifySettings, QuietHours, Route, Target

DRILL_ROUTE = "drills"
Ancestors = Callable[[str], Collection[str]]
"""A unit with all above it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a route for one incident. `key` is its identity: a step is decided once, whatever changes later.

    `nobody` names rotas on which nobody is on call.
    """

    incident: Incident
    route: str
    number: int
    channels: tuple[str, ...]
    nobody: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.incident.id}|{self.route}|{self.number}"


def kinds_of(timeline: Collection[TimelineEntry]) -> frozenset[str]:
    """What an incident is about."""
    names = {EntryKind.OUTAGE: "outage", EntryKind.ALERT_GROUP: "alert"}
    return frozenset(names[entry.kind] for entry in timeline if entry.kind in names)


def due_steps(
    incident: Incident, kinds: frozenset[str], settings: NotifySettings, ancestors: Ancestors, now: datetime
) -> Iterator[Step]:
    """The steps that are due by now, also those that were told already."""
    if incident.state is not IncidentState.OPEN:
        return
    if incident.drill:
        if settings.drill_channels:
            yield Step(incident, DRILL_ROUTE, 0, settings.drill_channels)
        return
    if settings.quiet is not None and is_quiet(settings.quiet, now) and incident.severity not in settings.quiet.passing:
        return
    overdue = (now - incident.opened_at) // settings.sla[incident.severity]
    for route in settings.routes:
        if _matches(route, incident, kinds, ancestors):
            for number, target in enumerate((route.target, *route.escalation)):
                if number <= overdue or number == 0:
                    yield _step(incident, route, number, target, settings, now)


def is_quiet(quiet: QuietHours, now: datetime) -> bool:
    """Whether a moment lies in the quiet hours, which may pass midnight."""
    local = now.astimezone(CITY_TIME).time()
    if quiet.start <= quiet.end:
        return quiet.start <= local < quiet.end
    return local >= quiet.start or local < quiet.end


def _matches(route: Route, incident: Incident, kinds: frozenset[str], ancestors: Ancestors) -> bool:
    if route.severities and incident.severity not in route.severities:
        return False
    if route.kinds and kinds.isdisjoint(route.kinds):
        return False
    if not route.units:
        return True
    units = {above for unit in incident.units for above in ancestors(unit)}
    return not units.isdisjoint(route.units)


def _step(
    incident: Incident, route: Route, number: int, target: Target, settings: NotifySettings, now: datetime
) -> Step:
    channels, nobody = list(target.channels), []
    for name in target.rotas:
        person = on_call(settings.rotas[name], now)
        if person is None:
            nobody.append(name)
        else:
            channels += settings.people[person]
    return Step(incident, route.name, number, tuple(dict.fromkeys(channels)), tuple(nobody))
