"""Keeps what is read of the city for a moment: the inventory until its version grows, statuses for a second. Each is
kept by scope and was read from the store with that scope, so no caller meets another's."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Generic, TypeVar

from api.city import City
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.access import Scope
from wardwatch.model.inventory import Inventory
from wardwatch.model.state import Grant
from wardwatch.ports import StateStore

log = logging.getLogger(__name__)

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Held(Generic[Value]):
    """The answer to one key, and who is making the next one."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.answer: tuple[float, Value] | None = None


class Moment(Generic[Key, Value]):
    """A bounded cache of answers that are good for `ttl_s`; many callers who ask at once cost one answer a key.

    For `grace_s` more an answer is given as it is, at once, while a thread makes the next one: who looks at a busy
    installation does not wait for what the city costs.
    """

    def __init__(
        self, ttl_s: float, capacity: int = 64, clock_s: Callable[[], float] = time.monotonic, grace_s: float = 0.0
    ) -> None:
        self._ttl_s = ttl_s
        self._grace_s = grace_s
        self._capacity = capacity
        self._clock_s = clock_s
        self._kept: OrderedDict[Key, _Held[Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        with self._lock:
            held = self._kept.setdefault(key, _Held())
            self._kept.move_to_end(key)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        answer = held.answer
        if answer is not None:
            age_s = self._clock_s() - answer[0]
            if age_s < self._ttl_s:
                return answer[1]
            if age_s < self._ttl_s + self._grace_s:
                if held.making.acquire(blocking=False):
                    threading.Thread(target=self._renew, args=(held, make), name="renewing", daemon=True).start()
                return answer[1]
        with held.making:
            if held.answer is not None and self._clock_s() - held.answer[0] < self._ttl_s:
                return held.answer[1]
            return self._make(held, make)

    def _make(self, held: _Held[Value], make: Callable[[], Value]) -> Value:
        # Its age counts from before it was read: what changed meanwhile may not be in it.
        began = self._clock_s()
        value = make()
        held.answer = (began, value)
        return value

    def _renew(self, held: _Held[Value], make: Callable[[], Value]) -> None:
        try:
            self._make(held, make)
        except Exception as error:
            # Whoever asks when the grace is over makes it again, and is told.
            log.warning("answer not renewed reason=%r", error)
        finally:
            held.making.release()


Failing = Callable[[Inventory], Collection[str]]
"""The services of an inventory of which a check failed."""


class Cities:
    """The city of each caller."""

    def __init__(
        self, state: StateStore, ttl_s: float, grace_s: float = 0.0, failing: Failing = lambda inventory: ()
    ) -> None:
        self._state = state
        self._failing = failing
        self._inventories: Moment[tuple[int, Scope], Inventory] = Moment(float("inf"), 32)
        self._trees: Moment[int, UnitTree] = Moment(float("inf"), 2)
        self._cities: Moment[tuple[int, Scope], City] = Moment(ttl_s, 32, grace_s=grace_s)

    def city(self, scope: Scope) -> City:
        """At most `ttl_s` and the grace old."""
        key = (self._state.inventory.version(), scope)
        return self._cities.get(key, lambda: self._read(key))

    def _read(self, key: tuple[int, Scope]) -> City:
        scope = key[1]
        inventory = self._inventories.get(key, lambda: self._state.inventory.read(scope))
        statuses = self._state.devices.statuses(scope)
        if scope.units is None:
            return City(scope, inventory, statuses, failing=self._failing(inventory))
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
