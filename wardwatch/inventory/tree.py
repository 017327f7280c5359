"""The tree of units: who is above and below whom."""

from collections import defaultdict
from collections.abc import Mapping

from wardwatch.model.inventory import Unit


class UnitTree:
    """Look-ups over units of any depth. A parent that is not among the units counts as none."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._units = units
        self._children: defaultdict[str | None, list[str]] = defaultdict(list)
        for unit in units.values():
            self._children[unit.parent if unit.parent in units else None].append(unit.id)

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(self._children.get(None, ()))

    def children(self, unit: str) -> tuple[str, ...]:
        return tuple(self._children.get(unit, ()))

    def subtree(self, unit: str) -> frozenset[str]:
        """The unit and everything below it; empty for a unit that is not known."""
        found: set[str] = set()
        waiting = [unit] if unit in self._units else []
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += self._children.get(at, ())
        return frozenset(found)

    def ancestors(self, unit: str) -> tuple[str, ...]:
        """Everything above the unit, nearest first."""
        found: list[str] = []
        at = self._units.get(unit)
        while at is not None and at.parent is not None and at.parent not in found:
            above = self._units.get(at.parent)
            if above is not None:
                found.append(above.id)
            at = above
        return tuple(found)
