"""Services as people use them: how they are now, how available they were, and what is planned."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from api.schemas.base import ApiModel, Ref, UnitRef
from wardwatch.model.status import Status


class AvailabilityView(ApiModel):
    """The availability over a month; `percent` is null where nothing was measured."""

    percent: float | None = Field(examples=[99.92])
    measured_s: float = Field(examples=[2_500_000.0])
    failed_s: float = Field(examples=[2_000.0])
    maintained_s: float = Field(description="Planned work, left out.", examples=[7_200.0])


class ServiceRow(ApiModel):
    """A service in a list."""

    id: str = Field(examples=["dvc-1.004567"])
    name: str = Field(examples=["Cấp giấy phép xây dựng"])
    kind: str = Field(examples=["public-service"])
    code: str | None
    level: int | None = Field(examples=[4])
    owner: UnitRef | None
    status: Status
    checks: int = Field(description="Checks that it needs, its own and those of what it depends on.", examples=[3])
    failing: int = Field(description="Those of them that failed last time.", examples=[0])
    availability: AvailabilityView


class ServicesPage(ApiModel):
    """One page of services; `next` goes into `cursor`."""

    items: list[ServiceRow]
    next: str | None
    total: int
    start: datetime = Field(description="Start of the month, as resolved.")
    end: datetime


class CheckView(ApiModel):
    """A check and what it found last."""

    id: str = Field(examples=["portal-page"])
    service: Ref
    kind: str = Field(examples=["https"])
    host: str
    port: int
    interval_s: float
    at: datetime | None = Field(description="Its newest result; null before the first.")
    up: bool | None
    duration_ms: float | None
    certificate_days: float | None


class HistoryPoint(ApiModel):
    """The share of checks that went well in an hour."""

    at: datetime
    percent: float


class ServiceDetail(ServiceRow):
    """A service with its checks and its last day."""

    hostname: str | None
    depends_on: list[Ref]
    devices: list[Ref]
    check_results: list[CheckView]
    history: list[HistoryPoint]


class AvailabilityGroup(ApiModel):
    """Services of one level, or of one unit, together."""

    level: int | None
    owner: UnitRef | None
    services: int = Field(examples=[170])
    measured: int = Field(description="Those that anything was measured of.", examples=[168])
    percent: float | None = Field(description="Mean of those.", examples=[99.87])
    worst: float | None = Field(examples=[97.1])


class AvailabilityReport(ApiModel):
    """The availability of the public services over a month of the city (Asia/Ho_Chi_Minh), maintenance left out."""

    start: datetime
    end: datetime
    levels: list[AvailabilityGroup]
    owners: list[AvailabilityGroup]


class MaintenanceRequest(ApiModel):
    """A planned window of a unit (with its subtree), a device or a service: exactly one of them."""

    reason: str = Field(min_length=5, max_length=1000, examples=["nâng cấp cơ sở dữ liệu, phiếu 5120"])
    starts_at: AwareDatetime
    ends_at: AwareDatetime = Field(description="Within 31 days of its start.")
    unit: str | None = Field(default=None, max_length=200)
    device: str | None = Field(default=None, max_length=200)
    service: str | None = Field(default=None, max_length=200)


class MaintenanceView(ApiModel):
    """A planned window."""

    id: str
    reason: str
    owner: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    active: bool
    unit: UnitRef | None
    device: Ref | None
    service: Ref | None
