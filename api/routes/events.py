"""Events."""

import re
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.dependencies import Cursor, Limit, Search, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.events import EventCounts, EventView
from api.times import time_range
from api.views.incidents import event_view
from api.views.units import within
from wardwatch.errors import NotFound, UserError
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import DEFAULT_NAMESPACE, Position
from wardwatch.model.status import Severity
from wardwatch.model.text import nfc

router = APIRouter(prefix="/events", tags=["events"])


_KEY = re.compile(r"[a-z@][a-z0-9_@-]*(\.[a-z0-9_@-]+)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EventFilters:
    """The query, and the unit it is further limited to."""

    query: EventQuery
    unit: str | None


def event_filters(
    using: Using,
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
) -> EventFilters:
    """What the query string asks of events. Raises `UserError`."""
    asked = (
        ("event.dataset", dataset),
        ("wardwatch.severity", severity),
        ("source.ip", source_ip),
        ("destination.ip", destination_ip),
        ("rule.id", rule_id),
    )
    found: dict[str, list[str]] = {key: [nfc(value) for value in values] for key, values in asked if values}
    for each in more or ():
        key, colon, value = each.partition(":")
        if not colon or not _KEY.fullmatch(key):
            raise UserError(f"'{each}' is no filter", "write key:value, such as network.protocol:http")
        found.setdefault(key, []).append(nfc(value))
    time = time_range(start, end, using.clock())
    filters = {key: tuple(values) for key, values in found.items()}
    return EventFilters(EventQuery(time, namespace, filters, text=nfc(q) or None if q else None), unit)


Filters = Annotated[EventFilters, Depends(event_filters)]


@router.get("")
def list_events(
    caller: Viewer, using: Using, filters: Filters, cursor: Cursor = None, limit: Limit = 100
) -> ListPage[EventView]:
    """Events of a time range, newest first."""
    scope = within(using.cities.city(caller.scope), filters.unit)
    found = using.records.events(scope, replace(filters.query, limit=limit, cursor=cursor))
    return ListPage(items=[event_view(event, original=False) for event in found.items], next=found.next)


@router.get("/counts")
def count_events(
    caller: Viewer,
    using: Using,
    filters: Filters,
    by: Annotated[str, Query(max_length=120, description="An ECS key.", examples=["event.dataset"])] = "event.dataset",
) -> EventCounts:
    """Events of the same filters, counted by one ECS key."""
    if not _KEY.fullmatch(by):
        raise UserError(f"'{by}' is no ECS key", "write one such as event.dataset")
    scope = within(using.cities.city(caller.scope), filters.unit)
    counts = using.records.count(scope, filters.query, by)
    most_first = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return EventCounts(by=by, total=sum(counts.values()), counts=most_first)


@router.get("/{source}/{offset}")
def get_event(source: str, offset: Annotated[int, Path(ge=0, lt=2**63)], caller: Viewer, using: Using) -> EventView:
    """One event whole, with `event.original`."""
    event = using.records.event(caller.scope, Position(source, offset))
    if event is None:
        raise NotFound(f"there is no event {source}/{offset} in your units", "it may be past its age")
    return event_view(event, original=True)
