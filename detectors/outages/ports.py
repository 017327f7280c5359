"""Ports of links: which interfaces of a device matter to others, and which of them are down."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wardwatch.model.inventory import Inventory, Link
from wardwatch.model.records import DeviceFacts, SampleBlock

UP, DOWN, LOWER_LAYER_DOWN = 1.0, 2.0, 7.0
"""ifAdminStatus and ifOperStatus of RFC 2863 (IF-MIB)."""

ReadFacts = Callable[[str], DeviceFacts | None]


def link_ports(inventory: Inventory, links: Iterable[Link]) -> dict[str, dict[str, str]]:
    """Of each device, the ports its links use and the name of the device at the far end."""
    ports: dict[str, dict[str, str]] = {}
    for link in links:
        for device, port, far in (
            (link.upstream, link.upstream_port, link.downstream),
            (link.downstream, link.downstream_port, link.upstream),
        ):
            if port is not None:
                known = inventory.devices.get(far)
                ports.setdefault(device, {})[port] = known.name if known else far
    return ports


class PortWatch:
    """Remembers how the ports of a device are called, and says which of its link ports are down."""

    def __init__(self, inventory: Inventory, links: Iterable[Link], read_facts: ReadFacts) -> None:
        self._linked = link_ports(inventory, links)
        self._read_facts = read_facts
        self._names: dict[str, Mapping[str, str]] = {}

    def learn(self, facts: DeviceFacts) -> None:
        """Takes the facts `interfaces` that came with a batch."""
        if facts.kind == "interfaces":
            self._names[facts.device] = self._of_links(facts)

    def down(self, block: SampleBlock) -> dict[str, str]:
        """The link ports in these samples that should be up and are not, with the far devices' names."""
        linked = self._linked.get(block.device)
        if not linked or block.measurement != "interface":
            return {}
        names = self._names_of(block.device)
        rows = zip(block.index, block.columns.get("admin", ()), block.columns.get("oper", ()), strict=False)
        return {
            port: linked[port]
            for index, admin, oper in rows
            if oper in (DOWN, LOWER_LAYER_DOWN) and admin == UP and (port := names.get(index, index)) in linked
        }

    def _names_of(self, device: str) -> Mapping[str, str]:
        if device not in self._names:
            facts = self._read_facts(device)
            self._names[device] = self._of_links(facts) if facts else {}
        return self._names[device]

    def _of_links(self, facts: DeviceFacts) -> dict[str, str]:
        """ifIndex to the word that the inventory uses for the port: its name, description or alias."""
        linked = self._linked.get(facts.device, {})
        named = {}
        for row in facts.rows:
            words: tuple[Any, ...] = (row.get("name"), row.get("descr"), row.get("alias"))
            word = next((str(word) for word in words if word in linked), None)
            if word is not None:
                named[str(row.get("index"))] = word
        return named
