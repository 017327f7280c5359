"""Devices and their interfaces as the API says them."""

from collections.abc import Iterable

from api.attention import Attention
from api.city import City
from api.schemas.base import Ref, UnitRef, WordsView
from api.schemas.devices import (
    CircuitView,
    DeviceDetail,
    DeviceView,
    IncidentRef,
    InterfaceView,
    LinkView,
    SystemFacts,
)
from api.views.units import device_ref, service_ref, unit_ref, unit_refs
from wardwatch.errors import NotFound
from wardwatch.model.incidents import Incident
from wardwatch.model.inventory import Device, Link
from wardwatch.model.queries import LatestRow
from wardwatch.model.records import DeviceFacts
from wardwatch.model.text import NO_WORDS

Fact = str | int | float | bool | None
_RATES = (
    "speed_bps",
    "in_bps",
    "out_bps",
    "utilisation_pct",
    "in_errors_ps",
    "out_errors_ps",
    "in_discards_ps",
    "out_discards_ps",
)

# RFC 2863 IF-MIB: facts hold the words, samples the numbers.
_IF_STATUS = {"up": 1, "down": 2, "testing": 3, "unknown": 4, "dormant": 5, "notPresent": 6, "lowerLayerDown": 7}


def find_device(city: City, device_id: str) -> Device:
    """The device, if it is in sight. Raises `NotFound`."""
    device = city.inventory.devices.get(device_id)
    if device is None or not city.scope.sees(device.unit):
        raise NotFound(f"there is no device '{device_id}' in your units", "look it up with /api/v1/search?q=")
    return device


def device_view(city: City, device: Device, noted: Attention) -> DeviceView:
    known = city.known(device.id)
    return DeviceView(
        id=device.id,
        name=device.name,
        role=device.role,
        unit=unit_ref(city, device.unit) or UnitRef(id=device.unit, name=device.unit, kind=""),
        address=device.address,
        vendor=device.vendor,
        model=device.model,
        status=city.status(device).status,
        since=known.since if known else None,
        checked_at=known.checked_at if known else None,
        cause=WordsView.model_validate(known.cause if known else NO_WORDS),
        behind=device_ref(city, known.behind) if known else None,
        drill=device.id in noted.drill_devices,
    )


def device_detail(
    city: City, device: Device, noted: Attention, system: DeviceFacts | None, incidents: Iterable[Incident]
) -> DeviceDetail:
    site = city.inventory.sites.get(device.site)
    shown = device_view(city, device, noted)
    return DeviceDetail(
        **{name: getattr(shown, name) for name in type(shown).model_fields},
        ancestors=unit_refs(city, (*(above.id for above in city.ancestors(device.unit)), device.unit)),
        site=Ref(id=site.id, name=site.name) if site else None,
        zone=device.zone,
        serial=device.serial,
        addresses=list(device.addresses),
        ports=device.ports,
        redundancy_group=device.redundancy_group,
        system=SystemFacts(at=system.at, facts=system.rows[0]) if system and system.rows else None,
        links=[
            _link(city, device, link)
            for link in city.inventory.links.values()
            if device.id in (link.upstream, link.downstream)
        ],
        services=[service_ref(city, service) for service in city.services_on(device.id)],
        incidents=[IncidentRef.model_validate(incident) for incident in incidents if device.id in incident.devices],
    )


def _link(city: City, device: Device, link: Link) -> LinkView:
    down_here = link.downstream == device.id
    peer = city.inventory.devices.get(link.upstream if down_here else link.downstream)
    circuit = city.inventory.circuits.get(link.circuit) if link.circuit else None
    return LinkView(
        id=link.id,
        direction="upstream" if down_here else "downstream",
        peer=Ref(id=peer.id, name=peer.name) if peer else None,
        peer_status=city.status(peer).status if peer else None,
        port=link.downstream_port if down_here else link.upstream_port,
        peer_port=link.upstream_port if down_here else link.downstream_port,
        circuit=CircuitView.model_validate(circuit) if circuit else None,
    )


def interfaces(facts: DeviceFacts | None, latest: Iterable[LatestRow]) -> list[InterfaceView]:
    """What is known of each interface beside its newest rates; one that has only one of the two is shown too."""
    known = {str(row.get("index", "")): row for row in facts.rows} if facts else {}
    rates = {row.index: row for row in latest}
    indexes = sorted(known.keys() | rates.keys(), key=lambda index: (not index.isdigit(), index.zfill(12)))
    return [_interface(index, known.get(index, {}), rates.get(index)) for index in indexes]


def _interface(index: str, known: dict[str, Fact], row: LatestRow | None) -> InterfaceView:
    values = row.values if row else {}
    rates = {name: values.get(name) for name in _RATES}
    if rates["speed_bps"] is None:
        rates["speed_bps"] = _number(known.get("speed_bps"))
    return InterfaceView(
        index=index,
        name=_words(known.get("name")) or _words(known.get("descr")) or index,
        alias=_words(known.get("alias")),
        type=_whole(known.get("type")),
        oper=_whole(values.get("oper")) or _IF_STATUS.get(str(known.get("oper"))),
        admin=_whole(values.get("admin")) or _IF_STATUS.get(str(known.get("admin"))),
        at=row.at if row else None,
        **rates,
    )


def _words(value: Fact) -> str | None:
    return str(value) if value not in (None, "") else None


def _number(value: Fact) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _whole(value: Fact) -> int | None:
    return int(value) if isinstance(value, int | float) else None
