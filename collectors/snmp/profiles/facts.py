"""From a profile and a tree to facts: system, processors, memory, storage, sensors, neighbours, BGP peers. Pure.

Rows have the published shapes of `snmp probe`: percentages 0-100, bytes, sensors in the SI unit of their class.
"""

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from collectors.snmp.profiles.language import Neighbours, Peers, Processors, Profile, Rows, Sensors, Table, Volumes
from collectors.snmp.profiles.tree import Tree
from collectors.snmp.profiles.values import Row

Facts = dict[str, Any]
Part = TypeVar("Part", bound=Rows)


def facts(profile: Profile, tree: Tree) -> Facts:
    """Everything that the profile finds in the tree, by kind."""
    device = Row(tree, "0", profile.system.names)
    return {
        "system": {
            key: found
            for key in ("version", "hardware", "serial")
            if (found := device.words(getattr(profile.system, key)))
        },
        "processors": _every(profile.processors, tree, _processor, lambda part: part.usage_pct.oid),
        "memory": _every(profile.memory, tree, _volume, lambda part: part.row),
        "storage": _every(profile.storage, tree, _volume, lambda part: part.row),
        "sensors": _every(profile.sensors, tree, _sensor, lambda part: part.value.oid),
        "neighbours": _every(profile.neighbours, tree, _neighbour, lambda part: part.row),
        "bgp_peers": _every(profile.bgp_peers, tree, _peer, lambda part: part.row),
        **_tables(profile.tables, tree),
    }


def _tables(parts: Sequence[Table], tree: Tree) -> Facts:
    """The kinds that have rows."""
    found: dict[str, list[Facts]] = {}
    for part in parts:
        for row in _rows(part, tree, part.row):
            told = {key: said for key, text in part.columns.items() if (said := row.words(text))}
            if told:
                found.setdefault(part.kind, []).append({"index": row.index, **told})
    return found


def _every(
    parts: Sequence[Part], tree: Tree, read: Callable[[Part, Row], Facts | None], rows: Callable[[Part], str]
) -> list[Facts]:
    return [found for part in parts for row in _rows(part, tree, rows(part)) if (found := read(part, row)) is not None]


def _rows(part: Rows, tree: Tree, oid: str) -> Iterator[Row]:
    for index in tree.column(oid):
        row = Row(tree, index, part.names)
        if all(map(row.holds, part.where)):
            yield row


def _processor(part: Processors, row: Row) -> Facts | None:
    usage = row.amount(part.usage_pct)
    if usage is None or not 0 <= usage <= 100:
        return None
    return {"oid": f"{part.usage_pct.oid}.{row.index}", "label": row.words(part.label), "usage_pct": usage}


def _volume(part: Volumes, row: Row) -> Facts | None:
    unit = row.amount(part.unit_bytes) or 1
    total, used, free = (row.amount(amount) for amount in (part.total, part.used, part.free))
    share = row.amount(part.used_pct)
    if total is None and used is not None and free is not None:
        total = used + free
    if used is None and total is not None and free is not None:
        used = total - free
    if share is None and total and used is not None:
        share = 100 * used / total
    if share is None or (total is not None and total <= 0 and part.used_pct is None):
        return None
    found: Facts = {
        "oid": f"{part.row}.{row.index}",
        "label": row.words(part.label),
        "used_pct": round(max(0.0, share), 2),
    }
    if total:
        found["total_bytes"] = round(total * unit)
    return found


def _sensor(part: Sensors, row: Row) -> Facts | None:
    kind, value = row.words(part.class_), row.amount(part.value)
    if value is None or not kind:
        return None
    found: Facts = {
        "class": kind,
        "oid": f"{part.value.oid}.{row.index}",
        "value": value,
        "label": row.words(part.label),
    }
    if part.states is not None:
        found["state"] = part.states.get(int(value), "unknown")
    return found


def _neighbour(part: Neighbours, row: Row) -> Facts | None:
    system = row.words(part.remote_system)
    if not system:
        return None
    return {
        "protocol": part.protocol,
        "local_port": row.words(part.local_port),
        "remote_system": system,
        "remote_port": row.words(part.remote_port),
    }


def _peer(part: Peers, row: Row) -> Facts | None:
    address = _address(part, row)
    if not address:
        return None
    return {"remote_address": address, "remote_as": row.raw(part.remote_as), "state": row.words(part.state)}


def _address(part: Peers, row: Row) -> str:
    """An address as the index spells it: four parts, or (RFC 4001) type, length and octets."""
    if not isinstance(part.remote_address, str):
        value = row.raw(part.remote_address)
        return _spelt(value) if isinstance(value, bytes) and len(value) in (4, 16) else row.words(part.remote_address)
    octets = [int(octet) for octet in row.index.split(".")][part.address_at :]
    if part.remote_address == "typed-index":
        octets = octets[2 : 2 + octets[1]] if len(octets) > 2 else []
    else:
        octets = octets[:4]
    return _spelt(bytes(octets), part.every_digit) if all(octet < 256 for octet in octets) else ""


def _spelt(octets: bytes, every_digit: bool = False) -> str:
    try:
        address = ipaddress.ip_address(octets)
        return address.exploded if every_digit else str(address)
    except ValueError:
        return ""
