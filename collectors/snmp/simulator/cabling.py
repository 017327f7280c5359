"""Which port each link of an inventory is plugged into, and what is reachable over them."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from collectors.snmp.simulator.products import Products
from wardwatch.model.inventory import Device, Inventory, Link


@dataclass(slots=True)
class Socket:
    """One port of a device; `link` is what is plugged in, `peer` the other device."""

    name: str
    descr: str
    speed_bps: int
    link: Link | None = None
    peer: str | None = None
    uplink: bool = False


@dataclass(slots=True)
class Cabling:
    """Ports by device, and where each link ends: (upstream device, port), (downstream device, port)."""

    sockets: dict[str, list[Socket]] = field(default_factory=dict)
    ends: dict[str, tuple[tuple[str, int], tuple[str, int]]] = field(default_factory=dict)

    def port(self, device: str, name: str) -> int | None:
        """The row of a port by its ifName."""
        return next((row for row, socket in enumerate(self.sockets[device]) if socket.name == name), None)

    def reachable(self, is_off: Callable[[str], bool], is_cut: Callable[[Link], bool]) -> set[str]:
        """The devices that answer when management traffic comes from the devices that have no uplink."""
        below: dict[str, list[tuple[Link, str]]] = defaultdict(list)
        fed: set[str] = set()
        for (upper, row), (lower, _) in self.ends.values():
            link = self.sockets[upper][row].link
            if link is not None:
                below[upper].append((link, lower))
                fed.add(lower)
        found = {device for device in self.sockets if device not in fed and not is_off(device)}
        edge = list(found)
        while edge:
            for link, lower in below[edge.pop()]:
                if lower not in found and not is_off(lower) and not is_cut(link):
                    found.add(lower)
                    edge.append(lower)
        return found


def cable(inventory: Inventory, products: Products) -> Cabling:
    """Plugs every link in. A link that names no port takes a free one: uplinks the last, others the first."""
    cabling = Cabling()
    for device in inventory.devices.values():
        names = products.product(device).ports(max(device.ports, 1))
        cabling.sockets[device.id] = [Socket(name.name, name.descr, name.speed_bps) for name in names]
    links = [
        link
        for link in inventory.links.values()
        if link.upstream in cabling.sockets and link.downstream in cabling.sockets
    ]
    rows: dict[tuple[str, bool], int] = {}
    # Links that name their ports are plugged in first, so that nobody else takes these.
    for named in (True, False):
        for link in links:
            ends = ((link.upstream, link.upstream_port, False), (link.downstream, link.downstream_port, True))
            for device_id, port, uplink in ends:
                if bool(port) is named:
                    row = _plug(cabling.sockets[device_id], inventory.devices[device_id], port, uplink)
                    rows[(link.id, uplink)] = row
    for link in links:
        upper, lower = rows[(link.id, False)], rows[(link.id, True)]
        _join(cabling.sockets[link.upstream][upper], link, link.downstream, uplink=False)
        _join(cabling.sockets[link.downstream][lower], link, link.upstream, uplink=True)
        cabling.ends[link.id] = ((link.upstream, upper), (link.downstream, lower))
        _agree(cabling.sockets[link.upstream][upper], cabling.sockets[link.downstream][lower])
    return cabling


_TAKEN = "(taken)"


def _plug(sockets: list[Socket], device: Device, port: str | None, uplink: bool) -> int:
    """The row of the port for one end of a link: the named one, a free one (renamed where a name is given), or one
    more than the device was said to have."""
    rows = range(len(sockets))
    row = next((row for row in rows if port and sockets[row].name == port), None)
    if row is None:
        free = [row for row in rows if sockets[row].peer is None]
        row = (free[-1] if uplink else free[0]) if free else None
    if row is None:
        row = len(sockets)
        name = port or f"port{row + 1}"
        sockets.append(Socket(name, name, sockets[-1].speed_bps))
    elif port and sockets[row].name != port:
        sockets[row].name = sockets[row].descr = port
    sockets[row].peer = _TAKEN
    return row


def _join(socket: Socket, link: Link, peer: str, uplink: bool) -> None:
    socket.link, socket.peer, socket.uplink = link, peer, uplink


def _agree(one: Socket, two: Socket) -> None:
    """Both ends of a link run at the speed of the slower one, as auto-negotiation leaves them."""
    one.speed_bps = two.speed_bps = min(one.speed_bps, two.speed_bps)


def uplinks(sockets: Collection[Socket]) -> list[int]:
    """The rows of the ports that lead towards the core."""
    return [row for row, socket in enumerate(sockets) if socket.uplink]
