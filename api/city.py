"""The city as one caller sees it at one instant: the tree of units, and how units and services are, worked out from
the devices. Pure: made of an inventory and statuses that were already read within the caller's scope."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from wardwatch.inventory.tree import UnitTree
from wardwatch.model.access import Scope
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.inventory import Device, Inventory, Service, Unit
from wardwatch.model.status import STATUS_ORDER, Status

HURT = frozenset({Status.DOWN, Status.BEHIND, Status.DEGRADED})
INFORMATION_SYSTEMS = frozenset({"information-system", "core-database"})
PUBLIC_SERVICES = frozenset({"public-service"})
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Condition:
    """How a group of devices is together, since when, and how many are how."""

    status: Status
    since: datetime | None
    counts: Mapping[Status, int]


def together(devices: Iterable[DeviceStatus]) -> Condition:
    """The condition of several devices: down (or behind) only when none of them works, degraded when a part does not,
    no data when half or more are unseen, because nobody can call that well."""
    found = list(devices)
    counts = Counter(device.status for device in found)
    hurt = [device.since for device in found if device.status in HURT]
    if counts[Status.DOWN] + counts[Status.BEHIND] and not counts[Status.OK] + counts[Status.DEGRADED]:
        status = Status.DOWN if counts[Status.DOWN] else Status.BEHIND
        return Condition(status, max(hurt), counts)
    if hurt:
        return Condition(Status.DEGRADED, min(hurt), counts)
    if counts[Status.NO_DATA] * 2 >= len(found):
        status = Status.NO_DATA
    else:
        status = Status.OK if counts[Status.OK] else Status.MAINTENANCE
    since = max((device.since for device in found if device.status is status), default=None)
    return Condition(status, since, counts)


class City:
    """Look-ups over an inventory and the statuses of its devices; answers only about what the scope sees."""

    def __init__(
        self,
        scope: Scope,
        inventory: Inventory,
        statuses: Iterable[DeviceStatus],
        services: Mapping[str, Status] | None = None,
        failing: Collection[str] = (),
    ) -> None:
        """`services`, when given, says how services are that stand on devices out of sight; `failing` are those of
        which a check failed."""
        self.scope = scope
        self.inventory = inventory
        self._services = services
        self._failing = failing
        self._statuses = {status.device: status for status in statuses}

    @cached_property
    def tree(self) -> UnitTree:
        return UnitTree(self.inventory.units)

    @cached_property
    def units(self) -> dict[str, Unit]:
        """Units in sight (the inventory also names their ancestors, which are not)."""
        return {unit.id: unit for unit in self.inventory.units.values() if self.scope.sees(unit.id)}

    @cached_property
    def devices_by_unit(self) -> dict[str, list[Device]]:
        found: dict[str, list[Device]] = defaultdict(list)
        for device in self.inventory.devices.values():
            found[device.unit].append(device)
        return dict(found)

    def ancestors(self, unit: str) -> list[Unit]:
        """From the root down to the parent."""
        return [self.inventory.units[above] for above in reversed(self.tree.ancestors(unit))]

    def known(self, device: str) -> DeviceStatus | None:
        """What was judged of the device; None before the first poll."""
        return self._statuses.get(device)

    def status(self, device: Device) -> DeviceStatus:
        """How a device is: no data until it was judged."""
        found = self._statuses.get(device.id)
        return found or DeviceStatus(device.id, device.unit, Status.NO_DATA, _NEVER, _NEVER)

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """How each unit in sight is, by the devices of its subtree."""
        found: dict[str, Condition] = {}
        for unit in self.units:
            devices = [
                self.status(device) for each in self.tree.subtree(unit) for device in self.devices_by_unit.get(each, ())
            ]
            condition = together(devices)
            since = None if condition.since == _NEVER else condition.since
            found[unit] = Condition(condition.status, since, condition.counts)
        return found

    @cached_property
    def service_statuses(self) -> dict[str, Status]:
        """How each service is: by its checks and devices, and as bad as what it depends on."""
        if self._services is not None:
            return {service: self._services.get(service, Status.NO_DATA) for service in self.inventory.services}
        found: dict[str, Status] = {}
        for service in self.inventory.services.values():
            self._judge(service, found, frozenset())
        return found

    def _judge(self, service: Service, found: dict[str, Status], above: frozenset[str]) -> Status:
        if service.id in found:
            return found[service.id]
        devices = [self.inventory.devices[device] for device in service.devices if device in self.inventory.devices]
        own = together(self.status(device) for device in devices).status if devices else None
        needs = [
            self._judge(self.inventory.services[need], found, above | {service.id})
            for need in service.depends_on
            if need in self.inventory.services and need not in above | {service.id}
        ]
        if service.id in self._failing:
            own = Status.DOWN
        seen = [status for status in (own, *needs) if status is not None]
        found[service.id] = max(seen, key=STATUS_ORDER.index, default=Status.NO_DATA)
        return found[service.id]

    def services_on(self, device: str) -> list[Service]:
        """Services standing on the device, directly or through others."""
        hit = {service.id for service in self.inventory.services.values() if device in service.devices}
        while more := {
            service.id
            for service in self.inventory.services.values()
            if service.id not in hit and not hit.isdisjoint(service.depends_on)
        }:
            hit |= more
        return [service for service in self.inventory.services.values() if service.id in hit]
