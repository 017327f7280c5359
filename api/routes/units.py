"""Units."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Cursor, Limit, Search, Using, Viewer
from api.finding import has_words
from api.paging import page
from api.schemas.base import ListPage
from api.schemas.units import UnitDetail, UnitView
from api.views.units import find_unit, unit_detail, unit_view
from wardwatch.model.text import fold, nfc

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
    city = using.cities.city(caller.scope)
    words = fold(nfc(q or "")).split()
    found = [
        unit
        for unit in city.units.values()
        if (parent is None or unit.parent == parent)
        and (kind is None or unit.kind == kind)
        and has_words(words, unit.name, unit.code, unit.id)
    ]
    shown, following, total = page(found, lambda unit: (fold(unit.name), unit.id), cursor, limit)
    return ListPage(items=[unit_view(city, unit) for unit in shown], next=following, total=total)


@router.get("/{unit_id}")
def get_unit(unit_id: str, caller: Viewer, using: Using) -> UnitDetail:
    """One unit with its way up to the city."""
    city = using.cities.city(caller.scope)
    return unit_detail(city, find_unit(city, unit_id))
