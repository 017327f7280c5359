"""Which facts of a profile are measured over and over: their samples, and which columns move. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from collectors.snmp.profiles.catalogue import GATHERED, columns
from collectors.snmp.profiles.language import Number, Profile, System
from wardwatch.model.records import SampleBlock

Fact = dict[str, Any]

MEASURED: dict[str, str] = {
    "processors": "processor",
    "memory": "memory",
    "storage": "storage",
    "sensors": "sensor",
}
"""Kind of fact -> measurement."""

VALUES: dict[str, frozenset[str]] = {
    "processors": frozenset({"usage_pct"}),
    "memory": frozenset({"used_pct"}),
    "storage": frozenset({"used_pct"}),
    "sensors": frozenset({"value"}),
}
"""What of each kind is in the samples and no part of the facts."""


def moving(profile: Profile) -> tuple[str, ...]:
    """The columns whose values change from round to round. Sizes do not: a module that was added shows at the next
    full reading."""
    found: dict[str, None] = {}
    for part in profile.processors:
        found |= dict.fromkeys(_oids(part.usage_pct))
    for volumes in (*profile.memory, *profile.storage):
        found |= dict.fromkeys(_oids(volumes.used, volumes.free, volumes.used_pct))
    for sensors in profile.sensors:
        found |= dict.fromkeys(_oids(sensors.value))
    return tuple(found)


def static(profile: Profile) -> tuple[str, ...]:
    """The columns that label, scale and choose what is measured."""
    others: dict[str, Any] = {kind: () for kind in GATHERED if kind not in MEASURED}
    only = profile.model_copy(update={**others, "system": System()})
    values = set(moving(profile))
    return tuple(oid for oid in columns(only) if oid not in values)


def blocks(found: dict[str, list[Fact]], device: str, unit: str, at: datetime) -> tuple[SampleBlock, ...]:
    """The samples of what was found, a block a measurement; none of what has no rows."""
    made = (_block(kind, found[kind], device, unit, at) for kind in MEASURED if found.get(kind))
    return tuple(block for block in made if block.index)


def labels(kind: str, rows: Iterable[Fact]) -> tuple[Fact, ...]:
    """The rows of a kind as facts: without what the samples tell."""
    values = VALUES.get(kind, frozenset())
    return tuple({key: value for key, value in row.items() if key not in values} for row in rows)


def _block(kind: str, rows: Sequence[Fact], device: str, unit: str, at: datetime) -> SampleBlock:
    unique = {str(row["oid"]): row for row in reversed(rows) if row.get("oid")}
    kept = [unique[oid] for oid in reversed(unique)]
    taken: dict[str, tuple[float | None, ...]]
    if kind == "sensors":
        taken = {"value": _values(kept, "value")}
    elif kind == "processors":
        taken = {"usage_pct": _values(kept, "usage_pct")}
    else:
        total, share = _values(kept, "total_bytes"), _values(kept, "used_pct")
        used = tuple([None if t is None or s is None else t * s / 100 for t, s in zip(total, share, strict=True)])
        taken = {"used_pct": share, "used_bytes": used, "total_bytes": total}
    return SampleBlock(MEASURED[kind], device, unit, at, tuple(reversed(unique)), taken)


def _values(rows: Sequence[Fact], key: str) -> tuple[float | None, ...]:
    return tuple([None if row.get(key) is None else float(row[key]) for row in rows])


def _oids(*amounts: int | Number | tuple[Number, ...] | None) -> list[str]:
    numbers = [number for amount in amounts for number in (amount if isinstance(amount, tuple) else (amount,))]
    return [
        source.oid
        for number in numbers
        if isinstance(number, Number)
        for source in (number, *number.plus, *number.minus)
    ]
