"""Rounds of echo requests to many targets from one socket a family, evenly paced."""

import asyncio
import ipaddress
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass

from collectors.icmp.echo import Echo
from collectors.icmp.reachability import Reachability, Tries
from collectors.icmp.socket import EchoSocket
from wardwatch.errors import SystemFault

log = logging.getLogger(__name__)

_TURN_S = 0.005
"""Sends wait for each other in turns of this length, since a timer a packet costs more than the packet."""


@dataclass(frozen=True, slots=True)
class PingSettings:
    """Each target gets `attempts` requests, at least `apart_s` from each other; all of them together `per_second`.
    Replies are waited for `patience_s` after the last."""

    attempts: int = 4
    apart_s: float = 0.5
    per_second: float = 2000.0
    patience_s: float = 2.0


class Pinger:
    """One round at a time; works on a running event loop. `strays` counts replies that nobody waited for."""

    def __init__(self, settings: PingSettings) -> None:
        self._settings = settings
        self._tries: list[Tries] = []
        self._nonce = b""
        self.sent = 0
        self.strays = 0

    async def round(self, targets: Mapping[str, str]) -> dict[str, Reachability]:
        """How each target (a name and its address) is reached. Raises `SystemFault` where no family can be pinged; of
        one that cannot be, targets are left out."""
        settings = self._settings
        sockets = self._sockets({ipaddress.ip_address(address).version for address in targets.values()})
        names = [name for name, address in targets.items() if ipaddress.ip_address(address).version in sockets]
        self._tries = [Tries(str(ipaddress.ip_address(targets[name]))) for name in names]
        self._nonce = os.urandom(8)
        try:
            for attempt in range(settings.attempts):
                began = asyncio.get_running_loop().time()
                await self._send_all(sockets, attempt)
                spent = asyncio.get_running_loop().time() - began
                if attempt + 1 < settings.attempts:
                    await asyncio.sleep(max(0.0, settings.apart_s - spent))
            await self._listen()
        finally:
            for each in sockets.values():
                each.close()
        tries, self._tries = self._tries, []
        return {name: each.reachability(settings.attempts) for name, each in zip(names, tries, strict=True)}

    def _sockets(self, versions: set[int]) -> dict[int, EchoSocket]:
        opened: dict[int, EchoSocket] = {}
        fault: SystemFault | None = None
        for version in sorted(versions):
            made = EchoSocket(version, self._heard)
            try:
                made.open()
            except SystemFault as error:
                log.warning("not pinged version=%d reason=%s", version, error)
                fault = error
                continue
            opened[version] = made
        if fault is not None and not opened:
            raise fault
        return opened

    async def _send_all(self, sockets: dict[int, EchoSocket], attempt: int) -> None:
        """A request to each target, so many in each turn of the pace."""
        loop = asyncio.get_running_loop()
        began, rate = loop.time(), self._settings.per_second
        for number, tries in enumerate(self._tries):
            ahead = number / rate - (loop.time() - began)
            if ahead > _TURN_S:
                await asyncio.sleep(ahead)
            elif number % 64 == 63:
                await asyncio.sleep(0)
            version = 6 if ":" in tries.address else 4
            at = sockets[version].send(tries.address, Echo(self._nonce, number, attempt))
            if at is not None:
                tries.sent_ns[attempt] = at
                self.sent += 1

    async def _listen(self) -> None:
        """Until all have answered or the patience is over."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settings.patience_s
        while loop.time() < until and any(len(each.rtt_ms) < len(each.sent_ns) for each in self._tries):
            await asyncio.sleep(0.02)

    def _heard(self, address: str, echo: Echo, at_ns: int) -> None:
        """Only what was sent in this round counts, and only from whom it was sent to."""
        known = echo.nonce == self._nonce and echo.target < len(self._tries)
        tries = self._tries[echo.target] if known else None
        if tries is None or tries.address != address or not tries.heard(echo.attempt, at_ns):
            self.strays += 1
