"""Units: nodes of the city's tree."""

from datetime import date, datetime

from pydantic import Field

from api.schemas.base import ApiModel, StatusCounts, UnitRef
from wardwatch.model.status import Status


class UnitView(UnitRef):
    """A unit and how it is; `devices` counts its whole subtree."""

    code: str = Field(examples=["00073"])
    short_name: str | None = Field(examples=["Hàng Bạc"])
    parent: str | None = Field(examples=["d-hoan-kiem"])
    status: Status
    since: datetime | None
    devices: StatusCounts
    children: int = Field(description="How many units stand directly under it.", examples=[18])
    tile: tuple[int, int] | None = Field(description="Its place (column, row) on the wall's map.")


class UnitDetail(UnitView):
    """One unit with its way up, its validity and its networks."""

    ancestors: list[UnitRef] = Field(description="From the root down to the parent.")
    valid_from: date | None
    valid_to: date | None
    successors: list[UnitRef]
    networks: list[str] = Field(examples=[["10.12.0.0/24"]])
    services: int = Field(description="Services owned in the subtree.", examples=[4])


class ServiceRef(ApiModel):
    """A service and how it is, judged by the devices it stands on."""

    id: str = Field(examples=["sys-dat-dai"])
    name: str = Field(examples=["Cơ sở dữ liệu đất đai"])
    kind: str = Field(examples=["core-database"])
    level: int | None = Field(examples=[3])
    owner: UnitRef | None
    status: Status
