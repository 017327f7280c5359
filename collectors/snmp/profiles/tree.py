"""What was walked of an agent: columns by OID, rows by index. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gufo.snmp import ValueType

from collectors.snmp.tables import text

Column = Mapping[str, ValueType]
NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)")
NO_ROWS: Column = {}


@dataclass(frozen=True, slots=True)
class Tree:
    """Columns as walked: OID of the column -> index ('0' of a scalar) -> value as the SNMP client gives it."""

    columns: Mapping[str, Column] = field(default_factory=dict)

    def column(self, oid: str) -> Column:
        """The rows of a column; none where the agent has no such column."""
        return self.columns.get(oid, NO_ROWS)


def columns_of(values: Mapping[str, ValueType], wanted: Iterable[str]) -> Tree:
    """The wanted columns out of single values by full OID, for recorded agents."""
    found: dict[str, dict[str, ValueType]] = {oid: {} for oid in wanted}
    for full, value in values.items():
        parts = full.split(".")
        for length in range(len(parts) - 1, 0, -1):
            rows = found.get(".".join(parts[:length]))
            if rows is not None:
                rows[".".join(parts[length:])] = value
    return Tree(found)


def number(value: ValueType) -> float | None:
    """A number as it is, or the one that a text begins with ('36.5 C'); None where there is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    matched = NUMBER.match(text(value))
    return float(matched[1]) if matched else None
