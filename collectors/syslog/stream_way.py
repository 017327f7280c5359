"""One TCP address that is listened on, with or without TLS (RFC 6587, RFC 5425).

Whoever is no sender of the inventory is turned away. While there is no room connections are not read: what is not taken
then waits at its sender. A stream that cannot be understood any further is closed, and counted.
"""

import asyncio
import contextlib
import logging
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from collectors.reception.gathering import Gatherer, Received
from collectors.reception.senders import Sender, Senders
from collectors.syslog.framing import Framing, FramingError
from wardwatch.errors import UserError
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

RETRY_S = 10.0


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Where it listens, how many connections it keeps (together, and of one sender), how long a message may be, and how
    long a TLS handshake may take."""

    address: str
    port: int
    connections: int = 1000
    connections_each: int = 16
    largest_bytes: int = 65_536
    handshake_s: float = 10.0


class StreamWay:
    """Listens between `open` and `close`; an address that cannot be had is tried again, and `trouble` says why."""

    def __init__(
        self,
        settings: StreamSettings,
        gatherer: Gatherer,
        senders: Callable[[], Senders],
        clock: Clock,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._gatherer = gatherer
        self._senders = senders
        self._clock = clock
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self._each: Counter[str] = Counter()
        self._short_of_room = False
        self.trouble: UserError | None = None
        self.cut = 0

    @property
    def name(self) -> str:
        return f"{self._settings.address}:{self._settings.port}"

    @property
    def port(self) -> int:
        """The port it listens on, also where 0 was asked for; 0 while it does not."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    @property
    def connections(self) -> int:
        return len(self._open)

    async def open(self) -> None:
        """Listens, or says in `trouble` why not."""
        loop, settings = asyncio.get_running_loop(), self._settings
        try:
            self._server = await loop.create_server(
                lambda: _Connection(self),
                settings.address,
                settings.port,
                ssl=self._tls,
                ssl_handshake_timeout=settings.handshake_s if self._tls else None,
            )
            self.trouble = None
        except OSError as error:
            if self.trouble is None:
                log.error("not listening: TCP %s: %s", self.name, error.strerror)
            self.trouble = UserError(
                f"TCP {self.name}: cannot be listened on: {error.strerror or error}", "look who has it with: ss -ltnp"
            )

    async def run(self) -> None:
        """Keeps an eye on the room, until cancelled."""
        while self._server is None:
            await asyncio.sleep(RETRY_S)
            await self.open()
        while True:
            await asyncio.sleep(0.05)
            if self._short_of_room:
                await self._gatherer.room()
                self._short_of_room = False
                for connection in self._open:
                    connection.resume()

    async def close(self) -> None:
        """Takes what is complete, and leaves."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._open):
            connection.leave()
        self._server = None

    def accept(self, connection: "_Connection", address: str) -> Sender | None:
        """Who connects; None for who is to be turned away."""
        sender, settings = self._senders().find(address), self._settings
        if sender is None:
            self._gatherer.strangers.add(address)
            self._gatherer.tell()
            return None
        if len(self._open) >= settings.connections or self._each[sender.address] >= settings.connections_each:
            log.error("too many connections way=%s sender=%s", self.name, sender.address)
            self._gatherer.refused.add(sender.address)
            self._gatherer.tell()
            return None
        self._open.add(connection)
        self._each[sender.address] += 1
        return sender

    def forget(self, connection: "_Connection", sender: Sender, cut: int) -> None:
        self._open.discard(connection)
        self._each[sender.address] -= 1
        self._each = +self._each
        self.cut += cut

    def take(self, sender: Sender, data: bytes) -> None:
        self._gatherer.hold(Received(data, sender, self._clock()))

    def broken(self, sender: Sender, error: FramingError) -> None:
        log.warning("stream broken way=%s sender=%s reason=%s", self.name, sender.address, error)
        self._gatherer.refused.add(sender.address)
        self._gatherer.tell()

    @property
    def is_full(self) -> bool:
        """Whether connections must wait; they are told when there is room again."""
        if not self._gatherer.has_room:
            self._short_of_room = True
        return self._short_of_room

    def framing(self) -> Framing:
        return Framing(self._settings.largest_bytes)


class _Connection(asyncio.Protocol):
    """One sender's stream."""

    def __init__(self, way: StreamWay) -> None:
        self._way = way
        self._framing = way.framing()
        self._transport: asyncio.Transport | None = None
        self._sender: Sender | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "TCP gives one that reads"
        self._transport = transport
        self._sender = self._way.accept(self, transport.get_extra_info("peername")[0])
        if self._sender is None:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._sender is None or self._transport is None:
            return
        try:
            for message in self._framing.feed(data):
                self._way.take(self._sender, message)
        except FramingError as error:
            self._way.broken(self._sender, error)
            self._transport.abort()
            return
        if self._way.is_full:
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._sender is not None:
            if rest := self._framing.rest():
                self._way.take(self._sender, rest)
            self._way.forget(self, self._sender, self._framing.cut)
            self._sender = None

    def resume(self) -> None:
        if self._transport is not None:
            with contextlib.suppress(RuntimeError):
                self._transport.resume_reading()

    def leave(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        self.connection_lost(None)
