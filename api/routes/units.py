"""Units."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Cursor, Limit, Search, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.units import UnitDetail, UnitView

router = APIRouter(prefix="/units", tags=["units"])


@router.get("")
def list_units(
    caller: Viewer,
    using: Using,
    parent: Annotated[str | None, Query(description="Only the units directly under this one.")] = None,
    kind: Annotated[str | None, Query(description="city, district, department, ward, centre ...")] = None,
    q: Search = None,
    cursor: Cursor = None,
    limit: Limit = 500,
) -> ListPage[UnitView]:
    """Units in sight with how they are, by name."""
    raise NotImplementedError


@router.get("/{unit_id}")
def get_unit(unit_id: str, caller: Viewer, using: Using) -> UnitDetail:
    """One unit with its way up to the city."""
    raise NotImplementedError
