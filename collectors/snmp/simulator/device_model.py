"""A device of the inventory as an SNMP tree: SNMPv2-MIB system, IF-MIB interfaces, HOST-RESOURCES-MIB processors."""

import hashlib
from collections.abc import Mapping

from collectors.snmp.simulator import ber
from collectors.snmp.simulator.ber import COUNTER32, COUNTER64, GAUGE32, TIME_TICKS, Oid
from collectors.snmp.simulator.cabling import Socket
from collectors.snmp.simulator.live import LivePort
from collectors.snmp.simulator.products import Product
from collectors.snmp.simulator.tree import Column, Late, Tree, TreeBuilder
from wardwatch.model.inventory import Device, DeviceRole, Inventory

_SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
_IF_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 2, 1, 0)
_IF_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IF_X_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_HR_DEVICE_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 25, 3, 2, 1)
_HR_PROCESSOR_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 25, 3, 3, 1)
_HR_PROCESSOR: Oid = (1, 3, 6, 1, 2, 1, 25, 3, 1, 3)
_FIRST_PROCESSOR = 196608

# Arc of the column -> (what moves, type), RFC 2863.
_IF_COUNTERS = {
    10: Column.IN_OCTETS,
    11: Column.IN_UNICAST,
    13: Column.IN_DISCARDS,
    14: Column.IN_ERRORS,
    16: Column.OUT_OCTETS,
    17: Column.OUT_UNICAST,
    19: Column.OUT_DISCARDS,
    20: Column.OUT_ERRORS,
}
_IF_X_COUNTERS = {
    2: (Column.IN_MULTICAST, COUNTER32),
    3: (Column.IN_BROADCAST, COUNTER32),
    4: (Column.OUT_MULTICAST, COUNTER32),
    5: (Column.OUT_BROADCAST, COUNTER32),
    6: (Column.IN_OCTETS, COUNTER64),
    7: (Column.IN_UNICAST, COUNTER64),
    8: (Column.IN_MULTICAST, COUNTER64),
    9: (Column.IN_BROADCAST, COUNTER64),
    10: (Column.OUT_OCTETS, COUNTER64),
    11: (Column.OUT_UNICAST, COUNTER64),
    12: (Column.OUT_MULTICAST, COUNTER64),
    13: (Column.OUT_BROADCAST, COUNTER64),
}
_LAYER_TWO_ROLES = frozenset({DeviceRole.ACCESS_SWITCH, DeviceRole.WIRELESS})
_HOST_ROLES = frozenset({DeviceRole.SERVER, DeviceRole.STORAGE, DeviceRole.SENSOR, DeviceRole.UPS})
_ETHERNET_CSMACD = 6


def build_tree(
    device: Device,
    inventory: Inventory,
    product: Product,
    sockets: list[Socket],
    ports: list[LivePort],
    builder: TreeBuilder,
    around: Mapping[Oid, bytes],
) -> Tree:
    """All objects of a device; `around` are those of what it is plugged into."""
    objects = _system(device, inventory, product, builder)
    objects[_IF_NUMBER] = ber.encode_integer(len(sockets))
    for row, (socket, port) in enumerate(zip(sockets, ports, strict=True)):
        index = product.entry.first_index + row
        objects |= _interface(device, socket, port, row, index, builder)
        objects |= _interface_extension(device, inventory, socket, port, row, index, builder)
    for number in range(product.entry.processors):
        index = _FIRST_PROCESSOR + number
        objects[(*_HR_DEVICE_ENTRY, 1, index)] = ber.encode_integer(index)
        objects[(*_HR_DEVICE_ENTRY, 2, index)] = ber.encode(ber.OBJECT, ber.encode_oid(_HR_PROCESSOR))
        objects[(*_HR_DEVICE_ENTRY, 3, index)] = ber.encode_octets(b"x86_64 processor")
        objects[(*_HR_DEVICE_ENTRY, 5, index)] = ber.encode_integer(2)
        oid = (*_HR_PROCESSOR_ENTRY, 2, index)
        objects[oid] = builder.late(oid, Column.PROCESSOR_LOAD, ber.INTEGER, number)
    return builder.build(objects, around)


def _system(device: Device, inventory: Inventory, product: Product, builder: TreeBuilder) -> dict[Oid, bytes | Late]:
    site = inventory.sites.get(device.site)
    services = 72 if device.role in _HOST_ROLES else 2 if device.role in _LAYER_TWO_ROLES else 78
    uptime = (*_SYSTEM, 3, 0)
    return {
        (*_SYSTEM, 1, 0): ber.encode_octets(product.description(device).encode()),
        (*_SYSTEM, 2, 0): ber.encode(ber.OBJECT, ber.encode_oid(product.object_id)),
        uptime: builder.late(uptime, Column.UPTIME, TIME_TICKS),
        (*_SYSTEM, 4, 0): ber.encode_octets(b"noc"),
        (*_SYSTEM, 5, 0): ber.encode_octets(device.name.encode()),
        (*_SYSTEM, 6, 0): ber.encode_octets((site.address or site.name if site else device.site).encode()),
        (*_SYSTEM, 7, 0): ber.encode_integer(services),
    }


def _interface(
    device: Device, socket: Socket, port: LivePort, row: int, index: int, builder: TreeBuilder
) -> dict[Oid, bytes | Late]:
    """A row of ifTable. States that cannot change are encoded ahead."""

    def late(arc: int, column: Column, tag: int) -> Late:
        return builder.late((*_IF_ENTRY, arc, index), column, tag, row)

    columns: dict[int, bytes | Late] = {
        1: ber.encode_integer(index),
        2: ber.encode_octets(socket.descr.encode()),
        3: ber.encode_integer(_ETHERNET_CSMACD),
        4: ber.encode_integer(1500),
        5: ber.encode_integer(min(socket.speed_bps, 0xFFFF_FFFF), GAUGE32),
        6: ber.encode_octets(mac_address(device.id, row)),
        7: ber.encode_integer(1),
        8: late(8, Column.OPER_STATUS, ber.INTEGER) if port.down else ber.encode_integer(2 if port.idle else 1),
        9: late(9, Column.LAST_CHANGE, TIME_TICKS),
        15: ber.encode_integer(0, COUNTER32),
    }
    columns |= {arc: late(arc, column, COUNTER32) for arc, column in _IF_COUNTERS.items()}
    return {(*_IF_ENTRY, arc, index): value for arc, value in columns.items()}


def _interface_extension(
    device: Device,
    inventory: Inventory,
    socket: Socket,
    port: LivePort,
    row: int,
    index: int,
    builder: TreeBuilder,
) -> dict[Oid, bytes | Late]:
    """A row of ifXTable; a device whose 32-bit counters are to wrap is an old one, without 64-bit counters."""
    old = port.wrap is not None and port.wrap[0] == 32
    columns: dict[int, bytes | Late] = {
        1: ber.encode_octets(socket.name.encode()),
        14: ber.encode_integer(1),
        15: ber.encode_integer(socket.speed_bps // 1_000_000, GAUGE32),
        16: ber.encode_integer(2),
        17: ber.encode_integer(1),
        18: ber.encode_octets(_alias(device, inventory, socket)),
        19: ber.encode_integer(0, TIME_TICKS),
    }
    for arc, (column, tag) in _IF_X_COUNTERS.items():
        if not (old and tag == COUNTER64):
            columns[arc] = builder.late((*_IF_X_ENTRY, arc, index), column, tag, row)
    return {(*_IF_X_ENTRY, arc, index): value for arc, value in columns.items()}


def _alias(device: Device, inventory: Inventory, socket: Socket) -> bytes:
    """What engineers write on a port: where its link goes, and the provider's number of a leased line."""
    if socket.link is None or socket.peer is None:
        return b""
    circuit = inventory.circuits.get(socket.link.circuit) if socket.link.circuit else None
    text = f"to {inventory.devices[socket.peer].name}"
    text += f" [{circuit.provider} {circuit.provider_reference}]" if circuit else ""
    # ifAlias holds at most 64 octets (RFC 2863); a letter is never cut in half.
    return text.encode()[:64].decode(errors="ignore").encode()


def mac_address(device: str, row: int) -> bytes:
    """A locally administered address (IEEE 802) that follows from the device and the port. Four octets tell devices
    apart: with three, two of a thousand would often be the same."""
    page, place = divmod(row, 250)
    return b"\x02" + hashlib.blake2b(f"{device}/{page}".encode(), digest_size=4).digest() + bytes([place + 1])
