"""Careful access to values of an EVE record: a sensor (or who writes in its place) may put anything anywhere.

Every event passes here many times: the functions do one thing with no detour. `type(…) is` is meant: JSON's true is
no number, and what JSON gives has no subclasses.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

Section = dict[str, Any]
Key = TypeVar("Key", str, bytes)
Value = TypeVar("Value")

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


def texts_of(record: Section, fields: tuple[tuple[str, str], ...]) -> Section:
    """A new object of the texts of a record: `fields` names each by its key there and its field here."""
    found: Section = {}
    for key, field in fields:
        value = record.get(key)
        if type(value) is str and value:
            found[field] = value
    return found


def put(target: Section, field: str, value: Any) -> None:
    """Sets a field that has a value: nothing that is empty, but 0."""
    if value or value == 0:
        target[field] = value


def identifier(record: Section, key: str) -> str | None:
    """A number or text that names something (flow, transaction, signature), as text."""
    value = record.get(key)
    if type(value) is int or (type(value) is str and value):
        return str(value)
    return None


def utc_time(written: str) -> tuple[datetime, str] | None:
    """An EVE time (`2016-07-13T22:42:07.388078+0000`) in UTC, and as RFC 3339 with microseconds and `Z`.

    None when it is no time or has no zone.
    """
    try:
        at = datetime.fromisoformat(written)
        if at.tzinfo is not UTC:
            if at.tzinfo is None:
                return None
            at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    # Suricata's own form is nearly RFC 3339. Of all that parses, only that form has these marks at these places.
    if (
        len(written) == 31
        and written[26:] == "+0000"
        and written[19] == "."
        and written[10] == "T"
        and written[7] == "-"
    ):
        return at, written[:26] + "Z"
    return at, at.isoformat("T", "microseconds")[:26] + "Z"


class Memory(dict[Key, Value]):
    """What `make` makes of a text, once for each text: `memory[text]`. Values are shared, so nobody may change them.

    At most `entries` texts of at most `longest` characters are remembered, whoever writes them: a full memory starts
    anew. A hit costs no call, which a cache that knows what was used last could not offer.
    """

    def __init__(self, make: Callable[[Key], Value], entries: int, longest: int) -> None:
        super().__init__()
        self._make: Callable[[Key], Value] = make
        self._entries = entries
        self._longest = longest

    def __missing__(self, key: Key) -> Value:
        value: Value = self._make(key)
        if len(key) <= self._longest:
            if len(self) >= self._entries:
                self.clear()
            self[key] = value
        return value
