"""The wall: everything the big screen needs in one answer."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import INCIDENT_TITLE, ApiModel, Ref, StatusCounts, UnitRef, WordsView
from api.schemas.parts import PartView
from wardwatch.model.incidents import IncidentState
from wardwatch.model.status import Severity, Status


class GroupTile(ApiModel):
    """A unit on the wall: its worst status (a part of its devices down means degraded), since when, its counts."""

    unit: str = Field(examples=["d-hoan-kiem"])
    name: str = Field(examples=["Quận Hoàn Kiếm"])
    short_name: str = Field(examples=["Hoàn Kiếm"])
    kind: str = Field(examples=["district"])
    status: Status
    since: datetime | None = Field(description="Since when it has this status; null when there is no data at all.")
    devices: StatusCounts
    alerts: int = Field(description="Alert groups of the last 24 hours that touch the unit.", examples=[2])
    drill: bool = Field(description="Whether a running or recent drill touches it.")


class WallTile(GroupTile):
    """A unit that has a fixed place on the map (a ward)."""

    district: UnitRef | None = Field(description="The parent unit.")
    col: int = Field(examples=[7])
    row: int = Field(examples=[3])


class WallProblem(ApiModel):
    """An incident people should look at now, worst first."""

    incident: str = Field(examples=["3c7f6a52-6d1e-5d0c-9d5a-0a3f0f8f0001"])
    number: int = Field(examples=[17])
    title: WordsView = Field(examples=[INCIDENT_TITLE])
    severity: Severity
    state: IncidentState
    unit: UnitRef | None
    since: datetime
    services_hurt: int = Field(description="Information systems and public services it hurts.", examples=[3])
    drill: bool


class WallTotals(ApiModel):
    """The city in numbers."""

    devices: StatusCounts
    units: StatusCounts
    information_systems: int = Field(examples=[160])
    information_systems_hurt: int = Field(examples=[1])
    public_services: int = Field(examples=[556])
    public_services_hurt: int = Field(examples=[12])
    open_incidents: int = Field(examples=[4])


class Freshness(ApiModel):
    """How old the data on the screen is, and what was lost on the way."""

    now: datetime
    newest_sample_at: datetime | None
    age_s: float | None = Field(description="Age of the newest sample.", examples=[12.4])
    newest_event_at: datetime | None
    poll_interval_s: float = Field(examples=[60.0])
    stale: bool = Field(description="True when no sample came for two polling intervals.")
    devices_polled: int = Field(description="Devices polled within the last interval.", examples=[1298])
    devices_total: int = Field(examples=[1310])
    drops: dict[str, int] = Field(
        description="What was dropped by bounded queues since the start, by kind.", examples=[{"live": 0}]
    )


class Sparkline(ApiModel):
    """A small series: step starts and values (null where there is nothing)."""

    at: list[datetime]
    values: list[float | None]
    unit: str = Field(examples=["bit/s"])
    step_s: float = Field(examples=[60.0])


class Sparklines(ApiModel):
    """The strip under the map."""

    wan_in_bps: Sparkline = Field(description="Into the city WAN (towards the core), the last 60 minutes.")
    wan_out_bps: Sparkline = Field(description="Out of the core towards the units, the last 60 minutes.")
    alerts: Sparkline = Field(description="IDS alerts per 5 minutes of the last 3 hours.")


class Wall(ApiModel):
    """The whole wall at one instant, for the caller's units."""

    tiles: list[WallTile] = Field(description="Units with a fixed place on the map, by row and column.")
    groups: list[GroupTile] = Field(description="Units without a place: city, districts, departments, data centre.")
    totals: WallTotals
    problems: list[WallProblem] = Field(description="The ten worst open incidents.")
    freshness: Freshness
    sparklines: Sparklines
    drill: Ref | None = Field(default=None, description="The drill that is on, if one is.")
    parts: list[PartView] = Field(
        default=[],
        description="Parts of WardWatch itself that are not running, or were started again within ten minutes; "
        "told to callers of the whole city.",
    )
