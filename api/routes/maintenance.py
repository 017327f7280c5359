"""Planned maintenance: what is left out of availability and raises no alarm."""

import uuid
from dataclasses import replace
from datetime import timedelta

from fastapi import APIRouter

from api.city import City
from api.dependencies import Caller, IdempotencyKey, Services, Using, Viewer, writing_scope
from api.schemas.base import ListPage, Ref
from api.schemas.services import MaintenanceRequest, MaintenanceView
from api.views.services import find_service
from api.views.units import device_ref, find_unit, unit_ref
from wardwatch.errors import Forbidden, NotFound, UserError
from wardwatch.model.access import Scope
from wardwatch.model.care import Maintenance
from wardwatch.model.text import nfc

router = APIRouter(prefix="/maintenance", tags=["services"])

LONGEST = timedelta(days=31)
SHOWN = timedelta(days=31)


@router.get("")
def list_maintenance(caller: Viewer, using: Using) -> ListPage[MaintenanceView]:
    """Windows of the caller's units that are planned, hold, or ended within 31 days."""
    city = using.cities.city(caller.scope)
    found = using.state.care.windows(caller.scope, using.clock() - SHOWN)
    return ListPage(items=[_view(using, city, window) for window in found], total=len(found))


@router.post("", status_code=201)
def plan_maintenance(
    wanted: MaintenanceRequest, caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None
) -> MaintenanceView:
    """Plans a window. One of a device or a service belongs to the unit of that."""

    def write() -> MaintenanceView:
        city, now = using.cities.city(caller.scope), using.clock()
        if not wanted.starts_at < wanted.ends_at <= wanted.starts_at + LONGEST:
            raise UserError("ends_at must be after starts_at, by 31 days at most")
        if wanted.ends_at <= now - LONGEST:
            raise UserError("the window is over for more than 31 days", "availability of then is told already")
        window = Maintenance(
            id=str(uuid.uuid4()),
            reason=nfc(wanted.reason),
            owner=caller.user.name,
            created_at=now,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            unit=_unit(city, wanted),
            device=wanted.device,
            service=wanted.service,
        )
        _writable(using, caller, window)
        using.state.care.plan(caller.actor, window)
        return _view(using, city, window)

    return using.writes.once(caller.user.name, idempotency_key, wanted.model_dump_json(), write)


@router.delete("/{window_id}")
def end_maintenance(window_id: str, caller: Viewer, using: Using) -> MaintenanceView:
    """Ends it now; one that has not begun never holds."""
    known = {window.id: window for window in using.state.care.windows(caller.scope, using.clock())}
    if window_id not in known:
        raise NotFound(f"there is no window '{window_id}' to end in your units", "read the list again")
    _writable(using, caller, known[window_id])
    ended = replace(known[window_id], ended_at=using.clock())
    using.state.care.plan(caller.actor, ended)
    return _view(using, using.cities.city(caller.scope), ended)


def _unit(city: City, wanted: MaintenanceRequest) -> str:
    """The unit it belongs to. Raises `NotFound`, and `UserError` unless exactly one thing is named."""
    if sum(each is not None for each in (wanted.unit, wanted.device, wanted.service)) != 1:
        raise UserError("a window is of one unit, one device or one service", "name exactly one of them")
    if wanted.service is not None:
        return find_service(city, wanted.service).owner
    if wanted.device is not None:
        device = city.inventory.devices.get(wanted.device)
        if device is None:
            raise NotFound(f"there is no device '{wanted.device}' in your units")
        return device.unit
    return find_unit(city, str(wanted.unit)).id


def _writable(using: Services, caller: Caller, window: Maintenance) -> Scope:
    scope = writing_scope(using, caller)
    if scope.units is not None and not (window.unit and scope.sees(window.unit)):
        raise Forbidden("you may plan only what you may work on", "name one of your units")
    return scope


def _view(using: Services, city: City, window: Maintenance) -> MaintenanceView:
    service = city.inventory.services.get(window.service) if window.service else None
    return MaintenanceView(
        id=window.id,
        reason=window.reason,
        owner=window.owner,
        created_at=window.created_at,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        ended_at=window.ended_at,
        active=window.active(using.clock()),
        unit=unit_ref(city, window.unit),
        device=device_ref(city, window.device),
        service=Ref(id=service.id, name=service.name) if service else None,
    )
