"""The inbox of alert groups."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Cursor, Limit, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.incidents import AlertGroupDetail, AlertGroupView
from api.times import instant
from api.views.incidents import alert_group_view, newest_events
from api.views.units import within
from wardwatch.errors import NotFound
from wardwatch.model.state import AlertGroupQuery
from wardwatch.model.status import Severity

router = APIRouter(prefix="/alert-groups", tags=["alerts"])


@router.get("")
def list_alert_groups(
    caller: Viewer,
    using: Using,
    severity: Annotated[list[Severity] | None, Query(description="Any of these.")] = None,
    unit: Annotated[str | None, Query(description="Groups that touch this unit's subtree.")] = None,
    incident: Annotated[str | None, Query(description="Groups of this incident.")] = None,
    since: Annotated[str | None, Query(description="Last seen since: RFC 3339, or `now-24h`.")] = None,
    namespace: Annotated[str | None, Query(description="`default`, or a drill's; absent for all.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[AlertGroupView]:
    """Alert groups, last seen first."""
    city = using.cities.city(caller.scope)
    scope = within(city, unit)
    query = AlertGroupQuery(
        namespace=namespace,
        severities=tuple(severity or ()),
        incident=incident,
        since=instant(since, using.clock()) if since else None,
        limit=limit,
        cursor=cursor,
    )
    found = using.state.alert_groups.groups(scope, query)
    items = [alert_group_view(city, group) for group in found.items]
    return ListPage(items=items, next=found.next, total=found.total)


@router.get("/{group_id}")
def get_alert_group(group_id: str, caller: Viewer, using: Using) -> AlertGroupDetail:
    """One group with its newest events."""
    city = using.cities.city(caller.scope)
    group = using.state.alert_groups.group(caller.scope, group_id)
    if group is None:
        raise NotFound(f"there is no alert group '{group_id}' in your units", "it may be past its age")
    shown = alert_group_view(city, group)
    return AlertGroupDetail(
        **{name: getattr(shown, name) for name in type(shown).model_fields},
        events=newest_events(using.records, caller.scope, group),
    )
