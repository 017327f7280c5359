"""Digital certificates, and jobs that report."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from api.schemas.base import ApiModel, Ref, UnitRef

Kind = Literal["organisation", "person", "server"]


class CertificateRequest(ApiModel):
    """A certificate to be kept; one of the same id is changed."""

    id: str = Field(min_length=1, max_length=120, pattern=r"^[\w.:-]+$", examples=["org-so-xay-dung"])
    kind: Kind
    holder: str = Field(min_length=1, max_length=300, examples=["Sở Xây dựng"])
    unit: str = Field(max_length=200, examples=["so-xay-dung"])
    issuer: str = Field(min_length=1, max_length=300)
    serial: str = Field(min_length=1, max_length=100)
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime
    warn_days: int = Field(default=30, ge=0, le=365)


class CertificatesRequest(ApiModel):
    """Some certificates; a long list is sent in parts."""

    certificates: list[CertificateRequest] = Field(min_length=1, max_length=200)


class CertificateView(ApiModel):
    """A certificate: one that is kept, or one that a check saw (`found`), of which only the last day is known."""

    id: str
    kind: Kind
    found: bool
    holder: str
    unit: UnitRef | None
    service: Ref | None
    issuer: str | None
    serial: str | None
    valid_to: datetime
    days: float = Field(description="Days left; below 0 it is over.", examples=[11.6])
    warning: bool = Field(description="It ends within its days of warning.")


class HeartbeatRequest(ApiModel):
    """A job that is to report."""

    id: str = Field(min_length=1, max_length=120, pattern=r"^[\w.:-]+$", examples=["backup-dat-dai"])
    name: str = Field(min_length=1, max_length=300, examples=["Sao lưu cơ sở dữ liệu đất đai"])
    unit: str = Field(max_length=200)
    service: str | None = Field(default=None, max_length=200)
    every_s: int = Field(ge=60, le=31 * 86_400, examples=[86_400])
    grace_s: int = Field(default=3600, ge=0, le=7 * 86_400)


class HeartbeatView(ApiModel):
    """A job that reports, and whether it is late."""

    id: str
    name: str
    unit: UnitRef | None
    service: Ref | None
    every_s: int
    grace_s: int
    last_at: datetime | None
    last_ok: bool
    detail: str
    due_at: datetime
    late: bool


class HeartbeatMade(ApiModel):
    """A new job with the path it calls. Its token is told once."""

    heartbeat: HeartbeatView
    path: str = Field(examples=["/api/v1/heartbeats/beat/q83vEjRWeJASNFZ4kBI0VniQEjRWeJASNFZ4kBI0Vng"])


class BeatTaken(ApiModel):
    """A report was noted."""

    id: str
    due_at: datetime
