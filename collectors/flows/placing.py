"""Whose traffic a conversation is: unit, direction, application, and which end is inside."""

from typing import NamedTuple

from collectors.flows.applications import Applications
from wardwatch.inventory.addresses import Addresses, Location
from wardwatch.model.flows import Direction, TrafficKey
from wardwatch.model.inventory import Inventory

SERVICE = "@"


class Conversation(NamedTuple):
    """Traffic from one address and port to another."""

    source: str
    destination: str
    source_port: int
    destination_port: int
    protocol: int


class Placing:
    """By an inventory; make a new one when that has changed."""

    def __init__(self, inventory: Inventory, applications: Applications) -> None:
        self._addresses = Addresses(inventory)
        self._applications = applications

    def keys(self, talk: Conversation, exporter_unit: str) -> tuple[TrafficKey, ...]:
        """One key, or two for a conversation of two units: it leaves one and enters the other."""
        here, there = self._addresses.locate(talk.source), self._addresses.locate(talk.destination)
        application = self._application(talk, here, there)
        one, other = here and here.unit, there and there.unit
        source, destination = talk.source, talk.destination
        if one and one == other:
            return (TrafficKey(Direction.INTERNAL, application, one, source, destination),)
        out = (TrafficKey(Direction.OUT, application, one, source, destination),) if one else ()
        into = (TrafficKey(Direction.IN, application, other, destination, source),) if other else ()
        return out + into or (TrafficKey(Direction.TRANSIT, application, exporter_unit, source, destination),)

    def _application(self, talk: Conversation, here: Location | None, there: Location | None) -> str:
        """The service asked for or answering, where the inventory has one at either end; else by the ports."""
        server_first = (there, here) if talk.destination_port <= talk.source_port else (here, there)
        for end in server_first:
            if end is not None and end.service is not None:
                return SERVICE + end.service
        return self._applications.of(talk.protocol, talk.source_port, talk.destination_port)
