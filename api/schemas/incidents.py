"""Alert groups (the inbox) and incidents (what people work on)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from api.schemas.base import INCIDENT_TITLE, ApiModel, Ref, UnitRef, WordsView
from api.schemas.devices import DeviceView
from api.schemas.events import EventView
from api.schemas.units import ServiceRef
from wardwatch.incidents.inbox import GROUP_VERDICTS, MOST_AT_ONCE
from wardwatch.incidents.lifecycle import VERDICTS
from wardwatch.model.incidents import EntryKind, GroupState, IncidentState
from wardwatch.model.status import Severity


class AlertGroupView(ApiModel):
    """Alerts of one rule between one source and one destination within a window."""

    id: str
    namespace: str = Field(examples=["default"])
    drill: bool
    rule_id: str = Field(examples=["9000001"])
    rule_name: str = Field(examples=["WARDWATCH SQL injection in URI"])
    category: str | None
    severity: Severity
    source_ip: str | None = Field(examples=["198.51.100.7"])
    destination_ip: str | None = Field(examples=["10.0.2.15"])
    unit: UnitRef | None
    device: Ref | None
    service: Ref | None
    technique: str | None = Field(description="ATT&CK id.", examples=["T1190"])
    first_seen: datetime
    last_seen: datetime
    count: int = Field(examples=[42])
    incident: str | None = Field(description="The incident it belongs to.")
    state: GroupState
    handled_at: datetime | None = Field(description="When somebody put it away.")
    handled_by: str | None = Field(examples=["lan"])
    verdict: str | None = Field(description=f"One of {', '.join(GROUP_VERDICTS)}, once handled.")
    suppression: str | None = Field(description="The suppression that hides it.")
    cleared_at: datetime | None = Field(description="Since when its condition is over.")


class AlertGroupDetail(AlertGroupView):
    """One group with its newest events."""

    events: list[EventView]


class GroupsHandling(ApiModel):
    """Alert groups to put away, with what they turned out to be."""

    ids: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)
    verdict: str = Field(max_length=200, description=f"One of {', '.join(GROUP_VERDICTS)}.", examples=["benign"])


class GroupsChosen(ApiModel):
    """Alert groups to take back into the inbox."""

    ids: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)


class GroupsChanged(ApiModel):
    """What became of each: changed, or left because it was so already, is gone or is out of sight."""

    changed: list[str]
    left: list[str]


class IncidentView(ApiModel):
    """An incident in a list. `version` is also its ETag."""

    id: str
    number: int = Field(examples=[17])
    namespace: str = Field(examples=["default"])
    drill: bool
    title: WordsView = Field(examples=[INCIDENT_TITLE])
    state: IncidentState
    severity: Severity
    unit: UnitRef | None
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    assignee: str | None
    verdict: str | None
    due_at: datetime | None = Field(description="When it must be taken (open) or closed (taken); null without a clock.")
    late: bool = Field(description="Whether that has passed.")
    devices_hurt: int = Field(description="Devices it names.", examples=[2])
    services_hurt: int = Field(description="Services it names.", examples=[3])
    techniques: list[str] = Field(examples=[["T1190"]])
    version: int = Field(examples=[3])


class TimelineEntryView(ApiModel):
    """One line of an incident's story."""

    id: str
    at: datetime
    kind: EntryKind
    subject: str = Field(description="The id of what it speaks of: alert group, device, user.")
    summary: WordsView
    actor: str = Field(examples=["system:core"])
    detail: dict[str, Any]


class IncidentDetail(IncidentView):
    """One incident with its timeline, its alert groups, and the devices and services it hurts."""

    units: list[UnitRef]
    devices: list[DeviceView]
    services: list[ServiceRef]
    timeline: list[TimelineEntryView] = Field(description="Oldest first.")
    alert_groups: list[AlertGroupView]


class IncidentAction(StrEnum):
    """What a person can do to an incident."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    COMMENT = "comment"
    CLOSE = "close"


class IncidentChange(ApiModel):
    """A change: `assignee` goes with assign, `verdict` with close, `comment` with comment and, if wanted, any other."""

    action: IncidentAction
    assignee: str | None = Field(default=None, max_length=120, examples=["lan"])
    comment: str | None = Field(default=None, max_length=10_000, examples=["đã gọi nhà mạng, phiếu 44120"])
    verdict: str | None = Field(
        default=None,
        max_length=200,
        description=f"One of {', '.join(VERDICTS)}.",
        examples=["false_positive"],
    )
