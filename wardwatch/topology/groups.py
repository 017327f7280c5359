"""Which devices stand in for each other. Pure.

A person's word (`redundancy_group` in the inventory) wins; then virtual routers (VRRP, HSRP) by their MAC addresses in
ARP tables; then position: devices of one role at one site that carry the same devices below them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from wardwatch.model.inventory import Device, DeviceRole, Inventory
from wardwatch.model.topology import FoundLink, RedundancyGroup
from wardwatch.topology.claims import VIRTUAL
from wardwatch.topology.digests import Digest

_ROUTING = frozenset({DeviceRole.CORE_ROUTER, DeviceRole.CORE_SWITCH, DeviceRole.ROUTER, DeviceRole.FIREWALL})
_PAIRED = _ROUTING | {DeviceRole.DISTRIBUTION_SWITCH}
"""Who is bought twice so that one may fail."""

MOST_MEMBERS = 4
"""More devices than this below the same one are a row of equals, not each other's stand-in."""

_ENOUGH = 0.5


def redundancy_groups(
    inventory: Inventory, links: Iterable[FoundLink], digests: Mapping[str, Digest]
) -> tuple[RedundancyGroup, ...]:
    """Every group, each device in one at most."""
    found = _written(inventory)
    taken = {device for group in found for device in group.devices}
    for group in (*_virtual(inventory, digests), *_by_position(inventory, links)):
        free = tuple(device for device in group.devices if device not in taken)
        if len(free) == len(group.devices):
            found.append(group)
            taken.update(free)
    return tuple(sorted(found, key=lambda group: group.id))


def _written(inventory: Inventory) -> list[RedundancyGroup]:
    members: defaultdict[str, list[str]] = defaultdict(list)
    for device in inventory.devices.values():
        if device.redundancy_group is not None:
            members[device.redundancy_group].append(device.id)
    return [RedundancyGroup(name, tuple(sorted(devices)), "inventory") for name, devices in members.items()]


def _virtual(inventory: Inventory, digests: Mapping[str, Digest]) -> list[RedundancyGroup]:
    """Routers of one site that know the same virtual router."""
    seen: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for name, digest in digests.items():
        device = inventory.devices.get(name)
        if device is None or device.role not in _ROUTING:
            continue
        for ip, mac, _ in digest.arp:
            if mac[:14] in VIRTUAL:
                seen[device.site, ip, mac].add(name)
    groups = {}
    for (_, ip, mac), devices in sorted(seen.items()):
        members = tuple(sorted(devices))
        if 2 <= len(members) <= MOST_MEMBERS:
            protocol = VIRTUAL[mac[:14]]
            detail = f"virtual router {ip} ({mac})"
            groups[members] = RedundancyGroup(f"auto-{members[0]}", members, protocol, detail)
    return list(groups.values())


def _by_position(inventory: Inventory, links: Iterable[FoundLink]) -> list[RedundancyGroup]:
    """Devices of one role at one site with the same device below them."""
    above: defaultdict[str, set[str]] = defaultdict(set)
    for link in links:
        if link.confidence >= _ENOUGH and not (link.conflict and link.link is None):
            above[link.lower.device].add(link.upper.device)
    groups: dict[tuple[str, ...], RedundancyGroup] = {}
    for lower in sorted(above):
        alike: defaultdict[tuple[str, str], list[Device]] = defaultdict(list)
        for name in sorted(above[lower]):
            device = inventory.devices.get(name)
            if device is not None and device.role in _PAIRED:
                alike[device.site, device.role.value].append(device)
        for devices in alike.values():
            members = tuple(device.id for device in devices)
            if 2 <= len(members) <= MOST_MEMBERS:
                groups.setdefault(
                    members, RedundancyGroup(f"auto-{members[0]}", members, "position", f"both carry {lower}")
                )
    return list(groups.values())
