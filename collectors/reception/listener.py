"""A listener: the ways by which messages of one kind come in, and the one queue behind them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, Self

from collectors.reception.gathering import Gatherer
from collectors.reception.health import listener_health
from collectors.reception.senders import Senders
from wardwatch.errors import UserError
from wardwatch.model.health import PartHealth
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import Clock


class Way(Protocol):
    """One address. `open` never raises where it cannot be had: then `trouble` says why, and `run` tries again."""

    @property
    def trouble(self) -> UserError | None: ...

    @property
    def port(self) -> int: ...

    async def open(self) -> None: ...

    async def run(self) -> None: ...

    async def close(self) -> None: ...


class Allowed:
    """Who may send just now; the ways ask each time."""

    def __init__(self, inventory: Inventory) -> None:
        self._senders = Senders(inventory)

    def __call__(self) -> Senders:
        return self._senders

    def use(self, inventory: Inventory) -> None:
        self._senders = Senders(inventory)


class Listener:
    """Listens between `__aenter__` and `__aexit__`; what it took by then is in the journal. `figures` are what its
    part shows beside what all of them do; `reloaded` is told of another inventory."""

    def __init__(
        self,
        part: str,
        edge: str,
        began: datetime,
        clock: Clock,
        gatherer: Gatherer,
        ways: Sequence[Way],
        allowed: Allowed,
        figures: Callable[[], dict[str, float]] = dict,
        reloaded: Callable[[Inventory], None] = lambda _: None,
    ) -> None:
        self._part = part
        self._edge = edge
        self._began = began
        self._clock = clock
        self._gatherer = gatherer
        self._allowed = allowed
        self._figures = figures
        self._reloaded = reloaded
        self._tasks: list[asyncio.Task[None]] = []
        self.ways = ways

    async def __aenter__(self) -> Self:
        for way in self.ways:
            await way.open()
        work = [self._gatherer.run(), *(way.run() for way in self.ways)]
        self._tasks = [asyncio.create_task(each, name=self._part) for each in work]
        return self

    async def __aexit__(self, *failure: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for way in self.ways:
            await way.close()
        await self._gatherer.finish()

    async def wait(self) -> None:
        """Runs until a part of it fails; its error is raised."""
        await asyncio.gather(*self._tasks)

    def reload(self, inventory: Inventory) -> None:
        """Takes another inventory: from now on its addresses may send."""
        self._allowed.use(inventory)
        self._reloaded(inventory)

    def health(self) -> Sequence[PartHealth]:
        troubles = [way.trouble for way in self.ways if way.trouble is not None]
        return (
            listener_health(
                self._edge, self._part, self._began, self._clock, self._gatherer, troubles, self._figures()
            ),
        )
