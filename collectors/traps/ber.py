"""As much BER as notifications need (RFC 3417 section 8), quick and strict.

Readers work on the whole datagram with positions. Whatever is wrong raises `Malformed`, nothing else leaves this
module. Object identifiers are remembered: a storm has few different ones. Nothing recurses, so depth costs no stack.
"""

from collections.abc import Iterator
from typing import NamedTuple

INTEGER, OCTETS, NULL, OBJECT, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIME_TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
TRAP_V1, INFORM, TRAP_V2, RESPONSE = 0xA4, 0xA6, 0xA7, 0xA2

MAX_SUBIDENTIFIERS = 128
MAX_VARBINDS = 1024
_REMEMBERED = 65_536
_LONGEST_NUMBER = 9
_UNSIGNED = frozenset({COUNTER32, GAUGE32, TIME_TICKS, COUNTER64})
_ABSENT = {0x80: "noSuchObject", 0x81: "noSuchInstance", 0x82: "endOfMibView"}

Value = int | str | bytes | None
"""A number; an object identifier or an address as text; octets; None for Null and what the sender does not have."""


class Malformed(Exception):
    """The bytes are no notification; the words say why."""


class Varbind(NamedTuple):
    """An object's value; `tag` is its type in BER."""

    oid: str
    tag: int
    value: Value


def header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, begin and end of the contents of the element at `at`, which must lie before `end`."""
    begin = at + 2
    if begin > end:
        raise Malformed("it is cut short")
    length = data[at + 1]
    if length > 0x7F:
        count = length & 0x7F
        if not 1 <= count <= 4 or begin + count > end:
            raise Malformed("a length is wrong")
        length = int.from_bytes(data[begin : begin + count], "big")
        begin += count
    if begin + length > end:
        raise Malformed("an element is longer than what it stands in")
    return data[at], begin, begin + length


def element(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Begin and end of the contents of an element that must have this tag."""
    found, begin, stop = header(data, at, end)
    if found != tag:
        raise Malformed(f"type {found:#04x} stands where {tag:#04x} was due")
    return begin, stop


def integer(data: bytes, at: int, end: int, tag: int = INTEGER) -> tuple[int, int]:
    """A number and where the next element begins."""
    begin, stop = element(data, at, end, tag)
    return number(data, begin, stop, tag), stop


def octets(data: bytes, at: int, end: int, tag: int = OCTETS) -> tuple[bytes, int]:
    """Octets and where the next element begins."""
    begin, stop = element(data, at, end, tag)
    return data[begin:stop], stop


def object_id(data: bytes, at: int, end: int) -> tuple[str, int]:
    """An object identifier and where the next element begins."""
    begin, stop = element(data, at, end, OBJECT)
    contents = data[begin:stop]
    return _KNOWN.get(contents) or _object_id(contents), stop


def number(data: bytes, begin: int, stop: int, tag: int) -> int:
    if not 1 <= stop - begin <= _LONGEST_NUMBER:
        raise Malformed("a number has no or too many bytes")
    return int.from_bytes(data[begin:stop], "big", signed=tag not in _UNSIGNED)


def varbinds(data: bytes, at: int, end: int) -> Iterator[Varbind]:
    """The variable bindings of the list at `at`."""
    at, end = element(data, at, end, SEQUENCE)
    for _ in range(MAX_VARBINDS):
        if at >= end:
            return
        begin, stop = element(data, at, end, SEQUENCE)
        oid, begin = object_id(data, begin, stop)
        tag, begin, close = header(data, begin, stop)
        if close != stop:
            raise Malformed("a variable binding has more than a name and a value")
        yield Varbind(oid, tag, _value(data, tag, begin, close))
        at = stop
    raise Malformed(f"it has more than {MAX_VARBINDS} variable bindings")


def _value(data: bytes, tag: int, begin: int, stop: int) -> Value:
    if tag in (OCTETS, OPAQUE):
        return data[begin:stop]
    if tag == INTEGER or tag in _UNSIGNED:
        return number(data, begin, stop, tag)
    if tag == OBJECT:
        contents = data[begin:stop]
        return _KNOWN.get(contents) or _object_id(contents)
    if tag == IP_ADDRESS:
        if stop - begin != 4:
            raise Malformed("an IP address has not four bytes")
        return ".".join(map(str, data[begin:stop]))
    if tag == NULL or tag in _ABSENT:
        return None
    raise Malformed(f"a value is of the unknown type {tag:#04x}")


_KNOWN: dict[bytes, str] = {}


def _object_id(contents: bytes) -> str:
    if not contents or contents[-1] & 0x80:
        raise Malformed("an object identifier is empty or cut short")
    found: list[int] = []
    current = 0
    for byte in contents:
        current = current << 7 | byte & 0x7F
        if current > 0xFFFFFFFF:
            raise Malformed("a part of an object identifier has more than 32 bits")
        if not byte & 0x80:
            found.append(current)
            current = 0
            if len(found) > MAX_SUBIDENTIFIERS:
                raise Malformed("an object identifier has too many parts")
    first = min(found[0] // 40, 2)
    text = ".".join(map(str, (first, found[0] - 40 * first, *found[1:])))
    if len(_KNOWN) >= _REMEMBERED:
        _KNOWN.clear()
    _KNOWN[contents] = text
    return text
