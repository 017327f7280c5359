"""What a simulated exporter tells: flows as they were on the wire, and how its packets are made."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Flow:
    """Traffic of one direction as an exporter counted it: of `sampling` packets it looked at one, so that what passed
    is `octets * sampling` (bytes of the IP packets) and `packets * sampling`."""

    source: str
    destination: str
    source_port: int
    destination_port: int
    protocol: int
    octets: int
    packets: int
    in_port: int = 1
    out_port: int = 2

    @property
    def is_ipv6(self) -> bool:
        return ":" in self.source

    @property
    def addresses(self) -> bytes:
        """Both, packed."""
        return ipaddress.ip_address(self.source).packed + ipaddress.ip_address(self.destination).packed


class Exporter(Protocol):
    """Makes the datagrams that tell of flows; it counts its own sequence numbers."""

    def announce(self, at_s: int) -> list[bytes]:
        """What must be told before flows: templates and the sampling rate. Empty where packets say it themselves."""
        ...

    def tell(self, flows: Sequence[Flow], at_s: int) -> list[bytes]: ...


def portions(flows: Sequence[Flow], most: int) -> Iterator[Sequence[Flow]]:
    """As many as fit a datagram at a time."""
    for first in range(0, len(flows), most):
        yield flows[first : first + most]
