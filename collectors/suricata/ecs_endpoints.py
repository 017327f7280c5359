"""Both ends of an event: addresses, ports, where in the city they are, and the direction that follows."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from collectors.suricata.eve_values import Memory, Section, section, text

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
_REMEMBERED = 65536
# No address in text form is longer, but for the zones of IPv6 (`%eth0`): those are not worth remembering.
_LONGEST_ADDRESS = 45


class Address(NamedTuple):
    """What is known of an address: its shortest form, its ECS `network.type`, its unit and what is said of its place.

    It is remembered: `place` is shared between documents and never changed.
    """

    canonical: str
    type: str
    unit: str | None
    place: Document


class AddressBook:
    """Addresses and their places in one inventory (`locate`; None: no inventory), each worked out once.

    `known[text]` is None for a text that is no address.
    """

    def __init__(self, locate: Locate | None) -> None:
        self.has_inventory = locate is not None
        self.known: Memory[str, Address | None] = Memory(self._find, _REMEMBERED, _LONGEST_ADDRESS)
        self._locate = locate

    def _find(self, address: str) -> Address | None:
        canonical = canonical_address(address)
        if canonical is None:
            return None
        network_type = "ipv6" if ":" in address else "ipv4"
        place = None if self._locate is None else self._locate(canonical)
        if place is None:
            return Address(canonical, network_type, None, {})
        said = {field: value for field in _PLACE_FIELDS if (value := getattr(place, field)) is not None}
        return Address(canonical, network_type, place.unit, said)


def canonical_address(text: str) -> str | None:
    """An IP address in its shortest form (the IPv4 one, if it is mapped); None for anything else."""
    if ":" not in text:
        # The system's parser is ten times as fast; where it is lenient (other systems take `010.1`), the other decides.
        try:
            if socket.inet_ntoa(socket.inet_pton(socket.AF_INET, text)) == text:
                return text
        except (OSError, ValueError):
            return None
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


# Of each end: its name in ECS, and its keys in EVE.
_ENDS = (("source", "src_ip", "src_port", "src_mac"), ("destination", "dest_ip", "dest_port", "dest_mac"))


def describe_ends(eve: Section, document: Document, book: AddressBook) -> tuple[str, ...]:
    """Fills source, destination, network.type, network.direction, related.ip and the places; returns both ends' units.

    Without an inventory nothing is said about direction: every address would look external.
    """
    ethernet = section(eve, "ether")
    related: list[str] = []
    units: list[str | None] = []
    for name, address_key, port_key, mac_key in _ENDS:
        unit = None
        address = eve.get(address_key)
        if type(address) is str and address:
            end: Document = {"address": address}
            document[name] = end
            port = eve.get(port_key)
            if type(port) is int and 0 <= port < 65536:
                end["port"] = port
            if ethernet and (mac := text(ethernet, mac_key)) is not None:
                end["mac"] = mac.replace(":", "-").upper()
            known = book.known[address]
            if known is not None:
                end["ip"] = address
                unit = _describe_address(address, known, name, document, related)
        units.append(unit)
    if related:
        document["related"]["ip"] = related
    source_unit, destination_unit = units
    if book.has_inventory and ("source" in document or "destination" in document):
        document["network"]["direction"] = _direction(source_unit is not None, destination_unit is not None)
    if source_unit is None:
        return () if destination_unit is None else (destination_unit,)
    if destination_unit is None or destination_unit == source_unit:
        return (source_unit,)
    return (source_unit, destination_unit)


def _describe_address(address: str, known: Address, name: str, document: Document, related: list[str]) -> str | None:
    canonical, document["network"]["type"], unit, place = known
    if address not in related:
        related.append(address)
    if canonical not in related:
        related.append(canonical)
    if place:
        document["wardwatch"][name] = place
    return unit


def _direction(from_us: bool, to_us: bool) -> str:
    """ECS network.direction as a perimeter sees it."""
    if from_us:
        return "internal" if to_us else "outbound"
    return "inbound" if to_us else "external"


def add_related(document: Document, kind: str, value: str | None) -> None:
    """Adds a value to related.hosts, related.hash or related.ip, once."""
    if value:
        values = document["related"].get(kind)
        if values is None:
            document["related"][kind] = [value]
        elif value not in values:
            values.append(value)
