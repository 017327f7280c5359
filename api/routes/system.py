"""Search and audit."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.city import City
from api.dependencies import Limit, Using, Viewer
from api.finding import Hit, find
from api.schemas.base import ListPage
from api.schemas.system import AuditEntryView, HitKind, SearchHit, SearchResult
from api.times import time_range
from api.views.units import unit_ref
from wardwatch.model.access import Role

router = APIRouter(tags=["system"])


@router.get("/search")
def search(
    caller: Viewer, using: Using, q: Annotated[str, Query(min_length=1, max_length=200)], limit: Limit = 20
) -> SearchResult:
    """Units, devices and services by name, code or address, best first; diacritics do not matter."""
    city = using.cities.city(caller.scope)
    hits, total = find(city, q, limit)
    return SearchResult(items=[_hit(city, hit) for hit in hits], total=total)


def _hit(city: City, hit: Hit) -> SearchHit:
    if hit.kind is HitKind.UNIT:
        status = city.conditions[hit.id].status
    elif hit.kind is HitKind.DEVICE:
        status = city.status(city.inventory.devices[hit.id]).status
    else:
        status = city.service_statuses[hit.id]
    return SearchHit(
        kind=hit.kind, id=hit.id, name=hit.name, detail=hit.detail, unit=unit_ref(city, hit.unit), status=status
    )


@router.get("/audit")
def audit(
    caller: Viewer,
    using: Using,
    start: Annotated[str, Query(alias="from", description="RFC 3339, or relative.")] = "now-24h",
    end: Annotated[str, Query(alias="to")] = "now",
    limit: Limit = 200,
) -> ListPage[AuditEntryView]:
    """The audit chain, newest first; administrators of the whole city only."""
    caller.require(frozenset({Role.ADMINISTRATOR}), lambda grants: any(grant.unit is None for grant in grants))
    time = time_range(start, end, using.clock())
    entries = using.state.audit.entries(caller.scope, time, limit)
    return ListPage(items=[AuditEntryView.model_validate(entry) for entry in entries])
