"""Pages of lists that are held in memory, by key: a cursor names the last item seen, so nothing is lost or doubled
when items come and go between two pages."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from wardwatch.errors import UserError

Item = TypeVar("Item")
Key = tuple[str | float, ...]


def page(
    items: Iterable[Item], key: Callable[[Item], Key], cursor: str | None, limit: int, down: bool = False
) -> tuple[list[Item], str | None, int]:
    """The items after the cursor in the order of `key` (unique), the next cursor, and how many there are in all."""
    ordered = sorted(items, key=key, reverse=down)
    total = len(ordered)
    if cursor is not None:
        after = _decode(cursor)
        if ordered and len(after) != len(key(ordered[0])):
            raise _bad_cursor()
        try:
            ordered = [item for item in ordered if (key(item) < after if down else key(item) > after)]
        except TypeError:
            raise _bad_cursor() from None
    shown = ordered[:limit]
    more = len(ordered) > limit
    return shown, _encode(key(shown[-1])) if more else None, total


def _encode(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _decode(cursor: str) -> Key:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None
    if not isinstance(found, list):
        raise _bad_cursor()
    return tuple(found)


def _bad_cursor() -> UserError:
    return UserError("the cursor is not one of this list", "take `next` of the page before, with the same filters")
