"""A UDP socket that knows what it lost: `sent = received + dropped by the kernel`, exactly.

The kernel tells its count of drops with each datagram (`SO_RXQ_OVFL`, socket(7)), as it was when that one was queued;
of what was dropped since the last datagram only `SO_MEMINFO` knows, which is asked whenever the queue is empty. Both
are 32 bits wide and wrap. Unix datagram sockets have neither: there the kernel refuses the writer instead.
"""

import asyncio
import contextlib
import ctypes
import logging
import socket
import struct
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from collectors.many_datagrams import Datagram, ManyDatagrams
from wardwatch.errors import UserError

__all__ = ["Datagram", "KernelDrops", "UdpCounts", "UdpSettings", "UdpSocket"]

log = logging.getLogger(__name__)

# Linux's numbers; Python's socket module does not name them (include/uapi/asm-generic/socket.h, linux/sock_diag.h).
_SO_ATTACH_FILTER = 26
_SO_RXQ_OVFL = 40
_SO_MEMINFO = 55
_SO_RCVBUFFORCE = 33
_MEMINFO = struct.Struct("=9I")
_MEMINFO_DROPS = 8
# Classic BPF (linux/filter.h): `sock_filter` with the one instruction "return 0 bytes", and `sock_fprog` around it.
_DROP_ALL = struct.pack("=HBBI", 0x06, 0, 0, 0)
_PROGRAM = struct.Struct("@HP")
_WRAP = 1 << 32


@dataclass(frozen=True, slots=True)
class UdpSettings:
    """Where it listens (an IPv6 address also takes IPv4 when it is `::`), how much the kernel may keep for us, the
    largest datagram that is taken whole, and how many are taken at once."""

    address: str
    port: int
    receive_buffer_bytes: int = 16 * 1024 * 1024
    largest_bytes: int = 65_535
    at_once: int = 512


@dataclass(frozen=True, slots=True)
class UdpCounts:
    """What came and what the kernel dropped, since the counts before."""

    received: int
    dropped: int

    @property
    def sent(self) -> int:
        """What was sent to the socket."""
        return self.received + self.dropped


class KernelDrops:
    """A count of 32 bits that wraps, as a total. It is seen by two ways, of which one may be a little older."""

    def __init__(self, total: int = 0) -> None:
        self.total = total

    def seen(self, count: int) -> None:
        """Fewer than 2^31 drops may lie between two looks; an older count than the last is not news."""
        ahead = (count - self.total) % _WRAP
        if ahead < _WRAP // 2:
            self.total += ahead


class UdpSocket:
    """Listens while it is open. Not thread-safe: one task takes."""

    def __init__(self, settings: UdpSettings) -> None:
        self._settings = settings
        self._socket: socket.socket | None = None
        self._many = ManyDatagrams(settings.at_once, settings.largest_bytes)
        self._drops = KernelDrops()
        self._received = 0
        self._told = UdpCounts(0, 0)

    async def __aenter__(self) -> Self:
        """Raises `UserError` where the address cannot be listened on."""
        settings = self._settings
        family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_DGRAM)
        try:
            listening.setblocking(False)
            _enlarge(listening, settings)
            listening.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listening.bind((settings.address, settings.port))
        except (OSError, OverflowError) as error:
            listening.close()
            raise _unbindable(settings, error) from None
        self._socket = listening
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @property
    def port(self) -> int:
        """The port it listens on, also where 0 was asked for."""
        return int(self._open().getsockname()[1])

    @property
    def receive_buffer_bytes(self) -> int:
        """What the kernel really keeps for us (it doubles what is asked for its own book-keeping)."""
        return self._open().getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2

    @property
    def received(self) -> int:
        """How many datagrams were taken."""
        return self._received

    @property
    def dropped(self) -> int:
        """How many the kernel dropped, as far as it has said."""
        return self._drops.total

    def counts(self) -> UdpCounts:
        """What came and was dropped since this was last asked: for `Batch.read` and `Batch.drops`."""
        before, self._told = self._told, UdpCounts(self._received, self._drops.total)
        return UdpCounts(self._received - before.received, self._drops.total - before.dropped)

    async def take(self) -> list[Datagram]:
        """Waits for the next datagrams, and takes what is there, at most `at_once`."""
        while not (found := self.take_now()):
            await _readable(self._open())
        return found

    def take_now(self) -> list[Datagram]:
        """What is there, at most `at_once`; nothing when nothing is."""
        listening = self._open()
        try:
            found, drops = self._many.take(listening.fileno())
        except (BlockingIOError, InterruptedError):
            self._look_at_drops(listening)
            return []
        if drops is not None:
            self._drops.seen(drops)
        if len(found) < self._settings.at_once:
            self._look_at_drops(listening)
        self._received += len(found)
        return found

    def answer(self, data: bytes, address: str, port: int) -> None:
        """Sends to who sent; what cannot be sent now is not sent, as on any line that loses datagrams."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendto(data, (address, port))

    def finish(self) -> list[Datagram]:
        """What still waits; from now on the kernel drops, and counts, whatever comes. The last thing before the end."""
        listening = self._open()
        instruction = ctypes.create_string_buffer(_DROP_ALL)
        program = _PROGRAM.pack(1, ctypes.addressof(instruction))
        listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
        left: list[Datagram] = []
        while found := self.take_now():
            left += found
        return left

    def _open(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("the socket is not open")
        return self._socket

    def _look_at_drops(self, listening: socket.socket) -> None:
        known = listening.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size)
        if len(known) == _MEMINFO.size:
            self._drops.seen(_MEMINFO.unpack(known)[_MEMINFO_DROPS])


async def _readable(listening: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(listening, wake)
    try:
        await readable
    finally:
        loop.remove_reader(listening)


def _enlarge(listening: socket.socket, settings: UdpSettings) -> None:
    """Asks for the buffer: above the system's limit only a privileged process gets it."""
    wanted = settings.receive_buffer_bytes
    try:
        listening.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, wanted)
    except PermissionError:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted)
    got = listening.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
    if got < wanted:
        log.warning(
            "the receive buffer is smaller than asked port=%d bytes=%d asked=%d; raise net.core.rmem_max",
            settings.port,
            got,
            wanted,
        )


def _unbindable(settings: UdpSettings, error: OSError | OverflowError) -> UserError:
    where = f"UDP {settings.address}, port {settings.port}"
    if isinstance(error, PermissionError):
        return UserError(
            f"{where}: ports below 1024 need a privilege", "give it CAP_NET_BIND_SERVICE, or take a port above"
        )
    reason = error.strerror if isinstance(error, OSError) else None
    return UserError(f"{where}: cannot be listened on: {reason or error}", "look who has it with: ss -lunp")
