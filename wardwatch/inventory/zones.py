"""Which part of the inventory an edge works with."""

from collections.abc import Collection
from dataclasses import replace

from wardwatch.model.inventory import Inventory


def reduced_to(inventory: Inventory, zone: str) -> Inventory:
    """What the edge of a zone gets: the devices of its zone with their sites, credentials (references), links and
    circuits, and the address table of the whole city (units, zones, services), without which an event's far end would
    be nobody's. Devices of other zones stay unknown to it: what stands in a district must not map the data centre.
    """
    devices = {key: device for key, device in inventory.devices.items() if device.zone == zone}
    sites = {device.site for device in devices.values()}
    credentials = {device.credential for device in devices.values()}
    links = {
        key: link for key, link in inventory.links.items() if link.upstream in devices and link.downstream in devices
    }
    circuits = {link.circuit for link in links.values()}
    return Inventory(
        units=inventory.units,
        zones=inventory.zones,
        sites={key: site for key, site in inventory.sites.items() if key in sites},
        credentials={key: each for key, each in inventory.credentials.items() if key in credentials},
        devices=devices,
        circuits={key: circuit for key, circuit in inventory.circuits.items() if key in circuits},
        links=links,
        services={
            key: replace(service, devices=tuple(device for device in service.devices if device in devices))
            for key, service in inventory.services.items()
        },
    )


def without_zones(inventory: Inventory, claimed: Collection[str]) -> Inventory:
    """What is left to the local collector: the devices of zones that no remote edge polls."""
    if not claimed:
        return inventory
    devices = {key: device for key, device in inventory.devices.items() if device.zone not in claimed}
    return replace(inventory, devices=devices)
