"""sFlow v5 (sflow.org, "sFlow Version 5"): no flows but sampled packets, each with its headers and its true length.

A flow becomes one sample a packet. Packets of one flow are of one length here, so that sums are exact.
"""

import ipaddress
import struct
from collections.abc import Sequence

from collectors.flows.simulator.flow import Flow

_ETHERNET_BYTES = 14
_SAMPLES = 6


class SFlow:
    """An exporter of sFlow v5; `agent` is the address by which it calls itself."""

    def __init__(self, agent: str, sampling: int = 1) -> None:
        self._agent = ipaddress.IPv4Address(agent).packed
        self._sampling = sampling
        self._sequence = 0
        self._sampled = 0

    def announce(self, at_s: int) -> list[bytes]:
        return []

    def tell(self, flows: Sequence[Flow], at_s: int) -> list[bytes]:
        """Raises ValueError for a flow whose packets are not of one length."""
        samples = [sample for flow in flows for sample in self._samples(flow)]
        return [self._datagram(samples[first : first + _SAMPLES]) for first in range(0, len(samples), _SAMPLES)]

    def _datagram(self, samples: Sequence[bytes]) -> bytes:
        self._sequence += 1
        head = struct.pack("!II4sIIII", 5, 1, self._agent, 0, self._sequence, 3_600_000, len(samples))
        return head + b"".join(samples)

    def _samples(self, flow: Flow) -> list[bytes]:
        length, rest = divmod(flow.octets, flow.packets)
        if rest:
            raise ValueError(f"{flow.octets} bytes are no {flow.packets} packets of one length")
        header = _packet_header(flow, length)
        raw = struct.pack("!IIII", 1, _ETHERNET_BYTES + length, 0, len(header)) + header + bytes(-len(header) % 4)
        told = []
        for _ in range(flow.packets):
            self._sampled += 1
            pool = self._sampled * self._sampling
            sample = struct.pack(
                "!IIIIIIII",
                *(self._sampled, flow.in_port, self._sampling, pool & 0xFFFFFFFF, 0, flow.in_port, flow.out_port, 1),
            )
            content = sample + struct.pack("!II", 1, len(raw)) + raw
            told.append(struct.pack("!II", 1, len(content)) + content)
        return told


def _packet_header(flow: Flow, length: int) -> bytes:
    """Ethernet, IP and the ports of a packet of so many bytes."""
    ports = struct.pack("!HH", flow.source_port, flow.destination_port)
    if flow.is_ipv6:
        network = struct.pack("!IHBB", 6 << 28, max(length - 40, 0), flow.protocol, 64) + flow.addresses
        kind = 0x86DD
    else:
        network = struct.pack("!BBHHHBBH", 0x45, 0, length, 0, 0, 64, flow.protocol, 0) + flow.addresses
        kind = 0x0800
    transport = ports + struct.pack("!IIHHHH", 1, 1, 5 << 12 | 0x18, 1024, 0, 0)
    return bytes(12) + struct.pack("!H", kind) + network + transport
