"""Hands packets on to the decoder so that it sees who sent them.

The decoder tells exporters apart by their source address, and each has templates of its own. Packets that come from us
would all have one address; so every exporter has an address of the loopback network (127.64.0.0/10), from which its
packets go on. Any address of 127.0.0.0/8 may be sent from without a privilege (IP_PKTINFO, ip(7)).
"""

import ipaddress
import socket
import struct
from collections.abc import Hashable

# Linux's number; Python names it only from 3.12 on.
_IP_PKTINFO = 8
_FIRST = int(ipaddress.IPv4Address("127.64.0.1"))
_MOST = 1 << 16
_SEND_BUFFER = 8 * 1024 * 1024


class Relay:
    """One socket, as many sources as there are exporters."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        self._addresses: dict[Hashable, bytes] = {}
        self._exporters: dict[str, Hashable] = {}
        self.refused = 0

    def address(self, exporter: Hashable) -> bytes | None:
        """The packed address under which the decoder knows an exporter; None beyond 65,536 of them."""
        known = self._addresses.get(exporter)
        if known is None and len(self._addresses) < _MOST:
            number = ipaddress.IPv4Address(_FIRST + len(self._addresses))
            known = self._addresses[exporter] = number.packed
            self._exporters[str(number)] = exporter
        return known

    def exporter(self, address: str) -> Hashable | None:
        """Whose address it is."""
        return self._exporters.get(address)

    def send(self, data: bytes, source: bytes, port: int) -> bool:
        """Whether the kernel took it."""
        information = struct.pack("=i4s4s", 0, source, source)
        try:
            self._socket.sendmsg([data], [(socket.IPPROTO_IP, _IP_PKTINFO, information)], 0, ("127.0.0.1", port))
        except OSError:
            self.refused += 1
            return False
        return True

    def close(self) -> None:
        self._socket.close()


def free_port() -> int:
    """A port of loopback that nobody has just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def queue_of(port: int, table: str) -> tuple[int, int] | None:
    """Bytes that wait and datagrams that were dropped at the socket on 127.0.0.1 and a port, as `/proc/net/udp` has
    it; None while there is none."""
    wanted = f"0100007F:{port:04X}"
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) >= 13 and fields[1] == wanted:
            return int(fields[4].partition(":")[2], 16), int(fields[12])
    return None
