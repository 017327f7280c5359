"""Careful access to values of an EVE record: a sensor (or who writes in its place) may put anything anywhere."""

from typing import Any

Section = dict[str, Any]

_EMPTY: Section = {}
_MAX_COUNT = 2**63 - 1
MAX_ITEMS = 256


def section(record: Section, key: str) -> Section:
    """The object under a key; an empty one when there is none."""
    value = record.get(key)
    return value if type(value) is dict else _EMPTY


def text(record: Section, key: str) -> str | None:
    """The text under a key; None for an empty one or another type."""
    value = record.get(key)
    return value if type(value) is str and value else None


def count(record: Section, key: str) -> int | None:
    """The non-negative 64-bit integer under a key."""
    value = record.get(key)
    return value if type(value) is int and 0 <= value <= _MAX_COUNT else None


def sections(record: Section, key: str) -> list[Section]:
    """The objects of the list under a key, at most 256 of them."""
    value = record.get(key)
    return [item for item in value[:MAX_ITEMS] if type(item) is dict] if type(value) is list else []


def texts(record: Section, key: str) -> list[str]:
    """The texts of the list under a key; a single text counts as a list of one."""
    value = record.get(key)
    if type(value) is str:
        return [value] if value else []
    return [item for item in value[:MAX_ITEMS] if type(item) is str and item] if type(value) is list else []


def kept(record: Section, keys: tuple[str, ...]) -> Section:
    """The part of a section that pages show and ECS has no field for."""
    return {key: record[key] for key in keys if key in record}


def filled(**fields: Any) -> Section:
    """An object of the fields that have a value."""
    return {key: value for key, value in fields.items() if value is not None and value != [] and value != {}}


def identifier(record: Section, key: str) -> str | None:
    """A number or text that names something (flow, transaction, signature), as text."""
    value = record.get(key)
    if type(value) is int or (type(value) is str and value):
        return str(value)
    return None
