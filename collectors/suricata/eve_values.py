"""Careful access to values of an EVE record: a sensor (or who writes in its place) may put anything anywhere.

Every event passes here many times: the functions do one thing with no detour. `type(…) is` is meant: JSON's true is
no number, and what JSON gives has no subclasses.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Section = dict[str, Any]

_EMPTY: Section = {}
_MAX_COUNT = 2**63 - 1
MAX_ITEMS = 256


def section(record: Section, key: str) -> Section:
    """The object under a key; an empty one when there is none. It may be shared: only read it."""
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


def kept(record: Section, keys: Iterable[str]) -> Section:
    """The part of a section that pages show and ECS has no field for."""
    return {key: record[key] for key in keys if key in record}


def texts_of(record: Section, fields: tuple[tuple[str, str], ...]) -> Section:
    """A new object of the texts of a record: `fields` names each by its key there and its field here."""
    found: Section = {}
    for key, field in fields:
        value = record.get(key)
        if type(value) is str and value:
            found[field] = value
    return found


def put(target: Section, field: str, value: Any) -> None:
    """Sets a field that has a value: not None, no empty list, no empty object."""
    if value is not None and value != [] and value != {}:
        target[field] = value


def identifier(record: Section, key: str) -> str | None:
    """A number or text that names something (flow, transaction, signature), as text."""
    value = record.get(key)
    if type(value) is int or (type(value) is str and value):
        return str(value)
    return None


def utc_time(value: str | None) -> datetime | None:
    """An EVE time (`2016-07-13T22:42:07.388078+0000`) in UTC; None when it is none or has no zone."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is UTC:
            return at
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def rfc3339(at: datetime, written: str) -> str:
    """A UTC time as RFC 3339 with microseconds and `Z`; `written` is the text it was read from.

    Suricata writes nearly that: its own text is taken where it can only differ in the zone's form.
    """
    if (
        len(written) == 31
        and written[26:] == "+0000"
        and written[19] == "."
        and written[10] == "T"
        and written[7] == written[4] == "-"
    ):
        return written[:26] + "Z"
    return at.isoformat("T", "microseconds")[:26] + "Z"
