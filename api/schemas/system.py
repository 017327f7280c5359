"""Health, search, audit and the live stream."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from api.schemas.base import ApiModel, UnitRef
from wardwatch.model.status import Status


class Health(ApiModel):
    """Says that the server serves."""

    status: str = Field(examples=["ok"])
    version: str = Field(examples=["0.1.0"])
    now: datetime


class HitKind(StrEnum):
    """What a search can find."""

    UNIT = "unit"
    DEVICE = "device"
    SERVICE = "service"


class SearchHit(ApiModel):
    """One thing found; exact codes, addresses and exact marks come first."""

    kind: HitKind
    id: str = Field(examples=["w-00073"])
    name: str = Field(examples=["Phường Hàng Bạc"])
    detail: str = Field(description="Its kind or role, and its code or address.", examples=["ward · 00073"])
    unit: UnitRef | None
    status: Status


class SearchResult(ApiModel):
    """The best hits of each kind together."""

    items: list[SearchHit]
    next: str | None = None
    total: int = Field(examples=[12])


class AuditEntryView(ApiModel):
    """One link of the audit chain."""

    sequence: int = Field(examples=[120])
    at: datetime
    actor: str = Field(examples=["admin"])
    address: str | None = Field(examples=["10.0.0.9"])
    action: str = Field(examples=["incident.save"])
    subject: str
    detail: dict[str, Any]
    hash: str
    previous: str


class LiveMessage(ApiModel):
    """The data of one server-sent event; `event` of the frame is the topic, `id` is for `Last-Event-ID`.

    Topics: `status`, `incident`, `alert_group`, `events`, `freshness`, `parts` (to listeners of the whole city), and
    `resync` (read everything again: the listener was too slow or away too long)."""

    topic: str = Field(examples=["status"])
    at: datetime
    payload: dict[str, Any] = Field(examples=[{"units": ["w-00073"], "device": "w-00073-rt1", "status": "down"}])
