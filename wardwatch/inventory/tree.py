"""The tree of units: who is above and below whom."""

from collections import defaultdict
from collections.abc import Mapping

from wardwatch.model.inventory import Inventory, Unit


class UnitTree:
    """Look-ups over units of any depth. A parent that is not among the units counts as none."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._units = units
        self._children: defaultdict[str | None, list[str]] = defaultdict(list)
        for unit in units.values():
            self._children[unit.parent if unit.parent in units else None].append(unit.id)

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(self._children.get(None, ()))

    def children(self, unit: str) -> tuple[str, ...]:
        return tuple(self._children.get(unit, ()))

    def subtree(self, unit: str) -> frozenset[str]:
        """The unit and everything below it; empty for a unit that is not known."""
        found: set[str] = set()
        waiting = [unit] if unit in self._units else []
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += self._children.get(at, ())
        return frozenset(found)

    def ancestors(self, unit: str) -> tuple[str, ...]:
        """Everything above the unit, nearest first."""
        found: list[str] = []
        at = self._units.get(unit)
        while at is not None and at.parent is not None and at.parent not in found:
            above = self._units.get(at.parent)
            if above is not None:
                found.append(above.id)
            at = above
        return tuple(found)


def within(inventory: Inventory, unit: str) -> Inventory:
    """The part of an inventory that belongs to a unit and those below it: links with an end in it, the circuits they
    run over, the credentials its devices use, and every zone."""
    units = UnitTree(inventory.units).subtree(unit)
    devices = {key: device for key, device in inventory.devices.items() if device.unit in units}
    links = {
        key: link for key, link in inventory.links.items() if link.upstream in devices or link.downstream in devices
    }
    circuits = {link.circuit for link in links.values()}
    credentials = {device.credential for device in devices.values()}
    return Inventory(
        units={key: each for key, each in inventory.units.items() if key in units},
        zones=inventory.zones,
        sites={key: site for key, site in inventory.sites.items() if site.unit in units},
        credentials={key: credential for key, credential in inventory.credentials.items() if key in credentials},
        devices=devices,
        circuits={key: circuit for key, circuit in inventory.circuits.items() if key in circuits},
        links=links,
        services={key: service for key, service in inventory.services.items() if service.owner in units},
    )
