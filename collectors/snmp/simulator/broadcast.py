"""Who hears whom: the switches that share a broadcast domain, and behind which port of each somebody stands.

Where switches are joined in a ring, a spanning tree says which way frames go, as in any network that works.
"""

import ipaddress
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.snmp.simulator.cabling import Cabling
from collectors.snmp.simulator.device_model import mac_address
from collectors.snmp.simulator.load import has_desk
from wardwatch.model.inventory import Device, DeviceRole, Inventory

SWITCHES = frozenset({DeviceRole.ACCESS_SWITCH, DeviceRole.DISTRIBUTION_SWITCH, DeviceRole.CORE_SWITCH})
_FIRST_DESK = 50


@dataclass(frozen=True, slots=True)
class Host:
    """Somebody who speaks: a desk's computer, or a device with the MAC address of the port it speaks from; `ip` is
    None where nobody gave it one."""

    mac: bytes
    ip: ipaddress.IPv4Address | None


Port = tuple[str, int]
"""A device and the row of one of its ports."""


class Broadcast:
    """The domains of a cabled city, worked out once."""

    def __init__(self, inventory: Inventory, cabling: Cabling, seed: int) -> None:
        self._inventory = inventory
        self._cabling = cabling
        self._seed = seed
        self._switches = {each.id for each in inventory.devices.values() if each.role in SWITCHES}
        self._trunks: defaultdict[str, dict[int, Port]] = defaultdict(dict)
        self._attached: defaultdict[str, dict[int, Host]] = defaultdict(dict)
        for upper, lower in cabling.ends.values():
            for (here, row), there in ((upper, lower), (lower, upper)):
                if here in self._switches and there[0] in self._switches:
                    self._trunks[here][row] = there
                elif here in self._switches:
                    self._attached[here][row] = Host(mac_address(*there), own_address(inventory.devices[there[0]]))
        self._desks()
        self._members: dict[str, list[str]] = {}
        self._prune()

    def heard_by(self, switch: str) -> dict[int, list[Host]]:
        """Of a switch, by the row of the port, everybody whose frames come in there."""
        found = {row: [host] for row, host in self._attached[switch].items()}
        for row, (other, _) in self._trunks[switch].items():
            found[row] = list(self._behind(other, switch))
        return found

    def in_domain_of(self, switch: str) -> Iterator[Host]:
        """Everybody in the broadcast domain of a switch, the switches themselves too."""
        for member in self._members[switch]:
            yield self._itself(member)
            yield from self._attached[member].values()

    def _behind(self, switch: str, coming_from: str) -> Iterator[Host]:
        yield self._itself(switch)
        yield from self._attached[switch].values()
        for other, _ in self._trunks[switch].values():
            if other != coming_from:
                yield from self._behind(other, switch)

    def _itself(self, switch: str) -> Host:
        return Host(mac_address(switch, 0), own_address(self._inventory.devices[switch]))

    def _desks(self) -> None:
        """A computer at each desk, with an address of its unit's network while there are any."""
        taken: defaultdict[str, int] = defaultdict(int)
        # A switch that is joined to nothing hears nobody: thousands of those are simulated to measure polling.
        joined = {device for ends in self._cabling.ends.values() for device, _ in ends}
        for switch in sorted(self._switches & joined):
            device = self._inventory.devices[switch]
            network = self._network(device.unit)
            for row, socket in enumerate(self._cabling.sockets[switch]):
                if not has_desk(device, socket, row, self._seed):
                    continue
                number = _FIRST_DESK + taken[device.unit]
                taken[device.unit] += 1
                ip = network[number] if network and number < network.num_addresses - 1 else None
                self._attached[switch][row] = Host(b"\x06" + mac_address(f"{switch}/desks", row)[1:], ip)

    def _network(self, unit: str) -> ipaddress.IPv4Network | None:
        known = self._inventory.units.get(unit)
        networks = [ipaddress.ip_network(text) for text in known.networks] if known is not None else []
        return next((network for network in networks if isinstance(network, ipaddress.IPv4Network)), None)

    def _prune(self) -> None:
        """Leaves of the trunks those of a spanning tree of each domain, from its first switch on."""
        for root in sorted(self._switches, key=lambda each: (-len(self._trunks[each]), each)):
            if root in self._members:
                continue
            members, waiting, kept = [root], deque([root]), set[tuple[str, int]]()
            while waiting:
                here = waiting.popleft()
                for row, there in sorted(self._trunks[here].items()):
                    if there[0] not in members:
                        members.append(there[0])
                        waiting.append(there[0])
                        kept |= {(here, row), there}
            for member in members:
                self._members[member] = members
                self._trunks[member] = {
                    row: there for row, there in self._trunks[member].items() if (member, row) in kept
                }


def own_address(device: Device) -> ipaddress.IPv4Address | None:
    """The address a device is seen with: its first one that is not where the simulator answers."""
    for text in device.addresses:
        address = ipaddress.ip_address(text)
        if isinstance(address, ipaddress.IPv4Address):
            return address
    return None
