"""Keeps what is read of the city for a moment: the inventory until its version grows, statuses for a second. Each is
kept by scope and was read from the store with that scope, so no caller meets another's."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from api.city import City
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.access import Scope
from wardwatch.model.inventory import Inventory
from wardwatch.model.state import Grant
from wardwatch.ports import StateStore

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Moment(Generic[Key, Value]):
    """A bounded cache of answers that are good for `ttl_s`; many callers who ask at once cost one answer a key."""

    def __init__(self, ttl_s: float, capacity: int = 64, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._capacity = capacity
        self._clock_s = clock_s
        self._kept: OrderedDict[Key, tuple[threading.Lock, list[tuple[float, Value]]]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        with self._lock:
            one_at_a_time, held = self._kept.setdefault(key, (threading.Lock(), []))
            self._kept.move_to_end(key)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        with one_at_a_time:
            if held and self._clock_s() - held[0][0] < self._ttl_s:
                return held[0][1]
            value = make()
            held[:] = [(self._clock_s(), value)]
            return value


class Cities:
    """The city of each caller."""

    def __init__(self, state: StateStore, ttl_s: float) -> None:
        self._state = state
        self._inventories: Moment[tuple[int, Scope], Inventory] = Moment(float("inf"), 32)
        self._trees: Moment[int, UnitTree] = Moment(float("inf"), 2)
        self._cities: Moment[tuple[int, Scope], City] = Moment(ttl_s, 32)

    def city(self, scope: Scope) -> City:
        """At most `ttl_s` old."""
        key = (self._state.inventory.version(), scope)
        return self._cities.get(key, lambda: self._read(key))

    def _read(self, key: tuple[int, Scope]) -> City:
        scope = key[1]
        inventory = self._inventories.get(key, lambda: self._state.inventory.read(scope))
        statuses = self._state.devices.statuses(scope)
        if scope.units is None:
            return City(scope, inventory, statuses)
        # A department's service stands on the data centre's devices: its owner sees how it is, not the devices.
        return City(scope, inventory, statuses, self.city(Scope.everything()).service_statuses)

    def scope(self, grants: Iterable[Grant]) -> Scope:
        """The subtrees of the granted units together, as the tree is now."""
        units = [grant.unit for grant in grants]
        if None in units:
            return Scope.everything()
        version = self._state.inventory.version()
        tree = self._trees.get(version, lambda: UnitTree(self._state.inventory.read(Scope.everything()).units))
        return Scope(frozenset().union(*(tree.subtree(unit) for unit in units if unit is not None)))
