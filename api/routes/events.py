"""Events."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.dependencies import Cursor, Limit, Search, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.events import EventCounts, EventView
from wardwatch.model.records import DEFAULT_NAMESPACE
from wardwatch.model.status import Severity

router = APIRouter(prefix="/events", tags=["events"])


def event_filters(
    start: Annotated[str, Query(alias="from", description="RFC 3339, or relative: `now-1h`.")] = "now-1h",
    end: Annotated[str, Query(alias="to")] = "now",
    namespace: Annotated[str, Query(max_length=120, description="`default`, or a drill's.")] = DEFAULT_NAMESPACE,
    dataset: Annotated[list[str] | None, Query(description="ECS `event.dataset`, any of.")] = None,
    severity: Annotated[list[Severity] | None, Query(description="Alerts of these severities.")] = None,
    unit: Annotated[str | None, Query(description="Either end in this unit's subtree.")] = None,
    source_ip: Annotated[list[str] | None, Query(alias="source.ip")] = None,
    destination_ip: Annotated[list[str] | None, Query(alias="destination.ip")] = None,
    rule_id: Annotated[list[str] | None, Query(alias="rule.id")] = None,
    q: Search = None,
    more: Annotated[
        list[str] | None,
        Query(alias="filter", description="`key:value` of any ECS key; a key given twice means any of."),
    ] = None,
) -> object:
    """What the query string asks of events."""
    raise NotImplementedError


Filters = Annotated[object, Depends(event_filters)]


@router.get("")
def list_events(
    caller: Viewer, using: Using, filters: Filters, cursor: Cursor = None, limit: Limit = 100
) -> ListPage[EventView]:
    """Events of a time range, newest first."""
    raise NotImplementedError


@router.get("/counts")
def count_events(
    caller: Viewer,
    using: Using,
    filters: Filters,
    by: Annotated[str, Query(max_length=120, description="An ECS key.", examples=["event.dataset"])] = "event.dataset",
) -> EventCounts:
    """Events of the same filters, counted by one ECS key."""
    raise NotImplementedError


@router.get("/{source}/{offset}")
def get_event(source: str, offset: int, caller: Viewer, using: Using) -> EventView:
    """One event whole, with `event.original`."""
    raise NotImplementedError
