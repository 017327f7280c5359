"""The simulator: an inventory that answers SNMP."""

import asyncio
import hashlib
import threading
import time
from collections.abc import Callable
from typing import Self

from collectors.snmp.simulator.agent import DeviceAgent, respond
from collectors.snmp.simulator.cabling import Cabling, cable
from collectors.snmp.simulator.city import Endpoint, build_city
from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.counts import Counts
from collectors.snmp.simulator.fault_calendar import FaultCalendar, FaultState
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.products import Products
from collectors.snmp.simulator.server import UdpServer
from wardwatch.errors import UserError
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import Clock
from wardwatch.strict_yaml import nearest


class Simulator:
    """Answers SNMP for every device of an inventory, each at its own loopback address.

    `start` builds the agents and binds the sockets (`UserError` says which device or port stands in the way), `run`
    answers until `stop`, which any thread or signal handler may call. As an asynchronous context manager it serves from
    a thread of its own.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        inventory: Inventory,
        secrets: Callable[[str], str],
        faults: FaultSchedule,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._inventory = inventory
        self._secrets = secrets
        self._faults = faults
        self._clock = clock
        self.counts = Counts()
        self._server = UdpServer(settings, self._reply, time.monotonic, self.counts)
        self._agents: dict[Endpoint, DeviceAgent] = {}
        self._calendar: FaultCalendar | None = None
        self._state = FaultState()
        self._now_s = 0.0
        self._second = -1
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Builds the city and binds its ports; `run` answers from then on."""
        products = Products.shipped()
        cabling = cable(self._inventory, products)
        check(self._faults, cabling)
        self._calendar = FaultCalendar(self._faults, cabling)
        start = self._clock()
        self._agents = build_city(
            self._settings, self._inventory, self._secrets, cabling, products, self._calendar, start, self.counts
        )
        self._look_at_the_clock()
        self._server.open(port for _, port in self._agents)

    def run(self) -> None:
        """Answers until `stop`, then closes the sockets."""
        try:
            self._server.run()
        finally:
            self._server.close()

    def stop(self) -> None:
        """Makes `run` return. May be called from another thread or a signal handler."""
        self._server.stop()

    async def __aenter__(self) -> Self:
        self.start()
        self._thread = threading.Thread(target=self.run, name="simulator")
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    @property
    def ports(self) -> list[int]:
        """The UDP ports it answers on."""
        return sorted({port for _, port in self._agents})

    def _look_at_the_clock(self) -> None:
        self._now_s = self._clock().timestamp()
        if int(self._now_s) == self._second or self._calendar is None:
            return
        self._second = int(self._now_s)
        self._state = self._calendar.at(self._second)

    def _reply(self, endpoint: Endpoint, request: bytes) -> tuple[bytes | None, float]:
        agent = self._agents.get(endpoint)
        if agent is None:
            self.counts.add("dropped_no_device")
            return None, 0.0
        self._look_at_the_clock()
        state = self._state
        if agent.device in state.silent:
            self.counts.add("silent_by_fault")
            return None, 0.0
        agent.walk = state.walks.get(agent.device)
        reply = respond(request, agent, self._now_s)
        if reply is not None and agent.device in state.malformed:
            self.counts.add("malformed_by_fault")
            reply = spoil(reply, request)
        return reply, state.delay_s.get(agent.device, 0.0)


def spoil(reply: bytes, request: bytes) -> bytes:
    """A reply as a broken agent sends it: cut in half, or with noise for its second half and an octet short; which one
    follows from the request, so that a run can be repeated. Either way its outer length is wrong, so no strict reader
    can take it for an answer."""
    half = len(reply) // 2
    noise = hashlib.blake2b(request).digest()
    if noise[0] & 1:
        return reply[:half]
    return reply[:half] + (noise * (half // len(noise) + 1))[: len(reply) - half - 1]


def check(faults: FaultSchedule, cabling: Cabling) -> None:
    """Raises `UserError` for a fault of a device or port that is not there."""
    for fault in faults.faults:
        problem = misplaced(fault.device, fault.port, cabling)
        if problem is not None:
            raise UserError(f"a {fault.kind} fault {problem}")


def misplaced(device: str, port: str | None, cabling: Cabling) -> str | None:
    """What is wrong with where a fault is to be, in words; None when the place exists."""
    if device not in cabling.sockets:
        return f"names the unknown device '{device}'{_hint(device, list(cabling.sockets))}"
    if port is not None and cabling.port(device, port) is None:
        known = [socket.name for socket in cabling.sockets[device]]
        return f"names the unknown port '{port}' of '{device}'{_hint(port, known)}"
    return None


def _hint(word: str, known: list[str]) -> str:
    """The nearest known word; a whole city's devices are too many to list."""
    hint = nearest(word, known)
    return f": {hint}" if len(known) <= 60 or not hint.startswith("known:") else ""
