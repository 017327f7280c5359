"""Correlation: findings that belong together become one incident.

* An outage opens an incident; a second device that falls with it, or the same device again, joins it.
* A serious alert group opens one; groups of the same unit and technique or address join it.
* An outage and an alert group on one unit within the window are one incident, raised by one step of severity.

Incidents and timeline entries have ids made from what they speak of, so a replay adds nothing twice. Time is that of
the events; only `opened_at` and `updated_at` are the clock's. Incidents are closed by people.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from wardwatch.errors import Conflict
from wardwatch.incidents import wording
from wardwatch.incidents.activity import Activity, activity_of
from wardwatch.incidents.findings import ImpactSettings, Outage, Recovery, severity_of
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import AlertGroup, EntryKind, Incident, IncidentState, TimelineEntry
from wardwatch.model.records import DEFAULT_NAMESPACE
from wardwatch.model.state import AlertGroupQuery, IncidentQuery
from wardwatch.model.status import SEVERITY_ORDER, Severity, worst_severity
from wardwatch.model.text import Words
from wardwatch.model.time import Clock
from wardwatch.ports import AlertGroupStore, IncidentStore

_IDS = uuid.UUID("0d7a1c39-0b1e-5c44-8f5e-6a1c2f0f9b55")
_ACTOR = Actor.system("correlation")
_EVERYTHING = Scope.everything()
_TRIES = 5
_PAGE = 200


@dataclass(frozen=True, slots=True)
class CorrelationSettings:
    """`opens` is the mildest severity of alerts that opens an incident, `joins` the mildest that joins one;
    findings belong together within `window`, and a story takes nothing new after `longest` or `entries` lines."""

    opens: Severity = Severity.HIGH
    joins: Severity = Severity.LOW
    window: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=24)
    entries: int = 200
    impact: ImpactSettings = field(default_factory=ImpactSettings)


Change = Callable[[Incident], Incident]


class Correlator:
    """Decides where findings belong and writes it. Not thread-safe: detection calls it from one thread at a time."""

    def __init__(
        self,
        incidents: IncidentStore,
        groups: AlertGroupStore,
        unit_name: Callable[[str], str],
        settings: CorrelationSettings,
        clock: Clock,
    ) -> None:
        self._incidents = incidents
        self._groups = groups
        self._unit_name = unit_name
        self._settings = settings
        self._clock = clock
        self._stories: dict[str, Activity] = {}

    def load(self) -> None:
        """Reads the open incidents; called before the first finding, and again after a fault."""
        self._stories.clear()
        cursor: str | None = None
        while True:
            query = IncidentQuery(
                namespace=None, states=(IncidentState.OPEN, IncidentState.ACKNOWLEDGED), limit=_PAGE, cursor=cursor
            )
            page = self._incidents.incidents(_EVERYTHING, query)
            for incident in page.items:
                timeline = self._incidents.timeline(_EVERYTHING, incident.id)
                self._stories[incident.id] = activity_of(incident, timeline)
            cursor = page.next
            if cursor is None:
                self._let_go()
                return

    def outage(self, outage: Outage) -> Incident | None:
        """The incident the outage opens or joins, with the alert groups of its unit within the window; None when it
        was told before and its incident is closed."""
        self._let_go()
        severity = severity_of(outage.impact, self._settings.impact)
        story = self._story_of_outage(outage)
        incident_id = story.incident if story else _id("outage", outage.device, outage.at.isoformat())
        summary, detail = wording.outage_started(outage)
        entry = _entry(incident_id, EntryKind.OUTAGE, outage.device, outage.at, summary, detail)
        incident = self._open(
            incident_id,
            DEFAULT_NAMESPACE,
            wording.outage_title(outage.device_name, outage.unit_name, with_alerts=False),
            outage.unit,
        )

        def change(incident: Incident) -> Incident:
            return replace(
                _worse(incident, severity, story is not None and bool(story.alerts) and not story.outages),
                title=self._outage_title(incident, outage, story),
                units=_with(incident.units, outage.unit, *outage.impact.units),
                devices=_with(incident.devices, outage.device, *outage.impact.devices),
                services=_with(incident.services, *outage.impact.services),
            )

        saved = self._save(incident, change, [entry])
        return None if saved is None else self._gather_alerts(saved, outage)

    def recovery(self, recovery: Recovery) -> list[Incident]:
        """The open incidents on whose timeline the recovery was noted."""
        noted = []
        for story in list(self._stories.values()):
            since = story.outages.get(recovery.device)
            if since is None:
                continue
            summary, detail = wording.outage_recovered(recovery, recovery.at - since)
            entry = _entry(story.incident, EntryKind.OUTAGE, recovery.device, recovery.at, summary, detail)
            saved = self._save(self._incidents.incident(_EVERYTHING, story.incident), lambda same: same, [entry])
            if saved is not None:
                noted.append(saved)
        return noted

    def alerts(self, groups: Sequence[AlertGroup]) -> list[Incident]:
        """The incidents that these groups opened or joined; groups linked before and mild ones alone do nothing."""
        self._let_go()
        changed: dict[str, Incident] = {}
        joined: dict[str, list[str]] = {}
        for group in groups:
            if group.incident is not None or not _at_least(group.severity, self._settings.joins):
                continue
            story = self._story_of_alerts(group)
            if story is None and not _at_least(group.severity, self._settings.opens):
                continue
            saved = self._add_alerts(group, story)
            if saved is not None:
                changed[saved.id] = saved
                joined.setdefault(saved.id, []).append(group.id)
        for incident_id, group_ids in joined.items():
            self._groups.link(_ACTOR, group_ids, incident_id)
        return list(changed.values())

    @property
    def followed(self) -> int:
        """How many incidents may still take findings."""
        return len(self._stories)

    def _let_go(self) -> None:
        """Forgets what has been silent for `longest`: people may leave incidents open for ever, and every finding is
        compared with all that are remembered."""
        since = self._clock() - self._settings.longest
        for story in [story for story in self._stories.values() if story.touched < since and not story.unfinished]:
            del self._stories[story.incident]

    def _add_alerts(self, group: AlertGroup, story: Activity | None) -> Incident | None:
        incident_id = story.incident if story else _id("alerts", group.id)
        summary, detail = wording.alerts_seen(group)
        entry = _entry(incident_id, EntryKind.ALERT_GROUP, group.id, group.first_seen, summary, detail)
        unit_name = self._unit_name(group.unit) if group.unit else None
        incident = self._open(incident_id, group.namespace, wording.alert_title(group, unit_name), group.unit)
        met_outage = story.named if story is not None and not story.alerts else None

        def change(incident: Incident) -> Incident:
            return replace(
                _worse(incident, group.severity, met_outage is not None),
                title=wording.outage_title(*met_outage, with_alerts=True) if met_outage else incident.title,
                unit=incident.unit or group.unit,
                units=_with(incident.units, group.unit, *group.units),
                devices=_with(incident.devices, group.device),
                services=_with(incident.services, group.service),
                techniques=_with(incident.techniques, group.technique),
            )

        return self._save(incident, change, [entry])

    def _gather_alerts(self, incident: Incident, outage: Outage) -> Incident:
        """The alerts seen on the unit shortly before an outage are part of its story."""
        query = AlertGroupQuery(unit=outage.unit, since=outage.at - self._settings.window, limit=self._settings.entries)
        story = self._stories[incident.id]
        joined: list[str] = []
        for group in self._groups.groups(_EVERYTHING, query).items:
            timely = group.incident is None and group.first_seen <= outage.at + self._settings.window
            if timely and _at_least(group.severity, self._settings.joins):
                saved = self._add_alerts(group, story)
                if saved is not None:
                    incident = saved
                    joined.append(group.id)
        self._groups.link(_ACTOR, joined, incident.id)
        return incident

    def _story_of_outage(self, outage: Outage) -> Activity | None:
        fallen = {outage.device, *outage.impact.devices}
        near = self._near(DEFAULT_NAMESPACE, outage.at, outage.at)
        unfinished = [story for story in self._stories.values() if story.outages.get(outage.device) is not None]
        together = [story for story in near if fallen & story.outages.keys() or outage.device in story.devices]
        attacked = [story for story in near if story.alerts and outage.unit in story.units]
        return self._newest_open(unfinished) or self._newest_open(together) or self._newest_open(attacked)

    def _story_of_alerts(self, group: AlertGroup) -> Activity | None:
        units = {unit for unit in (group.unit, *group.units) if unit is not None}
        near = self._near(group.namespace, group.first_seen, group.last_seen)
        near = [story for story in near if units & story.units or not (units or story.units)]
        return self._newest_open([story for story in near if story.shares_entity(group)]) or self._newest_open(
            [story for story in near if story.outages]
        )

    def _newest_open(self, stories: Sequence[Activity]) -> Activity | None:
        """The story with the newest finding whose incident nobody has closed meanwhile."""
        for story in sorted(stories, key=lambda story: (str(story.last), story.incident), reverse=True):
            incident = self._incidents.incident(_EVERYTHING, story.incident)
            if incident is not None and incident.state is not IncidentState.CLOSED:
                return story
            self._stories.pop(story.incident, None)
        return None

    def _near(self, namespace: str, first: datetime, last: datetime) -> list[Activity]:
        settings = self._settings
        return [
            story
            for story in self._stories.values()
            if story.namespace == namespace
            and len(story.outages) + story.alerts < settings.entries
            and story.near(first, last, settings.window, settings.longest)
        ]

    def _open(self, incident_id: str, namespace: str, title: Words, unit: str | None) -> Incident:
        """The incident as stored, or a new one that is not stored yet (version 0)."""
        stored = self._incidents.incident(_EVERYTHING, incident_id)
        if stored is not None:
            return stored
        now = self._clock()
        return Incident(
            id=incident_id,
            number=0,
            namespace=namespace,
            title=title,
            state=IncidentState.OPEN,
            severity=Severity.INFO,
            unit=unit,
            units=(),
            devices=(),
            services=(),
            techniques=(),
            opened_at=now,
            updated_at=now,
            version=0,
        )

    def _save(self, incident: Incident | None, change: Change, entries: list[TimelineEntry]) -> Incident | None:
        """Writes the change upon what is stored, again when a person was faster; a closed incident is left alone."""
        for attempt in range(1, _TRIES + 1):
            if incident is None or incident.state is IncidentState.CLOSED:
                self._stories.pop(entries[0].incident, None)
                return None
            changed = replace(change(incident), version=incident.version + 1, updated_at=self._clock())
            try:
                saved = self._incidents.save(_ACTOR, changed, entries)
            except Conflict:
                if attempt == _TRIES:
                    raise
                incident = self._incidents.incident(_EVERYTHING, incident.id)
                continue
            story = self._stories.setdefault(saved.id, Activity(saved.id, saved.namespace, saved.updated_at))
            story.touched = saved.updated_at
            for entry in entries:
                story.learn(entry)
            return saved
        return None

    def _outage_title(self, incident: Incident, outage: Outage, story: Activity | None) -> Words:
        """The device that cuts off the others gives the name, also when its failure is noticed last."""
        if story is not None and story.outages and not story.cut_off_by(outage.impact.devices):
            return incident.title
        with_alerts = story is not None and story.alerts > 0
        return wording.outage_title(outage.device_name, outage.unit_name, with_alerts)


def _worse(incident: Incident, severity: Severity, raised: bool) -> Incident:
    """Severity only grows; one step more when an outage and alerts meet."""
    worst = worst_severity(incident.severity, severity)
    if raised:
        worst = SEVERITY_ORDER[max(0, SEVERITY_ORDER.index(worst) - 1)]
    return replace(incident, severity=worst)


def _at_least(severity: Severity, bound: Severity) -> bool:
    return SEVERITY_ORDER.index(severity) <= SEVERITY_ORDER.index(bound)


def _with(values: tuple[str, ...], *more: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*values, *(value for value in more if value is not None))))


def _id(*parts: str) -> str:
    return str(uuid.uuid5(_IDS, "|".join(parts)))


def _entry(
    incident_id: str, kind: EntryKind, subject: str, at: datetime, summary: Words, detail: wording.Detail
) -> TimelineEntry:
    entry_id = _id(incident_id, str(detail["event"]), subject, at.isoformat() if kind is EntryKind.OUTAGE else "")
    return TimelineEntry(entry_id, incident_id, at, kind, subject, summary, _ACTOR.name, detail)
