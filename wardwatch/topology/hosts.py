"""Who is on which port: MAC addresses at the edge of the network, with the IP addresses that routers know. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from wardwatch.model.inventory import DeviceRole, Inventory
from wardwatch.model.topology import FoundLink, Sighting
from wardwatch.topology.digests import Digest

MOST_ON_A_PORT = 64
"""A port with more MAC addresses than this leads to another switch, whatever nobody has said of it."""

MOST_ADDRESSES = 4
"""Of one MAC address; a router that answers for others would have thousands."""

_NETWORK = frozenset(DeviceRole) - {DeviceRole.SERVER, DeviceRole.STORAGE, DeviceRole.UPS, DeviceRole.SENSOR}


def addresses(digests: Mapping[str, Digest]) -> dict[str, tuple[str, ...]]:
    """The IP addresses of each MAC address, by every device's ARP table."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for digest in digests.values():
        for ip, mac, _ in digest.arp:
            found[mac].add(ip)
    return {mac: tuple(sorted(ips)) for mac, ips in found.items() if len(ips) <= MOST_ADDRESSES}


def trunks(
    inventory: Inventory, links: Collection[FoundLink], digests: Mapping[str, Digest]
) -> frozenset[tuple[str, str]]:
    """The ports that lead on into the network: whoever is behind them is on another device's port. An aggregated port
    leads where one of its members does."""
    found = set()
    for link in links:
        for end, far in ((link.upper, link.lower), (link.lower, link.upper)):
            known = inventory.devices.get(far.device)
            if end.port is not None and known is not None and known.role in _NETWORK:
                found.add((end.device, end.port))
    for device, digest in digests.items():
        found |= {(device, lag) for member, lag in digest.lags if (device, member) in found}
    return frozenset(found)


def sightings(
    device: str,
    digest: Digest,
    named: Mapping[str, tuple[str, ...]],
    leading_on: Collection[tuple[str, str]],
    at: datetime,
) -> list[Sighting]:
    """Whom a device sees on its own ports at an instant; `named` are addresses by MAC, `leading_on` the trunks."""
    by_port: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    for mac, port, vlan in digest.fdb:
        if (device, port) not in leading_on:
            by_port[port].add((mac, vlan))
    return [
        Sighting(mac, ip, device, port, vlan, at, at)
        for port, hosts in sorted(by_port.items())
        if len(hosts) <= MOST_ON_A_PORT
        for mac, vlan in sorted(hosts)
        for ip in named.get(mac, ("",))
    ]
