"""What the collector tries besides polling: whether devices are reached, and whether services answer."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Self

from collectors.icmp.rounds import ReachabilityRounds, ReachabilitySettings
from collectors.services.rounds import CheckSettings, ServiceRounds
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Batch
from wardwatch.model.text import NO_WORDS
from wardwatch.model.time import Clock
from wardwatch.scheduling import Scheduler

Put = Callable[[Batch], Awaitable[None]]


class Trying:
    """Pings and checks on a scheduler of its own, between `__aenter__` and `__aexit__`."""

    def __init__(self, inventory: Inventory, put: Put, clock: Clock, began: datetime, edge: str) -> None:
        self._scheduler = Scheduler()
        self._clock = clock
        self._began = began
        self._edge = edge
        self._reached = ReachabilityRounds(ReachabilitySettings(), inventory, put, clock)
        self._services = ServiceRounds(CheckSettings(), inventory, put, clock, self._scheduler)

    async def __aenter__(self) -> Self:
        self._reached.schedule(self._scheduler)
        self._scheduler.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._scheduler.stop()

    async def run(self) -> None:
        """Ships what checks found, until cancelled."""
        await self._services.run()

    def reload(self, inventory: Inventory) -> None:
        """Takes another inventory."""
        self._reached.reload(inventory)
        self._services.reload(inventory)

    def health(self) -> Sequence[PartHealth]:
        """Its two parts."""
        fault = self._reached.fault
        state = PartState.RUNNING if fault == NO_WORDS else PartState.FAILED
        now = self._clock()
        return (
            PartHealth(
                self._edge, "reachability", now, state, self._began, detail=fault, figures=self._reached.figures()
            ),
            PartHealth(self._edge, "services", now, PartState.RUNNING, self._began, figures=self._services.figures()),
        )
