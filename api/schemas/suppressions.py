"""Suppressions: what is hidden from the inbox, by whom, until when and why."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from api.schemas.base import ApiModel, Ref, UnitRef
from api.schemas.incidents import AlertGroupView


class SuppressionRequest(ApiModel):
    """Hides the alert groups that meet every condition given. It names a rule or an address at least."""

    reason: str = Field(min_length=5, max_length=1000, examples=["máy quét lỗ hổng của phòng CNTT, phiếu 4412"])
    expires_at: AwareDatetime = Field(description="Within a year.", examples=["2026-12-01T00:00:00Z"])
    rule_id: str | None = Field(default=None, max_length=200, examples=["9000001"])
    source: str | None = Field(default=None, max_length=64, description="Address or prefix.", examples=["10.1.2.0/24"])
    destination: str | None = Field(default=None, max_length=64, description="Address or prefix.")
    unit: str | None = Field(default=None, max_length=200, description="A unit, with its subtree.")
    device: str | None = Field(default=None, max_length=200)


class SuppressionView(ApiModel):
    """One suppression."""

    id: str
    owner: str = Field(examples=["lan"])
    reason: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    active: bool
    rule_id: str | None
    source: str | None
    destination: str | None
    unit: UnitRef | None
    device: Ref | None


class SuppressedRule(ApiModel):
    """A rule of which groups would have been hidden."""

    rule_id: str
    rule_name: str
    groups: int


class SuppressionPreview(ApiModel):
    """What a suppression would have hidden since `since`, of the groups that the caller sees."""

    since: datetime
    seen: int = Field(description="Alert groups in that time.", examples=[812])
    groups: int = Field(description="Those it would have hidden.", examples=[40])
    alerts: int = Field(description="Alerts in those.", examples=[5120])
    serious: int = Field(description="Those of severity high or critical.", examples=[0])
    in_incidents: int = Field(description="Those that belong to an incident.", examples=[1])
    rules: list[SuppressedRule]
    examples: list[AlertGroupView]
    bounded: bool = Field(description="There were more groups than were looked at: the counts are lower bounds.")
    refusal: str | None = Field(description="Why it may not be made; null when it may.")


class SuppressionMade(ApiModel):
    """A suppression, and how many groups of the inbox it hid (or, ended, shows again)."""

    suppression: SuppressionView
    groups: int
