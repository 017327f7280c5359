"""What detection hands to correlation: an outage with all it hurts, and its end. Alert groups come as they are."""

from dataclasses import dataclass
from datetime import datetime

from wardwatch.inventory.topology import Topology
from wardwatch.model.inventory import Inventory
from wardwatch.model.status import Severity
from wardwatch.model.text import Words


@dataclass(frozen=True, slots=True)
class Impact:
    """Devices, units and services an outage takes with it, the failed device itself left out."""

    devices: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outage:
    """A device stopped answering at `at`; `cause` is the sentence of its status."""

    device: str
    device_name: str
    unit: str
    unit_name: str
    at: datetime
    cause: Words
    impact: Impact


@dataclass(frozen=True, slots=True)
class Recovery:
    """A device answers again."""

    device: str
    device_name: str
    unit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ImpactSettings:
    """From how many cut-off units or hurt services on an outage is critical."""

    critical_units: int = 5
    critical_services: int = 10


def impact_of(device: str, inventory: Inventory, topology: Topology) -> Impact:
    """What falls with a device: the devices only reachable through it, the units that have nothing else left, and the
    services that stand on any of these (a redundancy group stands while one member does) or depend on such a service.
    """
    devices = sorted(set(topology.cut_off({device})) - {device})
    lost = {device, *devices}
    own_unit = inventory.devices[device].unit if device in inventory.devices else None
    standing = [other for other in inventory.devices.values() if other.id not in lost]
    units = topology.units_of(lost) - {other.unit for other in standing} - {own_unit}
    alive_groups = {other.redundancy_group for other in standing} - {None}
    gone = [
        member
        for member in sorted(lost)
        if member in inventory.devices and inventory.devices[member].redundancy_group not in alive_groups
    ]
    return Impact(tuple(devices), tuple(sorted(filter(None, units))), tuple(sorted(topology.services_on(gone))))


def severity_of(impact: Impact, settings: ImpactSettings) -> Severity:
    """An outage that hurts nobody else is medium."""
    if len(impact.units) >= settings.critical_units or len(impact.services) >= settings.critical_services:
        return Severity.CRITICAL
    return Severity.HIGH if impact.units or impact.services else Severity.MEDIUM
