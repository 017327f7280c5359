"""By when somebody must have taken an incident, and by when it must be closed: clocks by severity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.status import Severity


@dataclass(frozen=True, slots=True)
class Target:
    """How long after an incident was opened it must be taken, and closed."""

    taken: timedelta
    closed: timedelta


TARGETS: Mapping[Severity, Target] = {
    Severity.CRITICAL: Target(timedelta(minutes=15), timedelta(hours=4)),
    Severity.HIGH: Target(timedelta(minutes=30), timedelta(hours=8)),
    Severity.MEDIUM: Target(timedelta(hours=2), timedelta(hours=24)),
    Severity.LOW: Target(timedelta(hours=8), timedelta(hours=72)),
}
"""Incidents of severity info have no clock."""


def due(incident: Incident, targets: Mapping[Severity, Target] = TARGETS) -> datetime | None:
    """When the next step must be done: taken while it is open, closed once it is taken. None for what is closed, has
    no clock or belongs to a drill. The clock runs from the opening, also after the severity has grown."""
    target = targets.get(incident.severity)
    if target is None or incident.drill:
        return None
    match incident.state:
        case IncidentState.OPEN:
            return incident.opened_at + target.taken
        case IncidentState.ACKNOWLEDGED:
            return incident.opened_at + target.closed
        case IncidentState.CLOSED:
            return None
