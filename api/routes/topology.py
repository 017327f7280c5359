"""The map of links, and who is on which port."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Caller, Cursor, Limit, Services, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.topology import HostView, TopologyLinkDetail, TopologyView
from api.views.topology import Loads, host_view, link_detail, measured, topology_view
from api.views.units import within
from wardwatch.discovery.known import canonical, plain_mac
from wardwatch.errors import NotFound, UserError
from wardwatch.model.queries import LatestQuery
from wardwatch.model.topology import FoundLink, SightingQuery

router = APIRouter(prefix="/topology", tags=["topology"])

_LOAD_FOR = timedelta(minutes=15)


@router.get("")
def get_topology(
    caller: Viewer,
    using: Using,
    unit: Annotated[str | None, Query(description="Only devices of this unit's subtree, and their links.")] = None,
    load: Annotated[bool, Query(description="Whether to say what each link carries.")] = True,
) -> TopologyView:
    """Devices with their status, links with load, confidence and source, and redundancy groups; half a minute old at
    most. A link to a device out of sight has one end only."""
    city = using.cities.city(caller.scope)
    scope = within(city, unit)

    def make() -> TopologyView:
        found = using.state.topology.read(scope)
        return topology_view(city, scope, found, _loads(using, caller, list(found.links)) if load else {})

    return using.maps.get((caller.scope, scope, load), make)


@router.get("/links/{link_id:path}")
def get_topology_link(link_id: str, caller: Viewer, using: Using) -> TopologyLinkDetail:
    """One link with the evidence for it."""
    city = using.cities.city(caller.scope)
    link = next((each for each in using.state.topology.read(caller.scope).links if each.id == link_id), None)
    if link is None:
        raise NotFound(f"there is no link '{link_id}' in your units", "GET /api/v1/topology lists them")
    return link_detail(city, link, _loads(using, caller, [link]))


@router.get("/hosts")
def list_hosts(
    caller: Viewer,
    using: Using,
    mac: Annotated[str | None, Query(max_length=40, examples=["00:1b:21:3c:4d:5e"])] = None,
    ip: Annotated[str | None, Query(max_length=60, examples=["10.12.0.50"])] = None,
    device: Annotated[str | None, Query(max_length=120, description="On this device's ports.")] = None,
    port: Annotated[str | None, Query(max_length=200, description="On the port of this name.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[HostView]:
    """Who is, and was, on which port; seen last first."""
    city = using.cities.city(caller.scope)
    if mac is not None and not plain_mac(mac):
        raise UserError(f"'{mac}' is no MAC address", "write it as 00:1b:21:3c:4d:5e")
    query = SightingQuery(plain_mac(mac) if mac else None, canonical(ip) if ip else None, device, port, limit, cursor)
    found = using.state.sightings.find(caller.scope, query)
    return ListPage(items=[host_view(city, each) for each in found.items], next=found.next, total=found.total)


def _loads(using: Services, caller: Caller, links: list[FoundLink]) -> Loads:
    """The newest samples of the ports of links."""
    devices = measured(links)
    if not devices:
        return {}
    latest = LatestQuery("interface", using.clock() - _LOAD_FOR, tuple(devices))
    wanted = {(end.device, end.index) for link in links for end in (link.upper, link.lower)}
    rows = using.records.latest(caller.scope, latest)
    return {(row.device, row.index): row for row in rows if (row.device, row.index) in wanted}
