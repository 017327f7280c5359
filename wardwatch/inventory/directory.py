"""An inventory with the look-ups that detection and enrichment ask of it; make a new one when the version grows."""

from collections.abc import Iterable

from wardwatch.inventory.addresses import Addresses, Location
from wardwatch.inventory.topology import Topology
from wardwatch.model.inventory import Inventory, Link


class Directory:
    """Whose an address is, and what stands behind what: by the inventory's links and those that were discovered."""

    def __init__(self, inventory: Inventory, discovered: Iterable[Link] = ()) -> None:
        self.inventory = inventory
        self.topology = Topology(inventory, discovered)
        self._addresses = Addresses(inventory)

    def locate(self, ip: str) -> Location | None:
        """Whose address it is."""
        return self._addresses.locate(ip)
