"""The inbox of alert groups."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from api.changes import group_payload
from api.dependencies import Cursor, IdempotencyKey, Limit, Services, Using, Viewer, writing_scope
from api.schemas.base import ListPage
from api.schemas.incidents import AlertGroupDetail, AlertGroupView, GroupsChanged, GroupsChosen, GroupsHandling
from api.times import instant
from api.views.incidents import alert_group_view, newest_events
from api.views.units import within
from wardwatch.errors import NotFound
from wardwatch.incidents.inbox import handle, take_back
from wardwatch.model.incidents import AlertGroup, GroupState
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
    state: Annotated[list[GroupState] | None, Query(description="Any of these; absent for all.")] = None,
    rule: Annotated[str | None, Query(max_length=200, description="Groups of this rule id.")] = None,
    address: Annotated[str | None, Query(max_length=64, description="Groups with this address at either end.")] = None,
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
        states=tuple(state or ()),
        rule_id=rule,
        address=address,
        incident=incident,
        since=instant(since, using.clock()) if since else None,
        limit=limit,
        cursor=cursor,
    )
    found = using.state.alert_groups.groups(scope, query)
    items = [alert_group_view(city, group) for group in found.items]
    return ListPage(items=items, next=found.next, total=found.total)


@router.post("/handle")
def handle_alert_groups(
    wanted: GroupsHandling, caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None
) -> GroupsChanged:
    """Puts groups away with a verdict; `/alert-groups/take-back` undoes it."""

    def write() -> GroupsChanged:
        scope = writing_scope(using, caller)
        done = handle(using.state.alert_groups, scope, caller.actor, wanted.ids, wanted.verdict, using.clock())
        return _changed(using, wanted.ids, done)

    return using.writes.once(caller.user.name, idempotency_key, wanted.model_dump_json(), write)


@router.post("/take-back")
def take_back_alert_groups(
    wanted: GroupsChosen, caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None
) -> GroupsChanged:
    """Puts handled groups into the inbox again."""

    def write() -> GroupsChanged:
        done = take_back(using.state.alert_groups, writing_scope(using, caller), caller.actor, wanted.ids)
        return _changed(using, wanted.ids, done)

    return using.writes.once(caller.user.name, idempotency_key, wanted.model_dump_json(), write)


def _changed(using: Services, asked: Sequence[str], done: Sequence[AlertGroup]) -> GroupsChanged:
    for group in done:
        using.hub.publish("alert_group", group_payload(group))
    changed = [group.id for group in done]
    return GroupsChanged(changed=changed, left=[each for each in asked if each not in set(changed)])


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
