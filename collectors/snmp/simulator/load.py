"""How much traffic each port of the city carries: every device asks for some, and links carry the sums."""

import math
from collections import defaultdict

from collectors.snmp.simulator.cabling import Cabling
from collectors.snmp.simulator.traffic import Flow, fraction
from wardwatch.model.inventory import Device, DeviceRole, Inventory

# Peak bits a second (towards the device, from it): least and most of a device itself, and its curve.
_OWN: dict[DeviceRole, tuple[tuple[float, float], tuple[float, float], str]] = {
    DeviceRole.SERVER: ((2e6, 4e7), (8e6, 3e8), "centre"),
    DeviceRole.STORAGE: ((5e7, 6e8), (4e7, 4e8), "centre"),
    DeviceRole.WIRELESS: ((4e6, 4e7), (8e5, 6e6), "office"),
    DeviceRole.SENSOR: ((2e6, 8e7), (1e5, 1e6), "office"),
    DeviceRole.UPS: ((4e2, 2e3), (6e2, 3e3), "steady"),
}
_OTHER = ((2e4, 2e5), (4e4, 3e5), "steady")
# A desk: peak bits a second of one used access port, towards the desk and from it.
_DESK = ((1e5, 3e6), (3e4, 6e5), "office")
_USED_DESKS = 0.62
_ROLES_WITH_DESKS = frozenset({DeviceRole.ACCESS_SWITCH})

Flows = dict[tuple[str, int], tuple[Flow, Flow]]
"""(in, out) by device and port row; ports that are not there carry nothing."""


def share_load(inventory: Inventory, cabling: Cabling, seed: int) -> Flows:
    """The flows of every port in use. Both ends of a link hold the same two flows, the other way round."""
    flows: Flows = {}
    demand: dict[str, tuple[float, float]] = {}
    for device in inventory.devices.values():
        demand[device.id] = _own(device, cabling, seed, flows)
    uplinks_of: dict[str, list[str]] = defaultdict(list)
    for link_id, (_, (lower, _)) in cabling.ends.items():
        uplinks_of[lower].append(link_id)
    for device_id in _from_the_edge(inventory, cabling):
        links = uplinks_of[device_id]
        for link_id in links:
            (upper, upper_row), (lower, lower_row) = cabling.ends[link_id]
            down, up = (demand[device_id][side] / len(links) for side in (0, 1))
            ceiling = _ceiling(inventory, cabling, link_id, seed)
            down, up = min(down, ceiling), min(up, ceiling)
            curve = _curve(inventory.devices[device_id])
            towards = Flow.seeded(down, curve, seed, link_id, "down")
            back = Flow.seeded(up, curve, seed, link_id, "up")
            flows[(lower, lower_row)] = (towards, back)
            flows[(upper, upper_row)] = (back, towards)
            demand[upper] = (demand[upper][0] + down, demand[upper][1] + up)
    return flows


def _own(device: Device, cabling: Cabling, seed: int, flows: Flows) -> tuple[float, float]:
    """What a device and the desks at its free ports ask for: towards it, from it."""
    towards, back, _ = _OWN.get(device.role, _OTHER)
    down, up = _between(towards, seed, device.id, "down"), _between(back, seed, device.id, "up")
    if device.role not in _ROLES_WITH_DESKS:
        return down, up
    for row, socket in enumerate(cabling.sockets[device.id]):
        if socket.link is not None or fraction(seed, device.id, row, "used") >= _USED_DESKS:
            continue
        desk_down = _between(_DESK[0], seed, device.id, row, "down")
        desk_up = _between(_DESK[1], seed, device.id, row, "up")
        flows[(device.id, row)] = (
            Flow.seeded(desk_up, _DESK[2], seed, device.id, row, "up"),
            Flow.seeded(desk_down, _DESK[2], seed, device.id, row, "down"),
        )
        down, up = down + desk_down, up + desk_up
    return down, up


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
