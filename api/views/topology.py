"""The map as the API says it: links with their load, each end only as far as the caller may see."""

from collections.abc import Iterable, Mapping

from api.city import City
from api.schemas.base import Ref
from api.schemas.topology import (
    EvidenceView,
    HostView,
    LinkLoad,
    RedundancyGroupView,
    TopologyEnd,
    TopologyLink,
    TopologyLinkDetail,
    TopologyNode,
    TopologyView,
)
from api.views.units import device_ref, unit_ref
from wardwatch.model.access import Scope
from wardwatch.model.inventory import Device
from wardwatch.model.queries import LatestRow
from wardwatch.model.topology import Found, FoundLink, LinkEnd, Proof, Sighting

_SUREST = {proof: rank for rank, proof in enumerate(Proof)}

Loads = Mapping[tuple[str, str], LatestRow]
"""The newest samples of interfaces by device and ifIndex."""


def topology_view(city: City, scope: Scope, found: Found, loads: Loads) -> TopologyView:
    """The map of a scope inside the city's."""
    groups = {device: group.id for group in found.groups for device in group.devices}
    devices = [device for device in city.inventory.devices.values() if scope.sees(device.unit)]
    return TopologyView(
        nodes=[_node(city, device, groups.get(device.id)) for device in devices],
        links=[link_view(city, link, loads) for link in found.links],
        groups=[
            RedundancyGroupView(
                id=group.id,
                devices=[device for device in group.devices if device in city.inventory.devices],
                derived_from=group.derived_from,
                detail=group.detail if set(group.devices) <= city.inventory.devices.keys() else "",
            )
            for group in found.groups
        ],
    )


def _node(city: City, device: Device, group: str | None) -> TopologyNode:
    status, unit = city.status(device), unit_ref(city, device.unit)
    assert unit is not None, f"{device.id} is in sight, so its unit is"
    since = status.since if city.known(device.id) is not None else None
    return TopologyNode(
        id=device.id, name=device.name, role=device.role, unit=unit, status=status.status, since=since, group=group
    )


def link_view(city: City, link: FoundLink, loads: Loads) -> TopologyLink:
    """A link whose far end is out of sight is told without what it is known by."""
    whole = all(end.device in city.inventory.devices for end in (link.upper, link.lower))
    circuit = city.inventory.circuits.get(link.circuit or "")
    return TopologyLink(
        id=link.id if whole or link.link is not None else _half(city, link),
        upper=_end(city, link.upper),
        lower=_end(city, link.lower),
        source=min((each.proof for each in link.evidence), key=_SUREST.__getitem__, default=Proof.INVENTORY),
        confidence=link.confidence,
        stale=link.stale,
        conflict=link.conflict if whole else "",
        circuit=Ref(id=circuit.id, name=circuit.name) if circuit is not None else None,
        first_seen=link.first_seen,
        last_seen=link.last_seen,
        load=_load(city, link, loads),
    )


def link_detail(city: City, link: FoundLink, loads: Loads) -> TopologyLinkDetail:
    whole = all(end.device in city.inventory.devices for end in (link.upper, link.lower))
    shown = link_view(city, link, loads)
    return TopologyLinkDetail(
        **{name: getattr(shown, name) for name in type(shown).model_fields},
        evidence=[
            EvidenceView(proof=each.proof, device=each.device, detail=each.detail, at=each.at) for each in link.evidence
        ]
        if whole
        else [],
    )


def host_view(city: City, sighting: Sighting) -> HostView:
    device = device_ref(city, sighting.device)
    return HostView(
        mac=sighting.mac,
        ip=sighting.ip or None,
        device=device or Ref(id=sighting.device, name=sighting.device),
        port=sighting.port,
        vlan=sighting.vlan or None,
        first_seen=sighting.first_seen,
        last_seen=sighting.last_seen,
    )


def measured(links: Iterable[FoundLink]) -> list[str]:
    """The devices whose samples say what the links carry."""
    return sorted({end.device for link in links for end in (link.upper, link.lower) if end.index is not None})


def _half(city: City, link: FoundLink) -> str:
    """The id of a discovered link spells both of its ends: of one that is out of sight only ours is told."""
    ours = next(end for end in (link.upper, link.lower) if end.device in city.inventory.devices)
    return f"{ours.device}:{ours.port or '?'}--"


def _end(city: City, end: LinkEnd) -> TopologyEnd:
    if end.device not in city.inventory.devices:
        return TopologyEnd(device=None, port=None)
    return TopologyEnd(device=end.device, port=end.port)


def _load(city: City, link: FoundLink, loads: Loads) -> LinkLoad | None:
    """By the upper end's port, else by the lower's, whose directions are the other way round."""
    for end, down, up in ((link.upper, "out_bps", "in_bps"), (link.lower, "in_bps", "out_bps")):
        row = loads.get((end.device, end.index or "")) if end.device in city.inventory.devices else None
        if row is not None:
            values = row.values
            return LinkLoad(
                down_bps=values.get(down),
                up_bps=values.get(up),
                utilisation_pct=values.get("utilisation_pct"),
                speed_bps=values.get("speed_bps"),
                at=row.at,
            )
    return None
