"""NetFlow v5: a header of 24 bytes and up to 30 records of 48; IPv4 only, the sampling rate in the header."""

import struct
from collections.abc import Sequence

from collectors.flows.simulator.flow import Flow, portions

_HEADER = struct.Struct("!HHIIIIBBH")
_REST = struct.Struct("!4sHHIIIIHHBBBBHHBBH")
_MOST = 30
_DETERMINISTIC = 1 << 14


class NetFlow5:
    """An exporter of NetFlow v5."""

    def __init__(self, sampling: int = 1) -> None:
        self._sampling = _DETERMINISTIC | sampling if sampling > 1 else 0
        self._sequence = 0

    def announce(self, at_s: int) -> list[bytes]:
        return []

    def tell(self, flows: Sequence[Flow], at_s: int) -> list[bytes]:
        """IPv6 cannot be told in this version and is left out."""
        told = []
        for some in portions([flow for flow in flows if not flow.is_ipv6], _MOST):
            header = _HEADER.pack(5, len(some), 3_600_000, at_s, 0, self._sequence, 0, 0, self._sampling)
            told.append(header + b"".join(map(_record, some)))
            self._sequence += len(some)
        return told


def _record(flow: Flow) -> bytes:
    return flow.addresses + _REST.pack(
        bytes(4),
        *(flow.in_port, flow.out_port, flow.packets, flow.octets, 3_590_000, 3_599_000),
        *(flow.source_port, flow.destination_port, 0, 0x18, flow.protocol, 0, 0, 0, 24, 24, 0),
    )
