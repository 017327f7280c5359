"""Ports of what people work on: the inbox, what is hidden from it, and incidents. A part of `wardwatch.ports`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import AlertGroup, Incident, TimelineEntry
from wardwatch.model.state import AlertGroupQuery, IncidentQuery, Page
from wardwatch.model.suppressions import Suppression


class AlertGroupStore(Protocol):
    """The inbox."""

    def merge(self, actor: Actor, groups: Sequence[AlertGroup]) -> None:
        """Inserts new groups; for a known id adds the count, widens first and last seen, keeps newest positions."""
        ...

    def group(self, scope: Scope, group_id: str) -> AlertGroup | None: ...

    def chosen(self, scope: Scope, group_ids: Collection[str]) -> Mapping[str, AlertGroup]:
        """Those of these groups that there are, by id."""
        ...

    def groups(self, scope: Scope, query: AlertGroupQuery) -> Page[AlertGroup]: ...

    def link(self, actor: Actor, group_ids: Sequence[str], incident_id: str) -> None: ...

    def mark(self, actor: Actor, groups: Sequence[AlertGroup]) -> None:
        """Stores of these groups whether they are handled, hidden or cleared, and by whom; nothing else of them."""
        ...


class SuppressionStore(Protocol):
    """What is hidden from the inbox, until when and why."""

    def add(self, actor: Actor, new: Suppression) -> None: ...

    def end(self, actor: Actor, suppression_id: str, at: datetime) -> Suppression:
        """Raises `NotFound` where none that is active has this id."""
        ...

    def suppressions(self, scope: Scope, active_at: datetime | None = None) -> Sequence[Suppression]:
        """The newest first; with a moment those that are active then. One of no unit is seen with the whole city."""
        ...


class IncidentStore(Protocol):
    """Incidents and their timelines."""

    def save(self, actor: Actor, incident: Incident, entries: Sequence[TimelineEntry]) -> Incident:
        """Inserts (version 1) or updates an incident whose stored version is `incident.version - 1` and adds the
        entries, in one transaction with the audit; raises `Conflict` otherwise. An entry id met before is kept as
        it is. A new incident's `number` is given by the store."""
        ...

    def incident(self, scope: Scope, incident_id: str) -> Incident | None: ...

    def incidents(self, scope: Scope, query: IncidentQuery) -> Page[Incident]: ...

    def timeline(self, scope: Scope, incident_id: str) -> Sequence[TimelineEntry]: ...
