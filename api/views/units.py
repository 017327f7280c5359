"""Units and services as the API says them."""

from api.city import City, Condition
from api.schemas.base import Ref, StatusCounts, UnitRef
from api.schemas.units import ServiceRef, UnitDetail, UnitView
from wardwatch.errors import NotFound
from wardwatch.model.access import Scope
from wardwatch.model.inventory import Service, Unit
from wardwatch.model.status import Status


def find_unit(city: City, unit_id: str) -> Unit:
    """The unit, if it is in sight. Raises `NotFound`."""
    unit = city.units.get(unit_id)
    if unit is None:
        raise NotFound(f"there is no unit '{unit_id}' in your units", "look it up with /api/v1/search?q=")
    return unit


def within(city: City, unit_id: str | None) -> Scope:
    """The caller's scope, further limited to a unit's subtree. Raises `NotFound`."""
    return city.scope if unit_id is None else city.scope.narrowed(city.tree.subtree(find_unit(city, unit_id).id))


def unit_ref(city: City, unit_id: str | None) -> UnitRef | None:
    """Names a unit in sight or above one; None for any other."""
    unit = city.inventory.units.get(unit_id) if unit_id else None
    return UnitRef(id=unit.id, name=unit.name, kind=unit.kind) if unit else None


def unit_refs(city: City, units: tuple[str, ...]) -> list[UnitRef]:
    """Those that can be named."""
    return [ref for ref in (unit_ref(city, unit) for unit in units) if ref is not None]


def device_ref(city: City, device_id: str | None) -> Ref | None:
    device = city.inventory.devices.get(device_id) if device_id else None
    return Ref(id=device.id, name=device.name) if device else None


def counts(condition: Condition) -> StatusCounts:
    by_name = {status.value: condition.counts.get(status, 0) for status in Status}
    return StatusCounts(total=sum(by_name.values()), **by_name)


def unit_view(city: City, unit: Unit) -> UnitView:
    condition = city.conditions[unit.id]
    return UnitView(
        id=unit.id,
        name=unit.name,
        kind=unit.kind,
        code=unit.code,
        short_name=unit.short_name,
        parent=unit.parent,
        status=condition.status,
        since=condition.since,
        devices=counts(condition),
        children=sum(child in city.units for child in city.tree.children(unit.id)),
        tile=unit.tile,
    )


def unit_detail(city: City, unit: Unit) -> UnitDetail:
    below = city.tree.subtree(unit.id)
    return UnitDetail(
        **unit_view(city, unit).model_dump(exclude={"devices"}),
        devices=counts(city.conditions[unit.id]),
        ancestors=[UnitRef(id=above.id, name=above.name, kind=above.kind) for above in city.ancestors(unit.id)],
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        successors=unit_refs(city, unit.successors),
        networks=list(unit.networks),
        services=sum(service.owner in below for service in city.inventory.services.values()),
    )


def service_ref(city: City, service: Service) -> ServiceRef:
    return ServiceRef(
        id=service.id,
        name=service.name,
        kind=service.kind,
        level=service.level,
        owner=unit_ref(city, service.owner),
        status=city.service_statuses[service.id],
    )
