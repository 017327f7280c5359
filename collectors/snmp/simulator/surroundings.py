"""What an agent tells of what stands round it: neighbours, who is behind which port, addresses, and its chassis.

LLDP-MIB (IEEE 802.1AB), CISCO-CDP-MIB between Cisco devices, BRIDGE-MIB (RFC 4188) of Cisco switches and Q-BRIDGE-MIB
(RFC 4363) of others, ipNetToMediaTable and ipAdEntTable (RFC 4293's older tables), ENTITY-MIB (RFC 6933).
"""

import ipaddress
from collections.abc import Iterator

from collectors.snmp.simulator import ber
from collectors.snmp.simulator.ber import GAUGE32, Oid
from collectors.snmp.simulator.broadcast import SWITCHES, Broadcast, Host, own_address
from collectors.snmp.simulator.cabling import Cabling
from collectors.snmp.simulator.device_model import mac_address
from collectors.snmp.simulator.products import Products
from wardwatch.model.inventory import Device, DeviceRole, Inventory
from wardwatch.model.text import fold

LAN = 10
"""The VLAN of every office."""

_LLDP: Oid = (1, 0, 8802, 1, 1, 2, 1)
_CDP_ENTRY: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1)
_BRIDGE: Oid = (1, 3, 6, 1, 2, 1, 17)
_ARP_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 4, 22, 1)
_OWN_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 4, 20, 1)
_ENTITY_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_VTP_VLAN_STATE: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 46, 1, 3, 1, 1, 2)
_IP_ADDRESS = 0x40
_LEARNED, _DYNAMIC, _CHASSIS = 3, 3, 3
_MAC_SUBTYPE, _INTERFACE_NAME = 4, 5
_ROUTERS = frozenset({DeviceRole.CORE_ROUTER, DeviceRole.ROUTER, DeviceRole.FIREWALL})
_SPEAKERS = SWITCHES | _ROUTERS | {DeviceRole.WIRELESS}
"""Who speaks LLDP; servers, UPS and sensors are seen by their switch alone."""

Objects = dict[Oid, bytes]


class Surroundings:
    """The objects of every device's surroundings, in a cabled city."""

    def __init__(self, inventory: Inventory, cabling: Cabling, products: Products, seed: int) -> None:
        self._inventory = inventory
        self._cabling = cabling
        self._products = products
        self._broadcast = Broadcast(inventory, cabling, seed)
        self._ends: dict[tuple[str, int], tuple[str, int]] = {}
        for upper, lower in cabling.ends.values():
            self._ends |= {upper: lower, lower: upper}

    def of(self, device: Device) -> Objects:
        """What one device tells of what stands round it."""
        objects = self._own(device)
        if device.role in _SPEAKERS:
            objects |= self._chassis(device) | self._lldp(device)
        if _is_cisco(device) and device.role in _SPEAKERS:
            objects |= self._cdp(device)
        if device.role in SWITCHES:
            objects |= self._forwarding(device)
        if device.role in _ROUTERS:
            objects |= self._arp(device)
        return objects

    def _first_index(self, device: Device) -> int:
        return self._products.product(device).entry.first_index

    def _links(self, device: Device) -> Iterator[tuple[int, Device, int]]:
        """The row of each port in use, and the far device with its row."""
        for row in range(len(self._cabling.sockets[device.id])):
            far = self._ends.get((device.id, row))
            if far is not None:
                yield row, self._inventory.devices[far[0]], far[1]

    def _own(self, device: Device) -> Objects:
        found: Objects = {}
        for text in dict.fromkeys((device.address, *device.addresses)):
            address = ipaddress.ip_address(text)
            if isinstance(address, ipaddress.IPv4Address):
                found[(*_OWN_ENTRY, 1, *address.packed)] = ber.encode(_IP_ADDRESS, address.packed)
                found[(*_OWN_ENTRY, 2, *address.packed)] = ber.encode_integer(self._first_index(device))
        return found

    def _chassis(self, device: Device) -> Objects:
        """The first row of entPhysicalTable."""
        texts = {2: device.model or device.name, 7: "chassis", 11: device.serial, 12: device.vendor, 13: device.model}
        found = {(*_ENTITY_ENTRY, arc, 1): ber.encode_octets((text or "").encode()) for arc, text in texts.items()}
        found[(*_ENTITY_ENTRY, 5, 1)] = ber.encode_integer(_CHASSIS)
        return found

    def _lldp(self, device: Device) -> Objects:
        local, first = (*_LLDP, 3), self._first_index(device)
        found: Objects = {
            (*local, 1, 0): ber.encode_integer(_MAC_SUBTYPE),
            (*local, 2, 0): ber.encode_octets(mac_address(device.id, 0)),
            (*local, 3, 0): ber.encode_octets(device.name.encode()),
        }
        for row, far, far_row in self._links(device):
            name = self._cabling.sockets[device.id][row].name
            found[(*local, 7, 1, 2, first + row)] = ber.encode_integer(_INTERFACE_NAME)
            found[(*local, 7, 1, 3, first + row)] = ber.encode_octets(name.encode())
            found[(*local, 7, 1, 4, first + row)] = ber.encode_octets(name.encode())
            if far.role in _SPEAKERS:
                found |= self._remote(far, far_row, (0, first + row, 1))
        return found

    def _remote(self, far: Device, far_row: int, index: Oid) -> Objects:
        """A row of lldpRemTable, and the address that its neighbour is managed at."""
        entry, managed = (*_LLDP, 4, 1, 1), (*_LLDP, 4, 2, 1)
        port = self._cabling.sockets[far.id][far_row].name.encode()
        columns = {
            4: ber.encode_integer(_MAC_SUBTYPE),
            5: ber.encode_octets(mac_address(far.id, 0)),
            6: ber.encode_integer(_INTERFACE_NAME),
            7: ber.encode_octets(port),
            8: ber.encode_octets(port),
            9: ber.encode_octets(far.name.encode()),
            10: ber.encode_octets(self._products.product(far).description(far).encode()),
        }
        found: Objects = {(*entry, arc, *index): value for arc, value in columns.items()}
        at = ipaddress.IPv4Address(far.address).packed
        found[(*managed, 3, *index, 1, 4, *at)] = ber.encode_integer(2)
        found[(*managed, 4, *index, 1, 4, *at)] = ber.encode_integer(self._first_index(far))
        return found

    def _cdp(self, device: Device) -> Objects:
        found: Objects = {}
        for row, far, far_row in self._links(device):
            if _is_cisco(far) and far.role in _SPEAKERS:
                columns = {
                    3: ber.encode_integer(1),
                    4: ber.encode_octets(ipaddress.IPv4Address(far.address).packed),
                    6: ber.encode_octets(far.name.encode()),
                    7: ber.encode_octets(self._cabling.sockets[far.id][far_row].name.encode()),
                    8: ber.encode_octets(f"cisco {far.model or ''}".strip().encode()),
                }
                index = (self._first_index(device) + row, 1)
                found |= {(*_CDP_ENTRY, arc, *index): value for arc, value in columns.items()}
        return found

    def _forwarding(self, device: Device) -> Objects:
        """The table of addresses: by VLAN, except of Cisco switches, which tell of one VLAN at a time."""
        found: Objects = {}
        first = self._first_index(device)
        for row, hosts in sorted(self._broadcast.heard_by(device.id).items()):
            number = row + 1
            found[(*_BRIDGE, 1, 4, 1, 1, number)] = ber.encode_integer(number)
            found[(*_BRIDGE, 1, 4, 1, 2, number)] = ber.encode_integer(first + row)
            for host in hosts:
                if tells_by_vlan(device):
                    found[(*_BRIDGE, 4, 3, 1, 1, *host.mac)] = ber.encode_octets(host.mac)
                    found[(*_BRIDGE, 4, 3, 1, 2, *host.mac)] = ber.encode_integer(number)
                    found[(*_BRIDGE, 4, 3, 1, 3, *host.mac)] = ber.encode_integer(_LEARNED)
                else:
                    found[(*_BRIDGE, 7, 1, 2, 2, 1, 2, LAN, *host.mac)] = ber.encode_integer(number)
                    found[(*_BRIDGE, 7, 1, 2, 2, 1, 3, LAN, *host.mac)] = ber.encode_integer(_LEARNED)
        if tells_by_vlan(device):
            found[(*_VTP_VLAN_STATE, 1, LAN)] = ber.encode_integer(1)
        else:
            # dot1qVlanFdbId: the filtering database of the VLAN has its number.
            found[(*_BRIDGE, 7, 1, 4, 2, 1, 3, 0, LAN)] = ber.encode_integer(LAN, GAUGE32)
        return found

    def _arp(self, device: Device) -> Objects:
        found: Objects = {}
        first = self._first_index(device)
        for row, far, far_row in self._links(device):
            if far.role in SWITCHES:
                hosts = list(self._broadcast.in_domain_of(far.id))
            else:
                hosts = [Host(mac_address(far.id, far_row), own_address(far))]
            for host in hosts:
                if host.ip is None or host.mac == mac_address(device.id, row):
                    continue
                index = (first + row, *host.ip.packed)
                found[(*_ARP_ENTRY, 1, *index)] = ber.encode_integer(first + row)
                found[(*_ARP_ENTRY, 2, *index)] = ber.encode_octets(host.mac)
                found[(*_ARP_ENTRY, 3, *index)] = ber.encode(_IP_ADDRESS, host.ip.packed)
                found[(*_ARP_ENTRY, 4, *index)] = ber.encode_integer(_DYNAMIC)
        return found


def tells_by_vlan(device: Device) -> bool:
    """Cisco switches tell of one VLAN at a time, under a community of its own (CISCO-VTP-MIB names the VLANs)."""
    return device.role in SWITCHES and _is_cisco(device)


def _is_cisco(device: Device) -> bool:
    return "cisco" in fold(device.vendor or "")
