"""The values of documents by dotted keys, read once an event and only when a rule asks.

Documents may nest, may have dotted keys as other shippers write them, and may hold lists anywhere: a field has as many
values as lead to it. `null`, an empty list and an empty object are no value.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from detectors.sigma.readable import readable
from detectors.sigma.terms import Field, View
from wardwatch.ecs import as_text

Document = dict[str, Any]
Scalar = str | int | float | bool
_DEPTH = 64


def values_at(document: Any, path: tuple[str, ...]) -> list[Scalar]:
    """The values under a path of keys."""
    found: list[Scalar] = []
    _collect(document, path, found)
    return found


def _collect(node: Any, path: tuple[str, ...], found: list[Scalar]) -> None:
    if type(node) is list:
        for item in node:
            _collect(item, path, found)
    elif not path:
        if node is not None and type(node) is not dict:
            found.append(node)
    elif type(node) is dict:
        if (child := node.get(path[0])) is not None:
            _collect(child, path[1:], found)
        for length in range(2, len(path) + 1):
            if (child := node.get(".".join(path[:length]))) is not None:
                _collect(child, path[length:], found)


def scalars(node: Any, depth: int = _DEPTH) -> Iterator[Scalar]:
    """Every value of a document."""
    if type(node) is dict:
        for child in node.values() if depth else ():
            yield from scalars(child, depth - 1)
    elif type(node) is list:
        for item in node if depth else ():
            yield from scalars(item, depth - 1)
    elif node is not None:
        yield node


def key_of(field: Field, folded: bool = False) -> str:
    """The name under which a `Reading` has a field: texts in lower case if `folded`, else the values themselves."""
    return f"{'folded' if folded else 'values'} {field.view.value} {' '.join(field.keys)}"


class Reading(dict[str, tuple[Any, ...]]):
    """The values of one event by `key_of`; a dict that fills itself."""

    __slots__ = ("document", "getters")

    def __init__(self, document: Document, getters: "Getters") -> None:
        super().__init__()
        self.document = document
        self.getters = getters

    def __missing__(self, key: str) -> tuple[Any, ...]:
        values = self[key] = self.getters[key](self)
        return values


Getter = Callable[[Reading], tuple[Any, ...]]
Getters = dict[str, Getter]


def add_getters(field: Field, getters: Getters) -> None:
    """What reads a field, as its values and as folded texts."""
    plain = key_of(field)
    if plain in getters:
        return
    getters[plain] = _getter(field)
    getters[key_of(field, folded=True)] = lambda reading: tuple(
        [value.lower() if type(value) is str else as_text(value).lower() for value in reading[plain]]
    )


def _getter(field: Field) -> Getter:
    if field.is_keyword:
        return lambda reading: tuple(scalars(reading.document))
    getter = _plain(field)
    match field.view:
        case View.READABLE:
            return lambda reading: tuple([readable(value) for value in getter(reading) if type(value) is str])
        case View.EXTENSION:
            return lambda reading: tuple([found for value in getter(reading) if (found := _extension(value))])
        case View.PAIR:
            pairs = [re.compile(rf'(?:^|[\s,]){re.escape(key)}=(?:"([^"]*)"|([^\s",]*))') for key in field.keys]
            return lambda reading: tuple(
                [said[1] or said[2] for pair in pairs if (said := pair.search(_message(reading))) is not None]
            )
    return getter


def _extension(value: Scalar) -> str:
    return value.rpartition("/")[2].rpartition(".")[2] if type(value) is str and "." in value else ""


def _message(reading: Reading) -> str:
    said = reading.document.get("message")
    return said if type(said) is str else ""


def _plain(field: Field) -> Getter:
    paths = tuple(tuple(key.split(".")) for key in field.keys)
    if len(paths) == 1:
        (path,) = paths
        return lambda reading: tuple(values_at(reading.document, path))
    return lambda reading: tuple([value for path in paths for value in values_at(reading.document, path)])
