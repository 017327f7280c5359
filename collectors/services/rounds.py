"""Does the checks of the inventory at their intervals, and ships samples and what has changed."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from collectors.services.check import run_check
from collectors.services.telling import certificate_change_of, change_of, sample_of
from wardwatch.errors import StoreFault
from wardwatch.model.checks import CheckResult
from wardwatch.model.inventory import Check, Inventory
from wardwatch.model.records import Batch, Event, Position, SampleBlock, SourceProgress
from wardwatch.model.tallies import polled
from wardwatch.model.time import Clock
from wardwatch.scheduling import Scheduler

log = logging.getLogger(__name__)

_JOB = "check "
_SOURCE_PATH = "services"

Put = Callable[[Batch], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """`at_once` checks run together at most; a service has fallen after `failures` of a check in a row; what was found
    is gathered for `linger_s` before it is shipped."""

    at_once: int = 64
    failures: int = 2
    linger_s: float = 1.0


@dataclass(slots=True)
class _Known:
    """Of a check: failures in a row, and what was told last (None: nothing yet)."""

    failures: int = 0
    down: bool | None = None
    late: bool | None = None


class ServiceRounds:
    """Checks are jobs of the scheduler it is given; `run` ships."""

    def __init__(
        self, settings: CheckSettings, inventory: Inventory, put: Put, clock: Clock, scheduler: Scheduler
    ) -> None:
        self._settings = settings
        self._put = put
        self._clock = clock
        self._scheduler = scheduler
        self._at_once = asyncio.Semaphore(settings.at_once)
        self._known: dict[str, _Known] = {}
        self._jobs: dict[str, Check] = {}
        self._source = str(uuid.uuid4())
        self._offset = 0
        self._blocks: list[SampleBlock] = []
        self._events: list[Event] = []
        self._found = asyncio.Event()
        self._done = 0
        self._failing: set[str] = set()
        self._lost = 0
        self.reload(inventory)

    def reload(self, inventory: Inventory) -> None:
        """Takes another inventory: new checks are scheduled, gone ones are not, changed ones begin anew."""
        self._inventory = inventory
        for name in self._jobs.keys() - inventory.checks.keys():
            self._scheduler.remove(_JOB + name)
            self._known.pop(name, None)
            self._failing.discard(name)
            del self._jobs[name]
        for name, check in inventory.checks.items():
            if self._jobs.get(name) != check:
                self._jobs[name] = check
                self._scheduler.every(_JOB + name, timedelta(seconds=check.interval_s), partial(self.once, name))

    async def once(self, name: str) -> None:
        """One check, now."""
        check = self._jobs.get(name)
        if check is None:
            return
        async with self._at_once:
            result = await run_check(check, self._clock)
        if self._jobs.get(name) == check:
            self._take(check, result)

    async def run(self) -> None:
        """Ships until cancelled."""
        while True:
            await self._found.wait()
            await asyncio.sleep(self._settings.linger_s)
            self._found.clear()
            await self._ship()

    def figures(self) -> dict[str, float]:
        """What it did, for the board and the metrics."""
        return {
            "checks": float(len(self._jobs)),
            "checks_done": float(self._done),
            "checks_failing": float(len(self._failing)),
            "results_lost": float(self._lost),
        }

    def _take(self, check: Check, result: CheckResult) -> None:
        service = self._inventory.services.get(check.service)
        if service is None:
            return
        self._done += 1
        (self._failing.discard if result.up else self._failing.add)(check.id)
        self._blocks.append(sample_of(result, service))
        known = self._known.setdefault(check.id, _Known())
        known.failures = 0 if result.up else known.failures + 1
        down = known.failures >= self._settings.failures
        if down != known.down and (down or result.up):
            known.down = down
            self._events.append(change_of(result, check, service, self._position()))
        if result.certificate_days is not None:
            late = result.certificate_days < check.certificate_days
            if late != known.late:
                known.late = late
                self._events.append(certificate_change_of(result, check, service, self._position(), late))
        self._found.set()

    def _position(self) -> Position:
        position = Position(self._source, self._offset)
        self._offset += 1
        return position

    async def _ship(self) -> None:
        blocks, self._blocks = tuple(self._blocks), []
        events, self._events = tuple(self._events), []
        progress = SourceProgress(self._source, self._offset, _SOURCE_PATH, "")
        batch = Batch("", "", 0, blocks=blocks, events=events, progress=(progress,) if events else ())
        read = polled(batch) | ({self._source: len(events)} if events else {})
        try:
            await self._put(replace(batch, read=read))
        except StoreFault as fault:
            self._lost += len(blocks) + len(events)
            log.error("results of checks lost results=%d reason=%s", len(blocks), fault)
