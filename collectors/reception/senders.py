"""Who may send: the devices and services of the inventory, by their addresses."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wardwatch.model.inventory import Device, Inventory

_MAPPED = "::ffff:"
"""Before an IPv4 address, as a socket that listens for both families names it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sender:
    """A device or a service at one of its addresses. `place` is what documents say of it (unit, site, zone, device,
    service); it is shared between documents and never changed."""

    address: str
    name: str
    units: tuple[str, ...]
    vendor: str | None
    place: dict[str, Any]
    device: Device | None = None


class Senders:
    """The addresses of an inventory; make a new one when it has changed.

    Of a device both kinds count: where it is polled (simulated ones answer on loopback) and its others. Where several
    stand at one address, the first device of the inventory is meant.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._by_address: dict[str, Sender] = {}
        for sender in (*_devices(inventory), *_services(inventory)):
            self._by_address.setdefault(sender.address, sender)

    def find(self, address: str) -> Sender | None:
        """Who stands at an address as a socket names it; None for strangers."""
        return self._by_address.get(address.removeprefix(_MAPPED))


def _devices(inventory: Inventory) -> Iterator[Sender]:
    for device in inventory.devices.values():
        place = {"unit": device.unit, "site": device.site, "zone": device.zone, "device": device.id}
        for address in (device.address, *device.addresses):
            yield Sender(_canonical(address), device.name, (device.unit,), device.vendor, place, device)


def _services(inventory: Inventory) -> Iterator[Sender]:
    for service in inventory.services.values():
        for address in service.addresses:
            place = {"unit": service.owner, "service": service.id}
            yield Sender(_canonical(address), service.name, (service.owner,), None, place)


def _canonical(address: str) -> str:
    return str(ipaddress.ip_address(address))
