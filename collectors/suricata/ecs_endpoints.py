"""Both ends of an event: addresses, ports, where in the city they are, and the direction that follows."""

import ipaddress
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from collectors.suricata.eve_values import Section, count, section, text

Document = dict[str, Any]


class Place(Protocol):
    """Where an address belongs in the inventory; None for what it does not say."""

    @property
    def unit(self) -> str | None: ...

    @property
    def site(self) -> str | None: ...

    @property
    def zone(self) -> str | None: ...

    @property
    def device(self) -> str | None: ...

    @property
    def service(self) -> str | None: ...


Locate = Callable[[str], Place | None]

_PLACE_FIELDS = ("unit", "site", "zone", "device", "service")


@lru_cache(maxsize=65536)
def canonical_address(address: str) -> tuple[str, int] | None:
    """An IP address in its shortest form (the IPv4 one, if it is mapped) with its version; None for anything else."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed), parsed.version


def describe_ends(eve: Section, document: Document, locate: Locate | None) -> tuple[str, ...]:
    """Fills source, destination, network.type, network.direction, related.ip and the places; returns both ends' units.

    Without an inventory (`locate` None) nothing is said about direction: every address would look external.
    """
    ethernet = section(eve, "ether")
    source_unit = _end(eve, ("src_ip", "src_port"), ethernet, "src_mac", document, "source", locate)
    destination_unit = _end(eve, ("dest_ip", "dest_port"), ethernet, "dest_mac", document, "destination", locate)
    if locate is not None and ("source" in document or "destination" in document):
        document["network"]["direction"] = _direction(source_unit is not None, destination_unit is not None)
    if source_unit is None:
        return () if destination_unit is None else (destination_unit,)
    if destination_unit is None or destination_unit == source_unit:
        return (source_unit,)
    return (source_unit, destination_unit)


def _end(
    eve: Section,
    keys: tuple[str, str],
    ethernet: Section,
    mac_key: str,
    document: Document,
    name: str,
    locate: Locate | None,
) -> str | None:
    address = text(eve, keys[0])
    if address is None:
        return None
    end: Document = {"address": address}
    document[name] = end
    port = count(eve, keys[1])
    if port is not None and port < 65536:
        end["port"] = port
    mac = text(ethernet, mac_key)
    if mac is not None:
        end["mac"] = mac.replace(":", "-").upper()
    known = canonical_address(address)
    if known is None:
        return None
    canonical, version = known
    end["ip"] = address
    document["network"]["type"] = "ipv4" if version == 4 else "ipv6"
    related_ips = document["related"].setdefault("ip", [])
    for form in (address, canonical):
        if form not in related_ips:
            related_ips.append(form)
    return None if locate is None else _place(locate(canonical), document, name)


def _place(place: Place | None, document: Document, name: str) -> str | None:
    if place is None:
        return None
    found = {field: value for field in _PLACE_FIELDS if (value := getattr(place, field)) is not None}
    if found:
        document["wardwatch"][name] = found
    return place.unit


def _direction(from_us: bool, to_us: bool) -> str:
    """ECS network.direction as a perimeter sees it."""
    if from_us:
        return "internal" if to_us else "outbound"
    return "inbound" if to_us else "external"


def add_related(document: Document, kind: str, value: str | None) -> None:
    """Adds a value to related.hosts, related.hash or related.ip, once."""
    if value:
        values = document["related"].setdefault(kind, [])
        if value not in values:
            values.append(value)
