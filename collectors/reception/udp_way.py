"""One UDP address that is listened on: who is no sender of the inventory is counted, everything else is offered."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

from collectors.reception.counts import SourceCounts
from collectors.reception.gathering import Received
from collectors.reception.senders import Senders
from collectors.udp import Datagram, UdpSettings, UdpSocket
from wardwatch.errors import UserError
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

RETRY_S = 10.0


class Taker(Protocol):
    """What stands behind a way in: it takes what comes, and what is counted is told by it."""

    strangers: SourceCounts
    kernel: SourceCounts

    def offer(self, message: Received) -> object: ...

    def tell(self) -> None:
        """Something was counted."""
        ...


class UdpWay:
    """Listens between `__aenter__` and `__aexit__`; an address that cannot be had is tried again every few seconds, and
    `trouble` says why. `answers` is whether who sends may be answered."""

    def __init__(
        self,
        settings: UdpSettings,
        gatherer: Taker,
        senders: Callable[[], Senders],
        clock: Clock,
        answers: bool = False,
    ) -> None:
        self._settings = settings
        self._gatherer = gatherer
        self._senders = senders
        self._clock = clock
        self._answers = answers
        self._socket: UdpSocket | None = None
        self.trouble: UserError | None = None

    @property
    def name(self) -> str:
        return f"{self._settings.address}:{self._settings.port}"

    @property
    def port(self) -> int:
        """The port it listens on, also where 0 was asked for; 0 while it does not."""
        return self._socket.port if self._socket is not None else 0

    async def open(self) -> None:
        """Listens, or says in `trouble` why not."""
        listening = UdpSocket(self._settings)
        try:
            self._socket = await listening.__aenter__()
            self.trouble = None
        except UserError as error:
            if self.trouble is None:
                log.error("not listening: %s", error)
            self.trouble = error

    async def run(self) -> None:
        """Takes what comes, until cancelled."""
        while self._socket is None:
            await asyncio.sleep(RETRY_S)
            await self.open()
        while True:
            self._take(self._socket, await self._socket.take())
            # The mapping and the shipping have their turn even when more is there already.
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Takes what the kernel still holds, and leaves."""
        if self._socket is None:
            return
        self._take(self._socket, self._socket.finish())
        await self._socket.__aexit__(None, None, None)
        self._socket = None

    def _take(self, listening: UdpSocket, datagrams: list[Datagram]) -> None:
        now, find, gatherer = self._clock(), self._senders().find, self._gatherer
        for datagram in datagrams:
            sender = find(datagram.address)
            if sender is None:
                gatherer.strangers.add(datagram.address)
                gatherer.tell()
                continue
            answer = None
            if self._answers:
                answer = partial(listening.answer, address=datagram.address, port=datagram.port)
            gatherer.offer(Received(datagram.data, sender, now, answer))
        if dropped := listening.counts().dropped:
            gatherer.kernel.add(self.name, dropped)
            gatherer.tell()
