"""The sockets: one a port for all addresses of the city, and a loop that drains them.

A wildcard socket with IP_PKTINFO learns which 127.x.y.z was asked and replies from it; binding the socket to `lo`
keeps the city inside the machine. Replies of slow agents wait in a bounded heap.
"""

import errno
import heapq
import select
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from itertools import count

from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.counts import Counts
from wardwatch.errors import SystemFault, UserError

# Linux's numbers, which Python 3.11 does not name (linux/in.h, asm-generic/socket.h).
_IP_PKTINFO = 8
_SO_RXQ_OVFL = 40
_ANCILLARY_BYTES = socket.CMSG_SPACE(12) + socket.CMSG_SPACE(4)
_DATAGRAM_BYTES = 65_535
_BUSY = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS})

Ancillary = list[tuple[int, int, bytes]]
Reply = Callable[[tuple[bytes, int], bytes], tuple[bytes | None, float]]
"""Takes (packed IPv4 address, port) that was asked and the datagram; gives the reply or None, and seconds to wait."""


class UdpServer:
    """Answers datagrams on a set of ports until it is stopped. `open` binds; `run` blocks; `stop` is thread-safe."""

    def __init__(
        self, settings: SimulatorSettings, reply: Reply, monotonic: Callable[[], float], counts: Counts
    ) -> None:
        self._settings = settings
        self._reply = reply
        self._monotonic = monotonic
        self._counts = counts
        self._sockets: dict[int, tuple[socket.socket, int]] = {}
        self._overflow: dict[int, int] = {}
        self._delayed: list[tuple[float, int, int, bytes, Ancillary, object]] = []
        self._order = count()
        self._stopping = False
        self._wake: tuple[socket.socket, socket.socket] | None = None

    def open(self, ports: Iterable[int]) -> None:
        """Binds a socket a port. Raises `UserError` when a port is taken or forbidden."""
        self._stopping = False
        self._wake = socket.socketpair()
        for one in self._wake:
            one.setblocking(False)
        try:
            for port in sorted(set(ports)):
                one = self._bind(port)
                self._sockets[one.fileno()] = (one, port)
        except UserError:
            self.close()
            raise

    def close(self) -> None:
        """Closes every socket; what was delayed is dropped and counted."""
        if self._delayed:
            self._counts.add("dropped_at_stop", len(self._delayed))
            self._delayed.clear()
        for one, _ in self._sockets.values():
            one.close()
        self._sockets.clear()
        for one in self._wake or ():
            one.close()
        self._wake = None

    def stop(self) -> None:
        """Makes `run` return; may be called from another thread or a signal handler."""
        self._stopping = True
        self.wake()

    def wake(self) -> None:
        """Makes `run` look around."""
        if self._wake is not None:
            try:
                self._wake[1].send(b"w")
            except OSError as error:
                if error.errno not in _BUSY:
                    raise

    def run(self) -> None:
        """Answers until stopped."""
        if self._wake is None:
            raise SystemFault("the simulator was told to run before it was started")
        poller = select.epoll()
        try:
            for one in [self._wake[0], *(one for one, _ in self._sockets.values())]:
                poller.register(one.fileno(), select.EPOLLIN)
            while not self._stopping:
                wait = self._delayed[0][0] - self._monotonic() if self._delayed else -1.0
                for number, _ in poller.poll(max(wait, 0.0) if self._delayed else None):
                    if number in self._sockets:
                        self._drain(*self._sockets[number])
                    else:
                        self._wake[0].recv(4096)
                self._send_due()
        finally:
            poller.close()

    def _bind(self, port: int) -> socket.socket:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._settings.receive_buffer_bytes)
            one.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
            one.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self._settings.interface.encode() + b"\0")
            one.bind(("", port))
        except OSError as error:
            one.close()
            raise _refusal(error, port, self._settings.interface) from None
        return one

    def _drain(self, one: socket.socket, port: int) -> None:
        """Answers what waits at a socket, at most one batch of it, so that no port starves another."""
        received = 0
        for _ in range(self._settings.batch):
            try:
                request, ancillary, _, sender = one.recvmsg(_DATAGRAM_BYTES, _ANCILLARY_BYTES)
            except OSError as error:
                # A closed client's ICMP may be reported here; the next datagram is not its fault.
                if error.errno in _BUSY:
                    break
                self._counts.add("receive_errors")
                continue
            received += 1
            asked = self._read_ancillary(one.fileno(), ancillary)
            if asked is None:
                continue
            # Octets 4 to 7 of in_pktinfo are the local address; given back with a reply they choose its sender.
            reply, wait_s = self._reply((asked[2][4:8], port), request)
            if reply is None:
                continue
            if wait_s <= 0:
                self._send(one, reply, [asked], sender)
            elif len(self._delayed) < self._settings.max_delayed:
                due = self._monotonic() + wait_s
                heapq.heappush(self._delayed, (due, next(self._order), one.fileno(), reply, [asked], sender))
            else:
                self._counts.add("dropped_delayed_full")
        self._counts.add("requests", received)

    def _read_ancillary(
        self, number: int, ancillary: Sequence[tuple[int, int, bytes]]
    ) -> tuple[int, int, bytes] | None:
        asked = None
        for item in ancillary:
            if item[1] == _IP_PKTINFO and item[0] == socket.IPPROTO_IP:
                asked = item
            elif item[1] == _SO_RXQ_OVFL and item[0] == socket.SOL_SOCKET:
                total = struct.unpack("=I", item[2])[0]
                lost = (total - self._overflow.get(number, 0)) & 0xFFFF_FFFF
                if lost:
                    self._overflow[number] = total
                    self._counts.add("dropped_by_kernel", lost)
        return asked

    def _send_due(self) -> None:
        while self._delayed and self._delayed[0][0] <= self._monotonic():
            _, _, number, reply, ancillary, sender = heapq.heappop(self._delayed)
            self._send(self._sockets[number][0], reply, ancillary, sender)

    def _send(self, one: socket.socket, reply: bytes, ancillary: Ancillary, sender: object) -> None:
        try:
            one.sendmsg((reply,), ancillary, 0, sender)  # type: ignore[arg-type]
        except OSError as error:
            self._counts.add("dropped_send_full" if error.errno in _BUSY else "send_errors")
        else:
            self._counts.add("replies")


def _refusal(error: OSError, port: int, interface: str) -> UserError:
    if error.errno == errno.EADDRINUSE:
        return UserError(
            f"UDP port {port} is in use",
            "stop the other program (ss -lunp), or give the devices another port (a new demo: --snmp-port)",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return UserError(
            f"UDP port {port} needs rights we do not have", "give devices ports above 1023, or run as root"
        )
    if error.errno == errno.ENODEV:
        return UserError(f"there is no network interface '{interface}'")
    return UserError(f"UDP port {port} cannot be opened: {error.strerror}")
