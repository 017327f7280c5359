"""The one socket a family: an unprivileged ping socket, else a raw one; replies come with the kernel's time."""

import asyncio
import errno
import socket
import struct
import time
from collections.abc import Callable

from collectors.icmp.echo import Echo, reply, request
from wardwatch.errors import SystemFault

_FAMILIES: dict[int, tuple[socket.AddressFamily, int]] = {
    4: (socket.AF_INET, socket.IPPROTO_ICMP),
    6: (socket.AF_INET6, socket.IPPROTO_ICMPV6),
}
_RECEIVE_BYTES = 4 * 1024 * 1024
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@qq")
_AT_ONCE = 256
_IDENTIFIER = 0x5757

Heard = Callable[[str, Echo, int], None]
"""Takes the address that answered, what it brought back, and when (nanoseconds since 1970)."""


class EchoSocket:
    """Sends requests and hands replies over, between `open` and `close`."""

    def __init__(self, version: int, heard: Heard) -> None:
        self._version = version
        self._heard = heard
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Raises `SystemFault` where this machine lets nobody ping."""
        self._socket = _socket(self._version)
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def close(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def send(self, address: str, echo: Echo) -> int | None:
        """When it was sent, in nanoseconds since 1970; None where it could not be."""
        assert self._socket is not None, "open comes first"
        data = request(self._version, _IDENTIFIER, echo)
        at = time.time_ns()
        try:
            self._socket.sendto(data, (address, 0))
        except OSError:
            return None
        return at

    def _readable(self) -> None:
        """A bounded number, so that a flood leaves room for everything else on the loop."""
        for _ in range(_AT_ONCE):
            if self._socket is None:
                return
            try:
                data, ancillary, _, source = self._socket.recvmsg(2048, 64)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # An error of one target (unreachable) that the socket tells.
            found = reply(self._version, data)
            if found is not None:
                self._heard(str(source[0]).partition("%")[0], found, _time_of(ancillary))


def _socket(version: int) -> socket.socket:
    family, protocol = _FAMILIES[version]
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            made = socket.socket(family, kind | socket.SOCK_NONBLOCK, protocol)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                continue
            raise SystemFault(f"no ICMP socket for IPv{version}: {error.strerror}") from None
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
        made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        return made
    raise SystemFault(
        f"this account may not send ICMP for IPv{version}",
        "widen net.ipv4.ping_group_range to its group, or give the process CAP_NET_RAW",
    )


def _time_of(ancillary: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return int(seconds * 1_000_000_000 + nanoseconds)
    return time.time_ns()
