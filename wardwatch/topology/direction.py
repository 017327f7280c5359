"""Which end of a link is nearer the core: by steps from the core routers, then by what a device does. Pure."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

from wardwatch.model.inventory import DeviceRole, Inventory

RANKS: dict[DeviceRole, int] = {
    DeviceRole.CORE_ROUTER: 0,
    DeviceRole.CORE_SWITCH: 1,
    DeviceRole.ROUTER: 2,
    DeviceRole.FIREWALL: 3,
    DeviceRole.DISTRIBUTION_SWITCH: 4,
    DeviceRole.ACCESS_SWITCH: 5,
    DeviceRole.WIRELESS: 6,
    DeviceRole.SERVER: 7,
    DeviceRole.STORAGE: 7,
    DeviceRole.UPS: 8,
    DeviceRole.SENSOR: 8,
}
"""From the core outwards."""


class Steps:
    """How far each device is from the core, over links in either direction."""

    def __init__(self, inventory: Inventory, pairs: Iterable[tuple[str, str]]) -> None:
        self._inventory = inventory
        joined: defaultdict[str, set[str]] = defaultdict(set)
        for one, two in pairs:
            joined[one].add(two)
            joined[two].add(one)
        self._steps: dict[str, int] = {}
        cores = [name for name, device in inventory.devices.items() if device.role is DeviceRole.CORE_ROUTER]
        self._spread(cores, joined)
        # What no core router is joined to begins with its most central device.
        for name in sorted(joined, key=lambda each: (self._rank(each), -len(joined[each]), each)):
            if name not in self._steps:
                self._spread([name], joined)

    def upper(self, one: str, two: str) -> str:
        """The end that is nearer the core."""
        return min(one, two, key=lambda each: (self._steps.get(each, 1 << 30), self._rank(each), each))

    def level(self, one: str, two: str) -> bool:
        """Whether both are equally far."""
        return self._steps.get(one) == self._steps.get(two)

    def _rank(self, device: str) -> int:
        known = self._inventory.devices.get(device)
        return RANKS[known.role] if known is not None else len(RANKS)

    def _spread(self, starts: Iterable[str], joined: Mapping[str, set[str]]) -> None:
        waiting = deque(starts)
        self._steps.update(dict.fromkeys(waiting, 0))
        while waiting:
            here = waiting.popleft()
            for there in sorted(joined.get(here, ())):
                if there not in self._steps:
                    self._steps[there] = self._steps[here] + 1
                    waiting.append(there)
