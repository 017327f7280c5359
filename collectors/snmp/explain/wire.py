"""Datagrams to one agent and what comes back: a reply, silence, or what the network says instead. Blocking.

Other ways to see whether anybody lives at an address: an echo request, and the answer of well-known TCP ports.
"""

import errno
import os
import select
import socket
import struct
import time
from dataclasses import dataclass
from enum import StrEnum

IP_RECVERR, IPV6_RECVERR = 11, 25
"""linux/in.h, linux/in6.h: a connected UDP socket is then told of every ICMP error, not of closed ports alone."""

LARGEST_DATAGRAM = 65_535
TCP_PORTS = (22, 443, 80, 23)
ECHO_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}


class Silence(StrEnum):
    """What came instead of a reply."""

    TIMEOUT = "timeout"
    CLOSED = "port closed"
    UNREACHABLE = "unreachable"
    PROHIBITED = "prohibited"


_ICMP: dict[int, Silence] = {
    errno.ECONNREFUSED: Silence.CLOSED,
    errno.EHOSTUNREACH: Silence.UNREACHABLE,
    errno.ENETUNREACH: Silence.UNREACHABLE,
    errno.EHOSTDOWN: Silence.UNREACHABLE,
    errno.EACCES: Silence.PROHIBITED,
    errno.EPERM: Silence.PROHIBITED,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """A request is sent `attempts` times; each waits `timeout_s`."""

    timeout_s: float = 2.0
    attempts: int = 2


class Wire:
    """A connected UDP socket to an agent."""

    def __init__(self, address: str, port: int, patience: Patience) -> None:
        self.address = address
        self.port = port
        self._patience = patience
        self._family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def ask(self, request: bytes) -> bytes | Silence:
        """The first datagram that comes back within the patience."""
        with socket.socket(self._family, socket.SOCK_DGRAM) as wire:
            if self._family == socket.AF_INET6:
                wire.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
            else:
                wire.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
            wire.settimeout(self._patience.timeout_s)
            try:
                wire.connect((self.address, self.port))
                for _ in range(self._patience.attempts):
                    wire.send(request)
                    try:
                        return wire.recv(LARGEST_DATAGRAM)
                    except TimeoutError:
                        continue
            except OSError as error:
                return _ICMP.get(error.errno or 0, Silence.UNREACHABLE)
        return Silence.TIMEOUT

    def pings(self) -> bool | None:
        """Whether the host answers an echo request; None where we may not send one."""
        number = socket.IPPROTO_ICMPV6 if self._family == socket.AF_INET6 else socket.IPPROTO_ICMP
        for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                with socket.socket(self._family, kind, number) as echo:
                    return self._echo(echo, raw=kind == socket.SOCK_RAW)
            except PermissionError:
                continue
            except OSError:
                return False
        return None

    def _echo(self, echo: socket.socket, raw: bool) -> bool:
        token = os.urandom(8)
        head = struct.pack("!BBHHH", ECHO_REQUEST[self._family], 0, 0, os.getpid() & 0xFFFF, 1)
        checksum = _checksum(head + token) if self._family == socket.AF_INET else 0
        packet = head[:2] + struct.pack("!H", checksum) + head[4:] + token
        deadline = time.monotonic() + self._patience.timeout_s
        echo.connect((self.address, 0))
        echo.send(packet)
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([echo], [], [], left)[0]:
                return False
            reply = echo.recv(LARGEST_DATAGRAM)
            # A raw socket of IPv4 gives the IP header as well, and our own request on the loopback interface.
            start = (reply[0] & 15) * 4 if raw and self._family == socket.AF_INET else 0
            if reply[start] in {0, 129} and token in reply:
                return True
        return False

    def tcp_lives(self) -> int | None:
        """The first well-known TCP port that answers, be it by refusing; None when none does."""
        pending: dict[socket.socket, int] = {}
        try:
            for port in TCP_PORTS:
                probe = socket.socket(self._family, socket.SOCK_STREAM)
                probe.setblocking(False)
                pending[probe] = port
                if probe.connect_ex((self.address, port)) in {0, errno.ECONNREFUSED}:
                    return port
            deadline = time.monotonic() + self._patience.timeout_s
            waiting = dict(pending)
            while waiting and (left := deadline - time.monotonic()) > 0:
                for probe in select.select([], list(waiting), [], left)[1]:
                    if probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in {0, errno.ECONNREFUSED}:
                        return waiting[probe]
                    del waiting[probe]
            return None
        finally:
            for probe in pending:
                probe.close()


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    total = int(sum(struct.unpack(f"!{len(data) // 2}H", data)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF - total
