"""Variable bindings by names: which object, of which row, and its value as people read it."""

from typing import NamedTuple

from collectors.traps.ber import OCTETS, OPAQUE, TIME_TICKS, Value, Varbind
from collectors.traps.catalogue_documents import Catalogue, Named

_REMEMBERED = 65_536
_MAC_BYTES = 6


class Variable(NamedTuple):
    """`name` is the object's where the catalogue knows it, else its number; `row` is the table's."""

    oid: str
    name: str
    row: str
    value: str


class Namer:
    """Names variables; what it found out about a number is remembered, within a bound."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._objects = catalogue.objects
        self._known: dict[str, tuple[Named | None, str]] = {}

    def variables(self, varbinds: tuple[Varbind, ...]) -> list[Variable]:
        found = []
        for varbind in varbinds:
            named, index = self._known.get(varbind.oid) or self._find(varbind.oid)
            if named is None:
                found.append(Variable(varbind.oid, varbind.oid, "", shown(varbind)))
                continue
            value = varbind.value
            word = named.values.get(value) if isinstance(value, int) and named.values else None
            found.append(Variable(varbind.oid, named.name, index, word or shown(varbind)))
        return found

    def name_of(self, oid: str) -> str:
        """The name of an object identifier that is a value; itself where nobody knows it."""
        named, index = self._known.get(oid) or self._find(oid)
        return oid if named is None else f"{named.name}.{index}" if index else named.name

    def _find(self, oid: str) -> tuple[Named | None, str]:
        found: tuple[Named | None, str] = (None, "")
        prefix = oid
        while prefix:
            if (named := self._objects.get(prefix)) is not None:
                found = named, oid[len(prefix) + 1 :]
                break
            prefix = prefix.rpartition(".")[0]
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[oid] = found
        return found


def shown(varbind: Varbind) -> str:
    """A value as text: octets that are no text as hexadecimal bytes, ticks as they are (hundredths of a second)."""
    value: Value = varbind.value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return _text(value) if varbind.tag in (OCTETS, OPAQUE) else value.hex()
    return str(value) if varbind.tag != TIME_TICKS else f"{value}"


def _text(value: bytes) -> str:
    try:
        text = value.decode("utf-8").rstrip("\0")
    except UnicodeDecodeError:
        return value.hex(":") if len(value) <= _MAC_BYTES else value.decode("utf-8", "replace")
    if all(char.isprintable() or char in "\r\n\t" for char in text):
        return text
    return value.hex(":")
