"""Where the values of a message go in ECS, and what a key=value line of FortiGate says by its own names."""

import ipaddress
import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from collectors.reception.finding import LONGEST_VALUE
from collectors.syslog.stamps import Stamps

_OF_PAIRS: dict[str, tuple[str, ...]] = {
    "user": ("user", "xauthuser"),
    "source_ip": ("srcip", "remip"),
    "interface": ("intf", "interface", "srcintf"),
    "peer": ("vpntunnel", "tunnelid", "remip"),
    "service": ("method",),
    "state": ("ha_role", "to_role"),
    "command": ("cfgpath",),
}
_NOTHING = frozenset({"", "N/A", "(null)"})
_FROM = re.compile(r"\(([0-9A-Fa-f.:]+)\)")
_ZONE = re.compile(r"[+-]\d\d:?\d\d\Z")
_INTERFACE = re.compile(r"[Ii]nterface (\S+)")


def values_of_pairs(pairs: dict[str, str]) -> dict[str, str]:
    """The values of a key=value line by the names that patterns use."""
    values: dict[str, str] = {}
    for name, keys in _OF_PAIRS.items():
        for key in keys:
            if (said := pairs.get(key, "")) not in _NOTHING:
                values[name] = said
                break
    if "source_ip" not in values and (found := _FROM.search(pairs.get("ui", ""))) is not None:
        values["source_ip"] = found[1]
    if "interface" not in values and (found := _INTERFACE.search(pairs.get("msg", ""))) is not None:
        values["interface"] = found[1]
    return values


def moment_of_pairs(pairs: dict[str, str], stamps: Stamps) -> datetime | None:
    """When a key=value line was written: `eventtime` in seconds or finer since 1970, else its date and time."""
    since = pairs.get("eventtime", "")
    if since.isdecimal() and 10 <= len(since) <= 19:
        return stamps.epoch(int(since) / 10 ** (len(since) - 10))
    zone = pairs.get("tz", "")
    return stamps.iso(f"{pairs.get('date', '')}T{pairs.get('time', '')}{zone if _ZONE.match(zone) else ''}")


def describe(document: dict[str, Any], values: dict[str, str], sender: str) -> bool:
    """Fills user, source, destination, process and interface; whether somebody else than the sender is the source."""
    related: dict[str, list[str]] = {"ip": [sender]}
    if user := values.get("user"):
        document["user"] = {"name": user[:LONGEST_VALUE]}
        related["user"] = [user[:LONGEST_VALUE]]
    if command := values.get("command"):
        document["process"] = {"command_line": command}
    if interface := values.get("interface"):
        document["observer"]["ingress"] = {"interface": {"name": interface[:LONGEST_VALUE]}}
    document["related"] = related
    address = values.get("source_ip", "")
    if not address or not is_address(address) or address == sender:
        return False
    related["ip"].insert(0, address)
    source: dict[str, Any] = {"ip": address, "address": address}
    port = values.get("source_port", "")
    if port.isdecimal() and int(port) < 65_536:
        source["port"] = int(port)
    document["source"] = source
    return True


@lru_cache(4096)
def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return len(text) <= 45
