"""What a source of a profile says at one row of a tree. Pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gufo.snmp import ValueType

from collectors.snmp.profiles.language import Amount, Condition, Number, Source, Text
from collectors.snmp.profiles.tree import Tree, number
from collectors.snmp.tables import text

NAMED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its index in a tree, and the sources that texts name in braces."""

    tree: Tree
    index: str
    names: Mapping[str, Text]

    def raw(self, source: Source) -> ValueType:
        """The value as the agent gave it; None where there is none, or one that stands for 'unknown'."""
        column = self.tree.column(source.oid)
        if source.first:
            values = [value for value in column.values() if text(value).strip() and not _listed(value, source.ignore)]
            return values[0] if values else None
        value = column.get(self._index(source))
        return None if _listed(value, source.ignore) else value

    def _index(self, source: Source) -> str:
        index = self.index if source.at is None else source.at
        if source.parts is not None:
            places = index.split(".")
            index = ".".join(places[part] for part in source.parts if -len(places) <= part < len(places))
        if source.via is not None:
            index = text(self.tree.column(source.via).get(index))
        return index + source.append

    def words(self, wanted: Text) -> str:
        """The text; of several the first that is not empty, and '' where nothing tells."""
        if isinstance(wanted, tuple):
            return next((found for found in map(self.words, wanted) if found), "")
        if isinstance(wanted, str):
            return self._filled(wanted)
        value = self.raw(wanted)
        found = " ".join(text(value).split())
        if wanted.take is not None:
            matched = re.search(wanted.take, found)
            found = " ".join(part.strip() for part in matched.groups() if part) if matched else ""
        return found if wanted.words is None else wanted.words.get(found, "")

    def _filled(self, template: str) -> str:
        """A text with its names filled in: '' when there are names and none of them tells anything."""
        asked = NAMED.findall(template)
        found = {name: self.words(self.names.get(name, "")) for name in asked}
        if asked and not any(found.values()):
            return ""
        return " ".join(NAMED.sub(lambda matched: found[matched[1]], template).split())

    def amount(self, wanted: Amount | None) -> float | None:
        """The number in its fact's unit; of several the first that there is."""
        if wanted is None or isinstance(wanted, int):
            return wanted
        if isinstance(wanted, tuple):
            return next((found for found in map(self.amount, wanted) if found is not None), None)
        return self._number(wanted)

    def _number(self, wanted: Number) -> float | None:
        raw = self.raw(wanted)
        value = number(raw if wanted.take is None and wanted.words is None else self.words(wanted).encode())
        if value is None:
            return None
        value += sum(number(self.raw(source)) or 0.0 for source in wanted.plus)
        value -= sum(number(self.raw(source)) or 0.0 for source in wanted.minus)
        value *= wanted.times * self._factor(wanted)
        if wanted.convert == "watts-to-dbm":
            value = 10 * math.log10(value * 1000) if value > 0 else -40.0
        elif wanted.convert == "invert-pct":
            value = 100 - value
        too_low = wanted.at_least is not None and value < wanted.at_least
        too_high = wanted.at_most is not None and value > wanted.at_most
        return None if too_low or too_high else round(value, 6)

    def _factor(self, wanted: Number) -> float:
        factor = 1.0
        if wanted.times_by is not None:
            factor *= number(self.tree.column(wanted.times_by).get(self.index)) or 1.0
        if wanted.over is not None:
            factor /= number(self.tree.column(wanted.over).get(self.index)) or 1.0
        if wanted.exponent is not None:
            power = number(self.tree.column(wanted.exponent).get(self.index))
            factor *= 10.0 ** wanted.exponents.get(int(power or 0), 0)
        if wanted.decimals is not None:
            factor /= 10.0 ** max(-9.0, min(9.0, number(self.tree.column(wanted.decimals).get(self.index)) or 0.0))
        return factor

    def holds(self, condition: Condition) -> bool:
        """Whether a condition is met at this row."""
        value = self.raw(condition.value)
        if condition.among is not None and not _listed(value, condition.among):
            return False
        if condition.outside is not None and _listed(value, condition.outside):
            return False
        if condition.absent and value is not None:
            return False
        return condition.matches is None or re.search(condition.matches, text(value)) is not None


def _listed(value: ValueType, among: tuple[int | str, ...]) -> bool:
    return value is not None and (value in among or (isinstance(value, bytes) and text(value).strip() in among))
