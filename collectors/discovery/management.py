"""What a device's neighbours call themselves and where they are managed: LLDP-MIB (IEEE 802.1AB) and CISCO-CDP-MIB.

lldpRemManAddrTable is indexed by time mark, local port, remote index, address family and the address itself, so its
index alone says it; cdpCacheAddress is a column.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from gufo.snmp import ValueType

from collectors.snmp.failures import AgentFailure
from collectors.snmp.oids import Column, Kind
from collectors.snmp.session import Session
from collectors.snmp.tables import text
from collectors.snmp.walk import Manners, walk
from wardwatch.model.records import Outcome

MOST_NEIGHBOURS = 2048

LLDP_NAME = Column("lldpRemSysName", "1.0.8802.1.1.2.1.4.1.1.9", Kind.TEXT)
LLDP_MANAGEMENT = Column("lldpRemManAddrIfSubtype", "1.0.8802.1.1.2.1.4.2.1.3", Kind.INTEGER)
CDP_NAME = Column("cdpCacheDeviceId", "1.3.6.1.4.1.9.9.23.1.2.1.1.6", Kind.TEXT)
CDP_ADDRESS = Column("cdpCacheAddress", "1.3.6.1.4.1.9.9.23.1.2.1.1.4", Kind.OCTETS)
_FAMILIES = {1: 4, 2: 16}
"""Octets of an address by AddressFamilyNumbers (IANA): IPv4, IPv6."""

_BEARABLE = frozenset({Outcome.LOOP, Outcome.MALFORMED, Outcome.TOO_LARGE})

Table = Mapping[str, ValueType]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A neighbour: its name, and the addresses it is managed at (none where it does not say)."""

    name: str
    addresses: tuple[str, ...] = ()


async def neighbours(session: Session, manners: Manners) -> list[Neighbour]:
    """Everybody a device is plugged into. Raises `AgentFailure` when it goes silent; a table that cannot be read is
    left out."""
    tables = [await _table(session, column, manners) for column in (LLDP_NAME, LLDP_MANAGEMENT, CDP_NAME, CDP_ADDRESS)]
    return joined(*tables)


def joined(lldp_names: Table, lldp_managed: Table, cdp_names: Table, cdp_addresses: Table) -> list[Neighbour]:
    """Neighbours from the columns by row; the same name by both protocols is one neighbour."""
    found: dict[tuple[str, str], list[str]] = {}
    managed: dict[str, list[str]] = {}
    for index in lldp_managed:
        row, address = _managed(index)
        if address is not None:
            managed.setdefault(row, []).append(address)
    for row in dict.fromkeys((*lldp_names, *managed)):
        name = text(lldp_names.get(row))
        found.setdefault(_key(name, row), []).extend(managed.get(row, ()))
    for row, value in cdp_names.items():
        octets = cdp_addresses.get(row)
        told = _address(octets) if isinstance(octets, bytes) else None
        # CDP adds a serial number in brackets (NX-OS) to what LLDP calls the same box.
        name = text(value).partition("(")[0]
        found.setdefault(_key(name, row), []).extend([told] if told else [])
    return [Neighbour(name, tuple(dict.fromkeys(addresses))) for (name, _), addresses in found.items()]


def _key(name: str, row: str) -> tuple[str, str]:
    """By name; who has none is alone in its row."""
    return (name, "") if name else ("", row)


def _managed(index: str) -> tuple[str, str | None]:
    """The row of lldpRemTable that an index belongs to, and the address it spells."""
    parts = [int(part) for part in index.split(".") if part.isdecimal()]
    row = ".".join(map(str, parts[:3]))
    if len(parts) < 6 or _FAMILIES.get(parts[3]) != parts[4] or len(parts) != 5 + parts[4]:
        return row, None
    return row, _address(bytes(part & 0xFF for part in parts[5:]))


def _address(octets: bytes) -> str | None:
    if len(octets) not in _FAMILIES.values():
        return None
    address = ipaddress.ip_address(octets)
    return None if address.is_unspecified or address.is_multicast else str(address)


async def _table(session: Session, column: Column, manners: Manners) -> Table:
    try:
        rows = await walk(session, column, manners, MOST_NEIGHBOURS, enough=True)
    except AgentFailure as failure:
        if failure.outcome not in _BEARABLE:
            raise
        return {}
    return dict(zip(rows.suffixes, rows.values, strict=True))
