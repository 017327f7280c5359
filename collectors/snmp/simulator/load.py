"""How much traffic each port of the city carries: every device asks for some, and links carry the sums.

What offices ask for comes from the servers of the data centre and, in part, from the Internet behind it; citizens ask
the same servers from outside. So what crosses the core routers crosses the core switches, the firewalls and the
servers' ports too, and every link carries what lies beyond it.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

from collectors.snmp.simulator.cabling import Cabling, Socket
from collectors.snmp.simulator.traffic import Flow, fraction
from wardwatch.model.inventory import Device, DeviceRole, Inventory

# Peak bits a second (towards the device, from it): least and most of a device itself, and its curve. What servers and
# storage exchange among themselves (databases, backups) is as much to them as from them.
_OWN: dict[DeviceRole, tuple[tuple[float, float], tuple[float, float], str]] = {
    DeviceRole.SERVER: ((2e6, 4e7), (2e6, 4e7), "centre"),
    DeviceRole.STORAGE: ((5e7, 6e8), (5e7, 6e8), "centre"),
    DeviceRole.WIRELESS: ((4e6, 4e7), (8e5, 6e6), "office"),
    DeviceRole.SENSOR: ((2e6, 8e7), (1e5, 1e6), "office"),
    DeviceRole.UPS: ((4e2, 2e3), (6e2, 3e3), "steady"),
}
_OTHER = ((2e4, 2e5), (4e4, 3e5), "steady")
# A desk: peak bits a second of one used access port, towards the desk and from it.
_DESK = ((1e5, 3e6), (3e4, 6e5), "office")
_USED_DESKS = 0.62
_ROLES_WITH_DESKS = frozenset({DeviceRole.ACCESS_SWITCH})
_EXCHANGES = frozenset({DeviceRole.SERVER, DeviceRole.STORAGE})
"""What such devices ask for themselves, they ask of each other."""

_TO_INTERNET = 0.35
"""The share of the offices' traffic that is with the Internet; the rest is with the servers."""

_CITIZENS = 0.6
"""What citizens exchange with the servers from outside, as a share of what the offices do."""

Flows = dict[tuple[str, int], tuple[Flow, Flow]]
"""(in, out) by device and port row; ports that are not there carry nothing."""

Both = tuple[float, float]
"""Peak bits a second towards a device and from it."""


@dataclass(slots=True)
class _Demand:
    """What a device and all below it ask for: `through` comes from beyond the core switches, `turning` goes back down
    at them."""

    through: Both = (0.0, 0.0)
    turning: Both = (0.0, 0.0)

    @property
    def whole(self) -> Both:
        return _plus(self.through, self.turning)


def share_load(inventory: Inventory, cabling: Cabling, seed: int) -> Flows:
    """The flows of every port in use. Both ends of a link hold the same two flows, the other way round."""
    flows: Flows = {}
    demand: dict[str, _Demand] = {}
    for device in inventory.devices.values():
        own = _own(device, cabling, seed, flows)
        demand[device.id] = _Demand(turning=own) if device.role in _EXCHANGES else _Demand(through=own)
    uplinks_of: dict[str, list[str]] = defaultdict(list)
    for link_id, (_, (lower, _)) in cabling.ends.items():
        uplinks_of[lower].append(link_id)
    order = _from_the_edge(inventory, cabling)
    centre = _centre(inventory)
    asked: Both = (0.0, 0.0)
    for device_id in [each for each in order if each not in centre]:
        for link_id in uplinks_of[device_id]:
            carried = _carry(inventory, cabling, link_id, len(uplinks_of[device_id]), demand, seed, flows)
            if cabling.ends[link_id][0][0] in centre:
                asked = _plus(asked, carried)
    inner = [inventory.devices[each] for each in order if each in centre]
    _serve(inner, cabling, asked, demand, seed, flows)
    for device in inner:
        for link_id in uplinks_of[device.id]:
            _carry(inventory, cabling, link_id, len(uplinks_of[device.id]), demand, seed, flows)
    return flows


def _carry(
    inventory: Inventory,
    cabling: Cabling,
    link_id: str,
    links: int,
    demand: dict[str, _Demand],
    seed: int,
    flows: Flows,
) -> Both:
    """Lays a device's share of its demand on one of its `links` uplinks, as far as that can carry it, and hands it on;
    returns what it carries."""
    (upper, upper_row), (lower, lower_row) = cabling.ends[link_id]
    ceiling = _ceiling(inventory, cabling, link_id, seed)
    asked = demand[lower].whole
    fits = tuple(min(1.0, ceiling * links / each) / links if each else 0.0 for each in asked)
    down, up = asked[0] * fits[0], asked[1] * fits[1]
    # What turns in the data centre follows the servers' day and night, what comes from beyond it the offices'.
    curve = "centre" if any(demand[lower].turning) else _curve(inventory.devices[lower])
    towards = Flow.seeded(down, curve, seed, link_id, "down")
    back = Flow.seeded(up, curve, seed, link_id, "up")
    flows[(lower, lower_row)] = (towards, back)
    flows[(upper, upper_row)] = (back, towards)
    above, below = demand[upper], demand[lower]
    above.through = _plus(above.through, (below.through[0] * fits[0], below.through[1] * fits[1]))
    if inventory.devices[upper].role is not DeviceRole.CORE_SWITCH:
        above.turning = _plus(above.turning, (below.turning[0] * fits[0], below.turning[1] * fits[1]))
    return down, up


def _centre(inventory: Inventory) -> frozenset[str]:
    """The devices in the zones of the core routers."""
    zones = {device.zone for device in inventory.devices.values() if device.role is DeviceRole.CORE_ROUTER}
    return frozenset(device.id for device in inventory.devices.values() if device.zone in zones)


def _serve(
    centre: list[Device], cabling: Cabling, asked: Both, demand: dict[str, _Demand], seed: int, flows: Flows
) -> None:
    """Gives the servers, the Internet routers and the one-armed firewalls their part of what offices (`asked`: towards
    them, from them) and citizens exchange with the data centre."""
    fed = {upper for (upper, _), _ in cabling.ends.values()}
    hanging = {lower for _, (lower, _) in cabling.ends.values()}
    servers = [device.id for device in centre if device.role is DeviceRole.SERVER]
    gateways = [device.id for device in centre if device.role is DeviceRole.ROUTER and device.id in hanging]
    firewalls = [device.id for device in centre if device.role is DeviceRole.FIREWALL and device.id not in fed]
    outside = _TO_INTERNET if gateways else 0.0
    served: Both = (asked[1] * (1 - outside), asked[0] * (1 - outside))
    weights = {server: _between((1.0, 30.0), seed, server, "popularity") for server in servers}
    for server, weight in weights.items():
        part = weight / sum(weights.values())
        demand[server].through = _plus(demand[server].through, served, part)
        if gateways:
            demand[server].turning = _plus(demand[server].turning, served, part * _CITIZENS)
    for gateway in gateways:
        mine = demand[gateway]
        mine.through = _plus(mine.through, (asked[1], asked[0]), outside / len(gateways))
        if servers:
            mine.turning = _plus(mine.turning, (served[1], served[0]), _CITIZENS / len(gateways))
        free = [row for row, socket in enumerate(cabling.sockets[gateway]) if socket.link is None]
        if free:
            # The line of the Internet provider: what goes towards the router on this side leaves it on that one.
            out, back = (
                Flow.seeded(each, "centre", seed, gateway, way)
                for each, way in zip(mine.whole, ("out", "back"), strict=True)
            )
            flows[(gateway, free[-1])] = (back, out)
    for firewall in firewalls:
        passing = sum(served) * (1 + _CITIZENS) / len(firewalls) if servers else 0.0
        demand[firewall].turning = _plus(demand[firewall].turning, (passing, passing))


def _plus(one: Both, two: Both, part: float = 1.0) -> Both:
    return one[0] + two[0] * part, one[1] + two[1] * part


def _own(device: Device, cabling: Cabling, seed: int, flows: Flows) -> Both:
    """What a device and the desks at its free ports ask for: towards it, from it."""
    towards, back, _ = _OWN.get(device.role, _OTHER)
    down, up = _between(towards, seed, device.id, "down"), _between(back, seed, device.id, "up")
    for row, socket in enumerate(cabling.sockets[device.id]):
        if not has_desk(device, socket, row, seed):
            continue
        desk_down = _between(_DESK[0], seed, device.id, row, "down")
        desk_up = _between(_DESK[1], seed, device.id, row, "up")
        flows[(device.id, row)] = (
            Flow.seeded(desk_up, _DESK[2], seed, device.id, row, "up"),
            Flow.seeded(desk_down, _DESK[2], seed, device.id, row, "down"),
        )
        down, up = down + desk_down, up + desk_up
    return down, up


def has_desk(device: Device, socket: Socket, row: int, seed: int) -> bool:
    """Whether somebody works at a port: at most of the free ones of an access switch."""
    if device.role not in _ROLES_WITH_DESKS or socket.link is not None:
        return False
    return fraction(seed, device.id, row, "used") < _USED_DESKS


def _from_the_edge(inventory: Inventory, cabling: Cabling) -> list[str]:
    """Devices so that each comes after all that hang below it; members of a loop come last, by id."""
    waiting = dict.fromkeys(inventory.devices, 0)
    above: dict[str, list[str]] = defaultdict(list)
    for (upper, _), (lower, _) in cabling.ends.values():
        waiting[upper] += 1
        above[lower].append(upper)
    ready = [device for device, count in waiting.items() if count == 0]
    order: list[str] = []
    while ready:
        device = ready.pop()
        order.append(device)
        for upper in above[device]:
            waiting[upper] -= 1
            if waiting[upper] == 0:
                ready.append(upper)
    return order + sorted(set(inventory.devices) - set(order))


def _ceiling(inventory: Inventory, cabling: Cabling, link_id: str, seed: int) -> float:
    """What a link carries at most: a share of its circuit, or of its ports, that differs from link to link."""
    link = inventory.links[link_id]
    circuit = inventory.circuits.get(link.circuit) if link.circuit else None
    upper, row = cabling.ends[link_id][0]
    speed = cabling.sockets[upper][row].speed_bps
    limit = min(speed, circuit.bandwidth_bps) if circuit and circuit.bandwidth_bps else speed
    # A swing reaches 1.62 times the curve, and no port may carry more than its line.
    return limit * (0.25 + 0.35 * fraction(seed, link_id, "ceiling"))


def _curve(device: Device) -> str:
    return _OWN[device.role][2] if device.role in _OWN else "office"


def _between(limits: tuple[float, float], *seed: object) -> float:
    """A number between two others, evenly spread on a logarithmic scale."""
    least, most = limits
    return math.exp(math.log(least) + (math.log(most) - math.log(least)) * fraction(*seed))
