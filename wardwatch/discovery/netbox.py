"""NetBox's exports as what was heard: devices, interfaces and IP addresses, in JSON (its API) or CSV (its lists).

JSON is a list of objects or the API's page (`{"results": [...]}`). CSV has the headings of the tables ("IPv4 Address")
or of the import forms (`primary_ip4`). Which kind a file holds is told by its columns. NetBox's names: `dcim.devices`,
`dcim.interfaces`, `ipam.ip-addresses`.
"""

import csv
import io
import ipaddress
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from wardwatch.discovery.known import plain_mac
from wardwatch.errors import DocumentError, Problem
from wardwatch.model.discovery import Heard, Way
from wardwatch.model.text import nfc
from wardwatch.strict_yaml import read_text

_SYNONYMS = {
    "device_role": "role",
    "device_type": "type",
    "serial_number": "serial",
    "ip_address": "address",
    "ipv4_address": "primary_ip4",
    "ipv6_address": "primary_ip6",
    "primary_ip": "primary_ip4",
    "assigned_object_parent": "device",
    "parent": "device",
    "virtual_machine": "vm",
}
_NOT_IN_USE = frozenset({"decommissioning", "offline", "planned", "inventory", "staged"})

Row = Mapping[str, Any]


@dataclass(slots=True)
class Export:
    """The rows of the files together, by kind, each with where it stands (file, 1-based line or number)."""

    devices: list[tuple[str, int, Row]] = field(default_factory=list)
    interfaces: list[tuple[str, int, Row]] = field(default_factory=list)
    addresses: list[tuple[str, int, Row]] = field(default_factory=list)


def read_netbox(paths: Sequence[Path], now: datetime) -> tuple[list[Heard], list[str]]:
    """The devices of the files together, and what was left out, in words. Raises `DocumentError` with every problem."""
    export, problems = Export(), list[Problem]()
    for path in paths:
        _sort(str(path), _rows(path), export, problems)
    if not export.devices and not problems:
        problems.append(Problem(", ".join(map(str, paths)), 0, "holds no devices: export them from Devices in NetBox"))
    if problems:
        raise DocumentError(problems)
    heard, left_out = [], []
    addresses, macs = _addresses(export), _macs(export)
    counted: defaultdict[str, int] = defaultdict(int)
    for _, _, row in export.interfaces:
        counted[_words(row.get("device"))] += 1
    for file, line, row in export.devices:
        name = _words(row.get("name"))
        found = _device(row, name, addresses.get(name, ()), macs.get(name, ""), file, now)
        if found is None:
            left_out.append(f"{file}:{line}: {name or 'a device without name'} has no IP address or is not in use")
        else:
            heard.append(replace(found, ports=counted[name]))
    return heard, left_out


def _rows(path: Path) -> list[tuple[int, Row]]:
    text = read_text(path)
    return _json_rows(str(path), text) if text.lstrip()[:1] in ("[", "{") else _csv_rows(str(path), text)


def _json_rows(file: str, text: str) -> list[tuple[int, Row]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError([Problem(file, getattr(error, "lineno", 0), f"is no JSON: {error}")]) from None
    listed = found.get("results") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise DocumentError([Problem(file, 0, "is neither a list of objects nor a page of NetBox's API (results)")])
    return [(number, _plain(each)) for number, each in enumerate(listed, 1)]


def _csv_rows(file: str, text: str) -> list[tuple[int, Row]]:
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";" if ";" in first else ",")
    try:
        return [(reader.line_num, _plain({k: v for k, v in row.items() if k is not None})) for row in reader]
    except csv.Error as error:
        raise DocumentError([Problem(file, reader.line_num, f"is no CSV: {error}")]) from None


def _plain(row: Row) -> Row:
    """Keys as NetBox's API calls them, whatever heading a table gave them."""
    keys = {key: nfc(str(key)).lower().replace(" ", "_") for key in row}
    return {_SYNONYMS.get(keys[key], keys[key]): value for key, value in reversed(list(row.items()))}


def _sort(file: str, rows: Iterable[tuple[int, Row]], export: Export, problems: list[Problem]) -> None:
    for line, row in rows:
        if "assigned_object" in row or ("address" in row and "name" not in row):
            export.addresses.append((file, line, row))
        elif "device" in row and "name" in row:
            export.interfaces.append((file, line, row))
        elif "name" in row and ("site" in row or "role" in row):
            export.devices.append((file, line, row))
        else:
            known = "devices (name, site, role), interfaces (device, name) or IP addresses (address, device)"
            problems.append(Problem(file, line, f"is no export of {known}: it has {', '.join(sorted(row)[:8])}"))
            return


def _device(row: Row, name: str, more: Sequence[str], mac: str, file: str, now: datetime) -> Heard | None:
    own = [_address(row.get(key)) for key in ("primary_ip4", "primary_ip6", "address")]
    addresses = list(dict.fromkeys(address for address in (*own, *more) if address))
    status = row.get("status")
    word = _words(status.get("value") if isinstance(status, dict) else status).lower()
    if not addresses or word in _NOT_IN_USE:
        return None
    kind = row.get("type")
    maker = kind.get("manufacturer") if isinstance(kind, dict) else row.get("manufacturer")
    return Heard(
        addresses[0],
        now,
        Way.NETBOX,
        Path(file).name,
        name=name,
        vendor=_words(maker),
        model=_words(kind.get("model") if isinstance(kind, dict) else kind),
        serial=_words(row.get("serial")),
        chassis=mac,
        addresses=tuple(addresses[1:]),
        role=_words(row.get("role")),
        place=_words(row.get("site")),
    )


def _addresses(export: Export) -> dict[str, tuple[str, ...]]:
    """Of each device by name, the addresses of its interfaces."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for _, _, row in export.addresses:
        assigned = row.get("assigned_object")
        device = assigned.get("device") if isinstance(assigned, dict) else row.get("device")
        address = _address(row.get("address"))
        if address and _words(device):
            found[_words(device)].append(address)
    return {name: tuple(addresses) for name, addresses in found.items()}


def _macs(export: Export) -> dict[str, str]:
    """Of each device by name, the first MAC address of its interfaces."""
    found: dict[str, str] = {}
    for _, _, row in export.interfaces:
        told = row.get("mac_address") or row.get("primary_mac_address")
        mac = plain_mac(_words(told.get("mac_address") if isinstance(told, dict) else told))
        if mac:
            found.setdefault(_words(row.get("device")), mac)
    return found


def _words(value: Any) -> str:
    """A value's text: of a nested object its name."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("display") or value.get("label") or ""
    return nfc(str(value)) if value not in (None, "—") else ""


def _address(value: Any) -> str:
    """An address without its mask; empty for none."""
    text = value.get("address") if isinstance(value, dict) else value
    try:
        return str(ipaddress.ip_interface(str(text or "").strip()).ip)
    except ValueError:
        return ""
