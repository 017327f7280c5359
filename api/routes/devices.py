"""Devices, their interfaces and series."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Cursor, Limit, Search, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.devices import DeviceDetail, DeviceView, InterfaceView, SeriesView
from wardwatch.model.inventory import DeviceRole
from wardwatch.model.status import Status

router = APIRouter(prefix="/devices", tags=["devices"])


class DeviceSort(StrEnum):
    """How devices are ordered; a minus turns it round. `status` puts the worst first."""

    NAME = "name"
    NAME_DOWN = "-name"
    STATUS = "status"
    STATUS_DOWN = "-status"
    SINCE = "since"
    SINCE_DOWN = "-since"


@router.get("")
def list_devices(
    caller: Viewer,
    using: Using,
    unit: Annotated[str | None, Query(description="Only devices of this unit's subtree.")] = None,
    status: Annotated[list[Status] | None, Query(description="Any of these.")] = None,
    role: Annotated[list[DeviceRole] | None, Query(description="Any of these.")] = None,
    q: Search = None,
    sort: DeviceSort = DeviceSort.STATUS,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[DeviceView]:
    """Devices in sight and how they are."""
    raise NotImplementedError


@router.get("/{device_id}")
def get_device(device_id: str, caller: Viewer, using: Using) -> DeviceDetail:
    """One device with everything known of it."""
    raise NotImplementedError


@router.get("/{device_id}/interfaces")
def list_interfaces(device_id: str, caller: Viewer, using: Using) -> ListPage[InterfaceView]:
    """Its interfaces with their latest rates, by index."""
    raise NotImplementedError


@router.get("/{device_id}/series")
def get_series(
    device_id: str,
    caller: Viewer,
    using: Using,
    columns: Annotated[str, Query(max_length=400, examples=["in_bps,out_bps"], description="Columns, comma between.")],
    measurement: Annotated[str, Query(examples=["interface"])] = "interface",
    index: Annotated[str, Query(max_length=200, description="Row key (ifIndex); empty for the device itself.")] = "",
    start: Annotated[str, Query(alias="from", examples=["now-6h"], description="RFC 3339, or `now-6h`.")] = "now-6h",
    end: Annotated[str, Query(alias="to", examples=["now"])] = "now",
    step: Annotated[str | None, Query(examples=["60s"], description="Step (`60s`, `5m`); chosen when absent.")] = None,
) -> SeriesView:
    """Columns of one measurement over time, averaged into steps."""
    raise NotImplementedError
