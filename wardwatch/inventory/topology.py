"""What hangs from what: devices behind others by links, services on devices, public services on systems."""

from collections import defaultdict, deque
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from wardwatch.model.inventory import DeviceRole, Inventory, Link


class Topology:
    """Look-ups over an inventory's links and services. A device is reached from the core downwards, by any upstream.
    `discovered` are links that count beside the inventory's (`wardwatch.topology.building.counting`)."""

    def __init__(self, inventory: Inventory, discovered: Iterable[Link] = ()) -> None:
        self._inventory = inventory
        self._up: defaultdict[str, list[str]] = defaultdict(list)
        self._down: defaultdict[str, list[str]] = defaultdict(list)
        self.links: tuple[Link, ...] = (*inventory.links.values(), *discovered)
        for link in self.links:
            self._up[link.downstream].append(link.upstream)
            self._down[link.upstream].append(link.downstream)
        self._roots = [
            device.id
            for device in inventory.devices.values()
            if device.role is DeviceRole.CORE_ROUTER or not self._up.get(device.id)
        ]
        self._linked = self._reach(frozenset())[0]
        self._standing: defaultdict[str, list[str]] = defaultdict(list)
        self._leaning: defaultdict[str, list[str]] = defaultdict(list)
        for service in inventory.services.values():
            for device_id in service.devices:
                self._standing[device_id].append(service.id)
            for need in service.depends_on:
                self._leaning[need].append(service.id)

    def upstream_of(self, device: str) -> tuple[str, ...]:
        """The devices directly above one."""
        return tuple(self._up.get(device, ()))

    def downstream_of(self, device: str) -> tuple[str, ...]:
        """The devices directly below one."""
        return tuple(self._down.get(device, ()))

    def cut_off(self, down: AbstractSet[str]) -> dict[str, str]:
        """Every device that no path over answering devices leads to, and the silent device it is behind.

        `down` are the devices that do not answer. The silent devices next to an answering one are the cause: they are
        not in the answer, everything that can only be reached through them is. Devices that no link joins to a root
        are never cut off, since nothing is known of their path.
        """
        reached, causes = self._reach(down)
        behind: dict[str, str] = {}
        waiting = deque((cause, cause) for cause in causes)
        while waiting:
            at, cause = waiting.popleft()
            for below in self._down.get(at, ()):
                if below not in reached and below not in behind and below in self._linked:
                    behind[below] = cause
                    waiting.append((below, cause))
        return behind

    def _reach(self, down: AbstractSet[str]) -> tuple[set[str], list[str]]:
        """The devices a path of answering devices leads to (the silent ones at its end too), and those silent ones."""
        reached = set(self._roots)
        causes: list[str] = []
        waiting = deque(self._roots)
        while waiting:
            at = waiting.popleft()
            if at in down:
                causes.append(at)
                continue
            for below in self._down.get(at, ()):
                if below not in reached:
                    reached.add(below)
                    waiting.append(below)
        return reached, causes

    def services_on(self, devices: Iterable[str]) -> frozenset[str]:
        """The services that stand on any of the devices, and those that depend on them, however far."""
        waiting = [service for device in devices for service in self._standing.get(device, ())]
        found: set[str] = set()
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += self._leaning.get(at, ())
        return frozenset(found)

    def units_of(self, devices: Iterable[str]) -> frozenset[str]:
        """The units the devices belong to; unknown devices are passed over."""
        known = self._inventory.devices
        return frozenset(known[device].unit for device in devices if device in known)
