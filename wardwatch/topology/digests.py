"""What one device says of its surroundings, boiled down from its facts: small, so that a whole city's fit in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from wardwatch.discovery.known import canonical, plain_mac
from wardwatch.model.records import DeviceFacts

KINDS = ("interfaces", "neighbours", "arp", "fdb", "lags")
"""The facts that the topology is made of."""

MOST_ROWS = 50_000
"""Of one table of one device; what is beyond is left out."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PortRow:
    """A port: its ifIndex, what it is called (ifName, ifDescr, ifAlias), its MAC address (empty where it has none)."""

    index: str
    name: str
    descr: str
    alias: str
    mac: str


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """Somebody on a port by LLDP or CDP; empty where it does not say."""

    protocol: str
    port: str
    system: str
    far_port: str
    chassis: str
    address: str


@dataclass(frozen=True, slots=True)
class Digest:
    """Of one device: ports, neighbours, `arp` (IP address, MAC address, port), `fdb` (MAC address, port, VLAN or 0),
    `lags` (member port, aggregated port)."""

    ports: tuple[PortRow, ...] = ()
    neighbours: tuple[NeighbourRow, ...] = ()
    arp: tuple[tuple[str, str, str], ...] = ()
    fdb: tuple[tuple[str, str, int], ...] = ()
    lags: tuple[tuple[str, str], ...] = ()


def learned(digest: Digest, fact: DeviceFacts) -> Digest:
    """The digest with newer facts of one kind in it."""
    rows = fact.rows[:MOST_ROWS]
    match fact.kind:
        case "interfaces":
            return replace(digest, ports=tuple(_port(row) for row in rows))
        case "neighbours":
            return replace(digest, neighbours=tuple(_neighbour(row) for row in rows))
        case "arp":
            return replace(digest, arp=tuple(_known(_arp(row) for row in rows)))
        case "fdb":
            return replace(digest, fdb=tuple(_known(_fdb(row) for row in rows)))
        case "lags":
            return replace(digest, lags=tuple(_known((_words(row, "port"), _words(row, "lag")) for row in rows)))
    return digest


def _port(row: Row) -> PortRow:
    return PortRow(
        _words(row, "index"),
        _words(row, "name"),
        _words(row, "descr"),
        _words(row, "alias"),
        plain_mac(_words(row, "mac")),
    )


def _neighbour(row: Row) -> NeighbourRow:
    chassis = _words(row, "remote_chassis")
    return NeighbourRow(
        _words(row, "protocol").lower(),
        _words(row, "local_port"),
        _words(row, "remote_system"),
        _words(row, "remote_port"),
        plain_mac(chassis),
        canonical(_words(row, "remote_address")),
    )


def _arp(row: Row) -> tuple[str, str, str]:
    return canonical(_words(row, "ip")), plain_mac(_words(row, "mac")), _words(row, "port")


def _fdb(row: Row) -> tuple[str, str, int]:
    vlan = row.get("vlan")
    return plain_mac(_words(row, "mac")), _words(row, "port"), int(vlan) if isinstance(vlan, (int, float)) else 0


def _known(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Rows that say who and where; the same one once."""
    return list(dict.fromkeys(row for row in rows if row[0] and row[1]))


def _words(row: Row, key: str) -> str:
    value = row.get(key)
    return "" if value is None else str(value)
