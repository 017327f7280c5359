"""What people work on: alert groups, outages, incidents and their timeline."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from wardwatch.model.records import DEFAULT_NAMESPACE, Position
from wardwatch.model.status import Severity, Status
from wardwatch.model.text import NO_WORDS, Words


class IncidentState(StrEnum):
    """An incident is opened by detection, taken by a person, and closed with a verdict."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class GroupState(StrEnum):
    """An alert group waits until somebody handles it, a suppression hides it, or its condition is over."""

    OPEN = "open"
    HANDLED = "handled"
    SUPPRESSED = "suppressed"
    CLEARED = "cleared"


class EntryKind(StrEnum):
    """What stands on an incident's timeline."""

    ALERT_GROUP = "alert_group"
    OUTAGE = "outage"
    CHANGE = "change"
    COMMENT = "comment"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Alerts of one rule between one source and one destination of one unit within a window.

    `id` is uuid5(rule, source, destination, unit, window start). `positions` are the records of its newest alerts
    (bounded), `count` is all of them. `technique` is an ATT&CK id where the rule names one. `handled_at` is when
    somebody put it away, with a verdict; `suppression` hides it; its condition is over since `cleared_at`.
    """

    id: str
    namespace: str
    rule_id: str
    rule_name: str
    category: str | None
    severity: Severity
    source_ip: str | None
    destination_ip: str | None
    unit: str | None
    units: tuple[str, ...]
    device: str | None
    service: str | None
    technique: str | None
    first_seen: datetime
    last_seen: datetime
    window_start: datetime
    count: int
    positions: tuple[Position, ...] = ()
    incident: str | None = None
    handled_at: datetime | None = None
    handled_by: str | None = None
    verdict: str | None = None
    suppression: str | None = None
    cleared_at: datetime | None = None

    @property
    def state(self) -> "GroupState":
        """Where it stands in the inbox: handling goes before hiding, hiding before clearing."""
        if self.handled_at is not None:
            return GroupState.HANDLED
        if self.suppression is not None:
            return GroupState.SUPPRESSED
        return GroupState.OPEN if self.cleared_at is None else GroupState.CLEARED


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """How a device is now, since when and why. `cause` is a sentence, `behind` the device that cuts it off."""

    device: str
    unit: str
    status: Status
    since: datetime
    checked_at: datetime
    cause: Words = NO_WORDS
    behind: str | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of an incident's story; `subject` is the id of what it speaks of (group, device, user)."""

    id: str
    incident: str
    at: datetime
    kind: EntryKind
    subject: str
    summary: Words
    actor: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something people work on until it is closed. `version` grows with every change (the API's ETag)."""

    id: str
    number: int
    namespace: str
    title: Words
    state: IncidentState
    severity: Severity
    unit: str | None
    units: tuple[str, ...]
    devices: tuple[str, ...]
    services: tuple[str, ...]
    techniques: tuple[str, ...]
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    assignee: str | None = None
    verdict: str | None = None
    version: int = 1

    @property
    def drill(self) -> bool:
        """Whether it belongs to a drill: rehearsed incidents must never look real."""
        return self.namespace != DEFAULT_NAMESPACE
