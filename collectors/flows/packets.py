"""The outside of a flow packet: version, sequence, sets and templates, and whether its lengths are true. Pure.

What is in the records is the decoder's business (docs/decisions/009-flow-decoder.md). Here is what it does not tell us:
whose packet had no template, who loses datagrams, who lies about lengths. Sources: Cisco NetFlow v5, RFC 3954 (v9),
RFC 7011 (IPFIX), sflow.org "sFlow Version 5".
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

_TWO = struct.Struct("!HH")
_VARIABLE = 65_535
_FIRST_DATA_SET = 256
_ENTERPRISE = 0x8000
_RECORD_5 = 48
_MOST_FIELDS = 1_000


class Protocol(StrEnum):
    """What a packet is."""

    NETFLOW5 = "netflow5"
    NETFLOW9 = "netflow9"
    IPFIX = "ipfix"
    SFLOW = "sflow"


class Malformed(ValueError):
    """A packet that lies about itself; the text is the reason, one of few, by which it is counted."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """Records after a template: its number, and the bytes of all of them with the padding."""

    template: int
    size: int


@dataclass(frozen=True, slots=True)
class Outside:
    """A packet seen from outside. `domain` is what numbers its templates (source id, observation domain, sub-agent);
    `advance` is by how much it moves the sequence, None where only the templates say. `templates` are told before
    `data`: number to the length of a record, 0 for a variable one."""

    protocol: Protocol
    domain: int
    sequence: int
    advance: int | None
    templates: dict[int, int] = field(default_factory=dict)
    data: tuple[DataSet, ...] = ()


def outside(data: bytes) -> Outside:
    """Looks at a packet. Raises `Malformed`."""
    try:
        version, second = _TWO.unpack_from(data)
        if version == 5:
            return _netflow5(data, second)
        if version == 9:
            return _netflow9(data)
        if version == 10:
            return _ipfix(data, second)
        if version == 0 and second == 5:
            return _sflow(data)
    except struct.error:
        raise Malformed("truncated") from None
    raise Malformed("unknown_version")


def _netflow5(data: bytes, count: int) -> Outside:
    sequence, kind = struct.unpack_from("!IH", data, 16)
    if len(data) != 24 + count * _RECORD_5:
        raise Malformed("wrong_length")
    return Outside(Protocol.NETFLOW5, kind, sequence, count)


def _netflow9(data: bytes) -> Outside:
    sequence, domain = struct.unpack_from("!II", data, 12)
    templates, sets = _sets(data, 20, {0: 0, 1: 1})
    return Outside(Protocol.NETFLOW9, domain, sequence, 1, templates, sets)


def _ipfix(data: bytes, length: int) -> Outside:
    sequence, domain = struct.unpack_from("!II", data, 8)
    if length != len(data):
        raise Malformed("wrong_length")
    templates, sets = _sets(data, 16, {2: 2, 3: 3})
    return Outside(Protocol.IPFIX, domain, sequence, None, templates, sets)


def _sets(data: bytes, at: int, kinds: dict[int, int]) -> tuple[dict[int, int], tuple[DataSet, ...]]:
    templates: dict[int, int] = {}
    sets: list[DataSet] = []
    # Some exporters pad the end of a datagram: fewer bytes than a header is no set.
    while len(data) - at >= _TWO.size:
        number, length = _TWO.unpack_from(data, at)
        if length < _TWO.size or at + length > len(data):
            raise Malformed("wrong_set_length")
        if number in kinds:
            templates.update(_READERS[kinds[number]](data, at + _TWO.size, at + length))
        elif number >= _FIRST_DATA_SET:
            sets.append(DataSet(number, length - _TWO.size))
        at += length
    return templates, tuple(sets)


def _templates(data: bytes, at: int, end: int, enterprises: bool) -> Iterator[tuple[int, int]]:
    """Data templates: number, count of fields, fields."""
    while end - at >= 4:
        number, count = _TWO.unpack_from(data, at)
        if number < _FIRST_DATA_SET:
            return
        at, length = _fields(data, at + 4, end, count, enterprises)
        yield number, length


def _options_9(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """NetFlow v9 gives the bytes of the scopes and of the options instead of their count."""
    while end - at >= 6:
        number, scopes, options = struct.unpack_from("!HHH", data, at)
        if number < _FIRST_DATA_SET:
            return
        at, length = _fields(data, at + 6, end, (scopes + options) // 4, False)
        yield number, length


def _options_10(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    while end - at >= 6:
        number, count = _TWO.unpack_from(data, at)
        if number < _FIRST_DATA_SET:
            return
        at, length = _fields(data, at + 6, end, count, True)
        yield number, length


def _fields(data: bytes, at: int, end: int, count: int, enterprises: bool) -> tuple[int, int]:
    """The place after the fields, and the length of a record: 0 where one is variable."""
    # One without fields withdraws a template, which is not for UDP (RFC 7011, 8.4); nfacctd 1.7.7 loops for ever then.
    if not 0 < count <= _MOST_FIELDS:
        raise Malformed("wrong_template")
    total, variable = 0, False
    for _ in range(count):
        if end - at < 4:
            raise Malformed("wrong_template")
        kind, length = _TWO.unpack_from(data, at)
        private = enterprises and bool(kind & _ENTERPRISE)
        if not private and length not in _LENGTHS.get(kind, _ANY_LENGTH):
            raise Malformed("wrong_template")
        at += 8 if private else 4
        variable |= length == _VARIABLE
        total += length
    if at > end:
        raise Malformed("wrong_template")
    return at, 0 if variable else total


_COUNTER, _WORD, _BYTE = range(1, 9), range(1, 5), range(1, 2)
_ANY_LENGTH = frozenset((*range(1, 256), _VARIABLE))
_LENGTHS: dict[int, range] = {
    **dict.fromkeys((1, 2, 3, 23, 24, 85, 86), _COUNTER),  # octets, packets, flows
    **dict.fromkeys((8, 12, 15, 18, 130), range(4, 5)),  # IPv4 addresses
    **dict.fromkeys((27, 28, 62, 63, 131), range(16, 17)),  # IPv6 addresses
    **dict.fromkeys((56, 57, 80, 81), range(6, 7)),  # MAC addresses
    **dict.fromkeys((7, 11, 10, 14, 16, 17, 21, 22, 32, 34, 48, 50, 58, 59, 61, 305, 306), _WORD),
    **dict.fromkeys((4, 5, 9, 13, 29, 30, 35, 49, 60), _BYTE),
}
"""How many bytes an element may have (IANA, IP Flow Information Export entities), of those that decoders copy into
places of their own; nfacctd 1.7.7 does not look."""

_READERS = {
    0: lambda data, at, end: _templates(data, at, end, False),
    1: _options_9,
    2: lambda data, at, end: _templates(data, at, end, True),
    3: _options_10,
}


def _sflow(data: bytes) -> Outside:
    (kind,) = struct.unpack_from("!I", data, 4)
    if kind not in _AGENT_BYTES:
        raise Malformed("unknown_agent")
    at = 8 + _AGENT_BYTES[kind]
    domain, sequence, _, count = struct.unpack_from("!IIII", data, at)
    at += 16
    for _ in range(count):
        if len(data) - at < 8:
            raise Malformed("wrong_length")
        kind, length = struct.unpack_from("!II", data, at)
        at += 8
        if length % 4 or at + length > len(data):
            raise Malformed("wrong_set_length")
        _sample(data, at, at + length, kind)
        at += length
    if at != len(data):
        raise Malformed("wrong_length")
    return Outside(Protocol.SFLOW, domain, sequence, 1)


def _sample(data: bytes, at: int, end: int, kind: int) -> None:
    """The records of a sample must fill it: sfacctd 1.7.7 reads on where they do not, and can be made to crash."""
    if kind not in _BEFORE_RECORDS:
        raise Malformed("unknown_sample")
    at += _BEFORE_RECORDS[kind]
    if at > end:
        raise Malformed("wrong_set_length")
    (count,) = struct.unpack_from("!I", data, at - 4)
    for _ in range(count):
        if end - at < 8:
            raise Malformed("wrong_set_length")
        record, length = struct.unpack_from("!II", data, at)
        at += 8
        if length % 4 or at + length > end:
            raise Malformed("wrong_set_length")
        if record == _RAW_HEADER and kind in _FLOW_SAMPLES:
            (header,) = struct.unpack_from("!I", data, at + 12)
            if length < 16 or header > length - 16:
                raise Malformed("wrong_set_length")
        at += length
    if at != end:
        raise Malformed("wrong_set_length")


_AGENT_BYTES = {1: 4, 2: 16}
_BEFORE_RECORDS = {1: 32, 2: 12, 3: 44, 4: 16}
"""Bytes before the records of a flow sample, a counters sample, and the expanded ones."""
_FLOW_SAMPLES = (1, 3)
_RAW_HEADER = 1


def as_agent(data: bytes, address: bytes) -> bytes:
    """An sFlow packet whose agent has another (IPv4) address: the decoder knows exporters by it."""
    (kind,) = struct.unpack_from("!I", data, 4)
    return data[:4] + struct.pack("!I", 1) + address + data[8 + _AGENT_BYTES[kind] :]
