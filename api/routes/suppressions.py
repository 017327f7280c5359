"""Suppressions: looked at before they are made, ended before their time."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from api.city import City
from api.dependencies import Caller, IdempotencyKey, Services, Using, Viewer, writing_scope
from api.schemas.base import ListPage
from api.schemas.suppressions import (
    SuppressedRule,
    SuppressionMade,
    SuppressionPreview,
    SuppressionRequest,
    SuppressionView,
)
from api.views.incidents import alert_group_view
from api.views.units import device_ref, find_unit, unit_ref
from wardwatch.errors import Forbidden, NotFound
from wardwatch.incidents.inbox import end_suppression, preview, suppress, suppression_of
from wardwatch.model.access import Scope
from wardwatch.model.suppressions import Suppression

router = APIRouter(prefix="/suppressions", tags=["alerts"])


@router.get("")
def list_suppressions(
    caller: Viewer,
    using: Using,
    active: Annotated[bool, Query(description="Only those that hide something now.")] = True,
) -> ListPage[SuppressionView]:
    """Suppressions of the caller's units, the newest first; one of no unit is seen with the whole city."""
    city, now = using.cities.city(caller.scope), using.clock()
    found = using.state.suppressions.suppressions(caller.scope, now if active else None)
    return ListPage(items=[_view(using, city, each) for each in found], total=len(found))


@router.post("/preview")
def preview_suppression(wanted: SuppressionRequest, caller: Viewer, using: Using) -> SuppressionPreview:
    """What it would have hidden in the last 30 days; nothing is made."""
    city = using.cities.city(caller.scope)
    made, subtree = _wanted(using, caller, wanted)
    seen = preview(using.state, caller.scope, made, subtree, using.clock())
    return SuppressionPreview(
        since=seen.since,
        seen=seen.seen,
        groups=seen.groups,
        alerts=seen.alerts,
        serious=seen.serious,
        in_incidents=seen.in_incidents,
        rules=[SuppressedRule(rule_id=rule, rule_name=name, groups=count) for rule, name, count in seen.rules],
        examples=[alert_group_view(city, group) for group in seen.examples],
        bounded=seen.bounded,
        refusal=seen.refusal,
    )


@router.post("", status_code=201)
def make_suppression(
    wanted: SuppressionRequest, caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None
) -> SuppressionMade:
    """Hides what waits in the inbox and meets it, and what comes until it ends. Only where the caller may write, which
    for one without a unit is the whole city."""

    def write() -> SuppressionMade:
        made, subtree = _wanted(using, caller, wanted)
        scope = _writable(using, caller, made.unit)
        saved, hidden = suppress(using.state, scope, caller.actor, made, subtree, using.clock())
        using.hub.publish("alert_group", {"units": sorted(subtree)})
        city = using.cities.city(caller.scope)
        return SuppressionMade(suppression=_view(using, city, saved), groups=hidden)

    return using.writes.once(caller.user.name, idempotency_key, wanted.model_dump_json(), write)


@router.delete("/{suppression_id}")
def end_this_suppression(suppression_id: str, caller: Viewer, using: Using) -> SuppressionMade:
    """Ends it now and shows again what it hid."""
    seen = using.state.suppressions.suppressions(caller.scope, using.clock())
    known = next((each for each in seen if each.id == suppression_id), None)
    if known is None:
        raise NotFound(f"there is no active suppression '{suppression_id}' in your units", "read the list again")
    scope = _writable(using, caller, known.unit)
    ended, shown = end_suppression(using.state, scope, caller.actor, suppression_id, using.clock())
    using.hub.publish("alert_group", {"units": [known.unit] if known.unit else []})
    return SuppressionMade(suppression=_view(using, using.cities.city(caller.scope), ended), groups=shown)


def _wanted(using: Services, caller: Caller, wanted: SuppressionRequest) -> tuple[Suppression, Sequence[str]]:
    """The suppression and the units it speaks of."""
    conditions = wanted.model_dump(include={"rule_id", "source", "destination", "unit", "device"})
    made = suppression_of(caller.user.name, wanted.reason, using.clock(), wanted.expires_at, **conditions)
    if made.unit is None:
        return made, ()
    city = using.cities.city(caller.scope)
    return made, tuple(city.tree.subtree(find_unit(city, made.unit).id))


def _writable(using: Services, caller: Caller, unit: str | None) -> Scope:
    """Where the caller may write. Raises `Forbidden` when the unit (none: the whole city) is out of it."""
    scope = writing_scope(using, caller)
    if scope.units is not None and not (unit and scope.sees(unit)):
        raise Forbidden("a suppression hides only what you may work on", "name one of your units in it")
    return scope


def _view(using: Services, city: City, known: Suppression) -> SuppressionView:
    return SuppressionView(
        id=known.id,
        owner=known.owner,
        reason=known.reason,
        created_at=known.created_at,
        expires_at=known.expires_at,
        ended_at=known.ended_at,
        active=known.active(using.clock()),
        rule_id=known.rule_id,
        source=known.source,
        destination=known.destination,
        unit=unit_ref(city, known.unit),
        device=device_ref(city, known.device),
    )
