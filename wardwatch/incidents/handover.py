"""What one shift tells the next: what is still open, what came and went, and what is hidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardwatch.incidents.clocks import due
from wardwatch.model.access import Scope
from wardwatch.model.incidents import GroupState, Incident, IncidentState
from wardwatch.model.state import AlertGroupQuery, IncidentQuery
from wardwatch.model.status import SEVERITY_ORDER
from wardwatch.model.suppressions import Suppression
from wardwatch.model.time import TimeRange
from wardwatch.ports import IncidentStore, StateStore

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Handover:
    """A shift: `open` are all that are still open or taken now, worst and oldest first, of them `late` past their
    clock; `opened` and `closed` in the shift; alert groups that wait; suppressions that end within a day."""

    shift: TimeRange
    open: tuple[Incident, ...]
    late: tuple[Incident, ...]
    opened: tuple[Incident, ...]
    closed: tuple[Incident, ...]
    waiting_groups: int
    ending: tuple[Suppression, ...]


def handover(state: StateStore, scope: Scope, shift: TimeRange) -> Handover:
    """The note of a shift, of what is in scope; drills are left out."""
    unfinished = _all(state.incidents, scope, IncidentQuery(states=(IncidentState.OPEN, IncidentState.ACKNOWLEDGED)))
    recent = _all(state.incidents, scope, IncidentQuery(), opened_since=shift.start - timedelta(days=90))
    waiting = state.alert_groups.groups(scope, AlertGroupQuery(states=(GroupState.OPEN,), limit=1)).total
    active = state.suppressions.suppressions(scope, shift.end)
    return Handover(
        shift,
        tuple(sorted(unfinished, key=lambda each: (SEVERITY_ORDER.index(each.severity), each.opened_at))),
        tuple(each for each in unfinished if late(each, shift.end)),
        tuple(each for each in recent if shift.start <= each.opened_at < shift.end),
        tuple(each for each in recent if each.closed_at and shift.start <= each.closed_at < shift.end),
        waiting,
        tuple(each for each in active if each.expires_at <= shift.end + timedelta(days=1)),
    )


def late(incident: Incident, now: datetime) -> bool:
    """Whether its next step is overdue."""
    deadline = due(incident)
    return deadline is not None and deadline < now


def _all(
    store: IncidentStore, scope: Scope, query: IncidentQuery, opened_since: datetime | None = None
) -> Sequence[Incident]:
    """Newest first, until those opened before the moment begin."""
    found: list[Incident] = []
    cursor: str | None = None
    while True:
        page = store.incidents(scope, IncidentQuery(states=query.states, limit=_PAGE, cursor=cursor))
        for incident in page.items:
            if opened_since is not None and incident.opened_at < opened_since:
                return found
            found.append(incident)
        cursor = page.next
        if cursor is None:
            return found
