"""NetFlow v9 (RFC 3954) and IPFIX (RFC 7011): records after templates; the sampling rate is an option of its own.

Both number their fields alike (IANA, IP Flow Information Export entities); only headers and set numbers differ.
"""

import struct
from collections.abc import Sequence

from collectors.flows.simulator.flow import Flow, portions

_SET = struct.Struct("!HH")
_PAIR = struct.Struct("!HH")
_NINE = struct.Struct("!HHIIII")
_TEN = struct.Struct("!HHIII")
_MOST = 20
IPV4, IPV6, OPTIONS = 256, 257, 258
_REST = ((7, 2), (11, 2), (4, 1), (10, 4), (14, 4), (1, 8), (2, 8))
"""sourceTransportPort, destinationTransportPort, protocolIdentifier, ingress and egress interface, octets, packets."""
_FIELDS = {IPV4: ((8, 4), (12, 4), *_REST), IPV6: ((27, 16), (28, 16), *_REST)}
_VALUES = struct.Struct("!HHBIIQQ")


class NetFlow9:
    """An exporter of NetFlow v9; its sequence counts datagrams."""

    def __init__(self, sampling: int = 1, domain: int = 0) -> None:
        self._sampling = sampling
        self._domain = domain
        self._sequence = 0

    def announce(self, at_s: int) -> list[bytes]:
        told = [self._packet([_set(0, b"".join(map(_template, _FIELDS)))], len(_FIELDS), at_s)]
        if self._sampling > 1:
            # Option scope 1 is the system; samplingInterval and samplingAlgorithm (1: deterministic).
            form = struct.pack("!HHHHHHHHH", OPTIONS, 4, 8, 1, 4, 34, 4, 35, 1)
            told.append(self._packet([_set(1, form)], 1, at_s))
            told.append(self._packet([_set(OPTIONS, struct.pack("!IIB", 0, self._sampling, 1))], 1, at_s))
        return told

    def tell(self, flows: Sequence[Flow], at_s: int) -> list[bytes]:
        return [self._packet([_set(*_data(some))], len(some), at_s) for some in _alike(flows)]

    def _packet(self, sets: Sequence[bytes], count: int, at_s: int) -> bytes:
        header = _NINE.pack(9, count, 3_600_000, at_s, self._sequence, self._domain)
        self._sequence += 1
        return header + b"".join(sets)


class Ipfix:
    """An exporter of IPFIX; its sequence counts data records."""

    def __init__(self, sampling: int = 1, domain: int = 0) -> None:
        self._sampling = sampling
        self._domain = domain
        self._sequence = 0

    def announce(self, at_s: int) -> list[bytes]:
        told = [self._message(_set(2, b"".join(map(_template, _FIELDS))), 0, at_s)]
        if self._sampling > 1:
            # The scope is the observation domain (149); samplingInterval and samplingAlgorithm.
            form = struct.pack("!HHHHHHHHH", OPTIONS, 3, 1, 149, 4, 34, 4, 35, 1)
            told.append(self._message(_set(3, form), 0, at_s))
            option = struct.pack("!IIB", self._domain, self._sampling, 1)
            told.append(self._message(_set(OPTIONS, option), 1, at_s))
        return told

    def tell(self, flows: Sequence[Flow], at_s: int) -> list[bytes]:
        return [self._message(_set(*_data(some)), len(some), at_s) for some in _alike(flows)]

    def _message(self, content: bytes, records: int, at_s: int) -> bytes:
        header = _TEN.pack(10, _TEN.size + len(content), at_s, self._sequence, self._domain)
        self._sequence += records
        return header + content


def _alike(flows: Sequence[Flow]) -> list[Sequence[Flow]]:
    """Flows of one family at a time: they have a template each."""
    families = [[flow for flow in flows if flow.is_ipv6 is six] for six in (False, True)]
    return [some for family in families for some in portions(family, _MOST)]


def _template(number: int) -> bytes:
    fields = _FIELDS[number]
    return _PAIR.pack(number, len(fields)) + b"".join(_PAIR.pack(*field) for field in fields)


def _data(flows: Sequence[Flow]) -> tuple[int, bytes]:
    return IPV6 if flows[0].is_ipv6 else IPV4, b"".join(map(_record, flows))


def _record(flow: Flow) -> bytes:
    ports = flow.source_port, flow.destination_port, flow.protocol, flow.in_port, flow.out_port
    return flow.addresses + _VALUES.pack(*ports, flow.octets, flow.packets)


def _set(number: int, content: bytes) -> bytes:
    padding = -len(content) % 4
    return _SET.pack(number, _SET.size + len(content) + padding) + content + bytes(padding)
