"""Where an IP address belongs: a device's or a service's own address first, else the longest prefix."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from wardwatch.model.inventory import Inventory

Value = TypeVar("Value")
_CACHED = 65_536


@dataclass(frozen=True, slots=True)
class Location:
    """What stands at an address. `unit` is None where only a zone knows the address."""

    unit: str | None
    site: str | None = None
    zone: str | None = None
    device: str | None = None
    service: str | None = None


class Prefixes(Generic[Value]):
    """Longest-prefix match over CIDR networks of both families; a network that is given twice keeps its first value."""

    def __init__(self, networks: Iterable[tuple[str, Value]]) -> None:
        tables: dict[tuple[int, int], dict[int, Value]] = {}
        for text, value in networks:
            network = ipaddress.ip_network(text)
            shift = network.max_prefixlen - network.prefixlen
            table = tables.setdefault((network.version, shift), {})
            table.setdefault(int(network.network_address) >> shift, value)
        # The smallest shift is the longest prefix.
        self._tables = {
            family: [(shift, tables[version, shift]) for version, shift in sorted(tables) if version == family]
            for family in (4, 6)
        }

    def find(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Value | None:
        number = int(address)
        for shift, table in self._tables[address.version]:
            value = table.get(number >> shift)
            if value is not None:
                return value
        return None


class Addresses:
    """The index of an inventory's addresses; it never changes, so make a new one when the inventory's version grows.

    A device's poll address counts only where it is no loopback address (simulated devices answer there). Where a
    service shares an address with a device, the unit is the device's; else it is the service's owner.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._devices = inventory.devices
        self._services = inventory.services
        self._device_at: dict[str, str] = {}
        for device in inventory.devices.values():
            own = () if ipaddress.ip_address(device.address).is_loopback else (device.address,)
            for address in (*own, *device.addresses):
                self._device_at.setdefault(_canonical(address), device.id)
        self._service_at: dict[str, str] = {}
        for service in inventory.services.values():
            for address in service.addresses:
                self._service_at.setdefault(_canonical(address), service.id)
        # Units that are still valid come first: a successor takes over the networks of the unit it follows.
        units = sorted(inventory.units.values(), key=lambda unit: unit.valid_to is not None)
        self._units = Prefixes((network, unit.id) for unit in units for network in unit.networks)
        self._zones = Prefixes((network, zone.id) for zone in inventory.zones.values() for network in zone.networks)
        self._cached = lru_cache(_CACHED)(self._find)

    def locate(self, ip: str) -> Location | None:
        """What stands at an address; None for one that is foreign or no address at all."""
        return self._cached(ip)

    def _find(self, ip: str) -> Location | None:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return None
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        device_id, service_id = self._device_at.get(str(address)), self._service_at.get(str(address))
        unit, zone = self._units.find(address), self._zones.find(address)
        if device_id is not None:
            device = self._devices[device_id]
            return Location(device.unit, device.site, device.zone, device_id, service_id)
        if service_id is not None:
            return Location(self._services[service_id].owner, None, zone, None, service_id)
        return None if unit is None and zone is None else Location(unit, None, zone)


def _canonical(address: str) -> str:
    return str(ipaddress.ip_address(address))
