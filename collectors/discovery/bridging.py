"""Tables of MAC and IP addresses as facts: BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), IP-MIB (RFC 4293). Pure.

Indexes spell the addresses: dot1dTpFdbPort by MAC, dot1qTpFdbPort by filtering database and MAC, ipNetToMedia by
ifIndex and IPv4 address, ipNetToPhysical by ifIndex, kind, length and address.
"""

import ipaddress
from collections.abc import Iterator, Mapping

from gufo.snmp import ValueType

from collectors.snmp.oids import Column, Kind
from collectors.snmp.tables import text, whole
from wardwatch.discovery.known import plain_mac

BASE_PORT = Column("dot1dBasePortIfIndex", "1.3.6.1.2.1.17.1.4.1.2", Kind.INTEGER)
FDB = Column("dot1dTpFdbPort", "1.3.6.1.2.1.17.4.3.1.2", Kind.INTEGER)
VLAN_FDB = Column("dot1qTpFdbPort", "1.3.6.1.2.1.17.7.1.2.2.1.2", Kind.INTEGER)
VLAN_OF = Column("dot1qVlanFdbId", "1.3.6.1.2.1.17.7.1.4.2.1.3", Kind.GAUGE)
VTP_VLAN = Column("vtpVlanState", "1.3.6.1.4.1.9.9.46.1.3.1.1.2", Kind.INTEGER)
ARP = Column("ipNetToMediaPhysAddress", "1.3.6.1.2.1.4.22.1.2", Kind.OCTETS)
NEIGHBOUR_CACHE = Column("ipNetToPhysicalPhysAddress", "1.3.6.1.2.1.4.35.1.4", Kind.OCTETS)

RESERVED_VLANS = frozenset(range(1002, 1006))
"""Token Ring and FDDI of old, on every Cisco switch."""

_FAMILIES = {1: 4, 2: 16}
"""Octets by InetAddressType (RFC 4001): ipv4, ipv6."""

Table = Mapping[str, ValueType]
Facts = dict[str, str | int | float | bool | None]


def fdb_rows(fdb: Table, base_ports: Table, names: Mapping[str, str], vlan: int | None = None) -> list[Facts]:
    """The rows of a table by MAC address alone; `vlan` is the one that it was asked for."""
    return [
        {"mac": mac, "port": port, "vlan": vlan}
        for suffix, value in fdb.items()
        if (mac := _mac(suffix.split("."))) and (port := _port(value, base_ports, names))
    ]


def vlan_fdb_rows(fdb: Table, vlans: Table, base_ports: Table, names: Mapping[str, str]) -> list[Facts]:
    """The rows of a table by VLAN. A filtering database is that of the VLAN which names it, else its number is one."""
    of_database = {whole(value): _number(suffix.rpartition(".")[2]) for suffix, value in vlans.items()}
    rows: list[Facts] = []
    for suffix, value in fdb.items():
        database, *octets = suffix.split(".")
        mac, port = _mac(octets), _port(value, base_ports, names)
        if mac and port:
            rows.append({"mac": mac, "port": port, "vlan": of_database.get(_number(database)) or _number(database)})
    return rows


def arp_rows(arp: Table, cache: Table, names: Mapping[str, str]) -> list[Facts]:
    """Who has which IP address, by either table."""
    found = {}
    for index, address, value in (*_media(arp), *_physical(cache)):
        mac = plain_mac(value.hex()) if isinstance(value, bytes) else ""
        if mac and not ipaddress.ip_address(address).is_multicast:
            found[address, index] = {"ip": address, "mac": mac, "port": names.get(index, index)}
    return [dict(row) for row in found.values()]


def vtp_vlans(states: Table) -> list[int]:
    """The VLANs that are operational on a Cisco switch."""
    found = {_number(suffix.rpartition(".")[2]) for suffix, state in states.items() if whole(state) == 1}
    return sorted(vlan for vlan in found if vlan and vlan not in RESERVED_VLANS)


def port_names(names: Table, descrs: Table) -> dict[str, str]:
    """What each ifIndex is called: ifName, else ifDescr."""
    return {index: text(names.get(index)) or text(descrs.get(index)) for index in {**descrs, **names}}


def _media(arp: Table) -> Iterator[tuple[str, str, ValueType]]:
    for suffix, value in arp.items():
        index, *octets = suffix.split(".")
        if (address := _address(octets, 4)) is not None:
            yield index, address, value


def _physical(cache: Table) -> Iterator[tuple[str, str, ValueType]]:
    for suffix, value in cache.items():
        index, *rest = suffix.split(".")
        size = _FAMILIES.get(_number(rest[0]) or 0) if rest else None
        if size is not None and (address := _address(rest[2:], size)) is not None:
            yield index, address, value


def _address(octets: list[str], size: int) -> str | None:
    try:
        return str(ipaddress.ip_address(bytes(map(int, octets)))) if len(octets) == size else None
    except ValueError:
        return None


def _mac(octets: list[str]) -> str:
    try:
        return plain_mac(bytes(map(int, octets)).hex()) if len(octets) == 6 else ""
    except ValueError:
        return ""


def _port(value: ValueType, base_ports: Table, names: Mapping[str, str]) -> str:
    """The name of a bridge port; empty for port 0 (learned, but where is not known)."""
    number = whole(value)
    if not number:
        return ""
    index = whole(base_ports.get(str(number)))
    return names.get(str(index), str(index)) if index is not None else names.get(str(number), "")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
