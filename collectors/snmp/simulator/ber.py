"""BER as SNMP uses it (RFC 3417 section 8): definite lengths, single-byte tags, strict and bounded.

Readers take the whole datagram with positions, so that nothing is copied before it is needed. Whatever is wrong
raises `Malformed`; no other exception leaves this module for any input.
"""

Oid = tuple[int, ...]

INTEGER = 0x02
OCTETS = 0x04
NULL = 0x05
OBJECT = 0x06
SEQUENCE = 0x30
COUNTER32 = 0x41
GAUGE32 = 0x42
TIME_TICKS = 0x43
COUNTER64 = 0x46
NO_SUCH_OBJECT = b"\x80\x00"
NO_SUCH_INSTANCE = b"\x81\x00"
END_OF_MIB_VIEW = b"\x82\x00"
NULL_VALUE = b"\x05\x00"

MAX_SUBIDENTIFIERS = 128


class Malformed(Exception):
    """The bytes are no message we answer; the word says what is wrong and becomes a count."""


def read_header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Tag, first byte and end of the contents of the element that starts at `at` and must end before `end`."""
    if at + 2 > end:
        raise Malformed("truncated")
    tag = data[at]
    if tag & 0x1F == 0x1F:
        raise Malformed("bad_tag")
    length = data[at + 1]
    start = at + 2
    if length > 0x7F:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > end:
            raise Malformed("bad_length")
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    stop = start + length
    if stop > end:
        raise Malformed("truncated")
    return tag, start, stop


def read(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """First byte and end of the contents of an element that must have this tag."""
    found, start, stop = read_header(data, at, end)
    if found != tag:
        raise Malformed("unexpected_type")
    return start, stop


def read_integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    """An INTEGER of at most 32 bits, and where the next element starts."""
    start, stop = read(data, at, end, INTEGER)
    if not 1 <= stop - start <= 5:
        raise Malformed("bad_integer")
    value = int.from_bytes(data[start:stop], "big", signed=True)
    if not -(1 << 31) <= value < (1 << 32):
        raise Malformed("bad_integer")
    return value, stop


def read_octets(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """An OCTET STRING, and where the next element starts."""
    start, stop = read(data, at, end, OCTETS)
    return data[start:stop], stop


def decode_oid(contents: bytes) -> Oid:
    """The sub-identifiers of an OBJECT IDENTIFIER's contents: each below 2^32, at most 128 (RFC 2578 section 3.5)."""
    if not contents or contents[-1] & 0x80:
        raise Malformed("bad_oid")
    found: list[int] = []
    value = 0
    for position, octet in enumerate(contents):
        if value == 0 and octet == 0x80:
            raise Malformed("bad_oid")
        value = value << 7 | octet & 0x7F
        if octet & 0x80:
            if value >> 25:
                raise Malformed("bad_oid")
            continue
        if not found:
            first = min(value // 40, 2)
            found += [first, value - 40 * first]
        else:
            found.append(value)
        if value >> 32 or len(found) > MAX_SUBIDENTIFIERS or position > 5 * MAX_SUBIDENTIFIERS:
            raise Malformed("bad_oid")
        value = 0
    return tuple(found)


def encode_length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def encode(tag: int, contents: bytes) -> bytes:
    """One element."""
    length = len(contents)
    if length < 0x80:
        return bytes((tag, length)) + contents
    return bytes((tag,)) + encode_length(length) + contents


def encode_integer(value: int, tag: int = INTEGER) -> bytes:
    """An integer in the fewest octets; the unsigned types carry their values as non-negative integers."""
    bits = (value if value >= 0 else ~value).bit_length()
    return encode(tag, value.to_bytes(bits // 8 + 1, "big", signed=True))


def encode_octets(value: bytes) -> bytes:
    return encode(OCTETS, value)


def encode_oid(oid: Oid) -> bytes:
    """The contents of an OBJECT IDENTIFIER. `oid` has at least two sub-identifiers."""
    out = bytearray()
    for value in (oid[0] * 40 + oid[1], *oid[2:]):
        group = [value & 0x7F]
        while value > 0x7F:
            value >>= 7
            group.append(value & 0x7F | 0x80)
        out += bytes(reversed(group))
    return bytes(out)


def parse_oid(text: str) -> Oid:
    """An OID written with dots. Raises `ValueError`."""
    oid = tuple(int(part) for part in text.strip(".").split("."))
    if len(oid) < 2 or oid[0] > 2 or (oid[0] < 2 and oid[1] > 39) or min(oid) < 0:
        raise ValueError(f"'{text}' is no object identifier")
    return oid
