"""The collector: polls every device of an inventory once an interval and hands the readings on."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from prometheus_client import CollectorRegistry

from collectors.snmp.credentials import SecretResolver
from collectors.snmp.delivery import Delivery, Sink
from collectors.snmp.failures import alive
from collectors.snmp.metrics import SnmpMetrics
from collectors.snmp.poll import DeviceReading, Poller, PollSettings, Target
from collectors.snmp.profiles.catalogue import Catalogue
from collectors.snmp.quirks import Quirks
from collectors.snmp.visit import Memory
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Outcome, PollOutcome
from wardwatch.model.time import Clock
from wardwatch.scheduling import Scheduler

log = logging.getLogger(__name__)

SILENT_ROUNDS = 2
WHOLE_ATTEMPT_EVERY = 10
REST_AFTER = 10
"""Rounds of silence after which only every other one knocks. No rarer, or outage detection would take our rest for a
lack of data."""

KEEP_QUIRKS_EVERY = timedelta(minutes=5)
_QUIRKS = "\0quirks"
"""A job's name that no device has."""


@dataclass(frozen=True, slots=True)
class RoundSettings:
    """How rounds are run. `in_flight` caps polls at once, `in_flight_site` those of one site; devices that were silent
    or slow last time have caps of their own of the same size, so that they never take the place of those that answer.
    `zones` None polls every zone. Readings are delivered after `gather_s` or `batch` of them; `capacity` may wait."""

    interval_s: float = 60.0
    in_flight: int = 200
    in_flight_site: int = 16
    zones: frozenset[str] | None = None
    batch: int = 200
    capacity: int = 20_000
    gather_s: float = 1.0
    poll: PollSettings = field(default_factory=PollSettings)


class _Lane:
    """Caps on polls at once: as a whole and of one site. A site's place is taken first, so that a poll that waits for
    its site holds no place of the others."""

    def __init__(self, whole: int, site: int) -> None:
        self._whole = asyncio.Semaphore(whole)
        self._of_site = site
        self._sites: dict[str, asyncio.Semaphore] = {}

    async def enter(self, stack: AsyncExitStack, site: str) -> None:
        await stack.enter_async_context(self._sites.setdefault(site, asyncio.Semaphore(self._of_site)))
        await stack.enter_async_context(self._whole)


class SnmpCollector:
    """Polls the devices of an inventory. `start` needs a running event loop; `poll_all` is one round at once."""

    def __init__(
        self,
        settings: RoundSettings,
        inventory: Inventory,
        resolve: SecretResolver,
        sink: Sink,
        clock: Clock,
        registry: CollectorRegistry | None = None,
        catalogue: Catalogue | None = None,
        quirks: Quirks | None = None,
    ) -> None:
        self.metrics = SnmpMetrics(registry or CollectorRegistry())
        self._settings = settings
        self._resolve = resolve
        self._clock = clock
        self._catalogue = catalogue
        self._quirks = quirks
        self._poller = Poller(settings.poll, resolve, clock, catalogue=catalogue)
        self._scheduler = Scheduler()
        self._delivery = Delivery(sink, self.metrics, settings.batch, settings.capacity, settings.gather_s)
        self._lively = _Lane(settings.in_flight, settings.in_flight_site)
        self._troubled = _Lane(settings.in_flight, settings.in_flight_site)
        self._memories: dict[str, Memory] = {}
        # Rounds of silence of devices in trouble; 0 for one that answers but is too slow.
        self._failing: dict[str, int] = {}
        self._targets = targets(inventory, settings.zones)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begins polling; each device at its own moment of its interval."""
        self._delivery.start()
        if self._quirks is not None:
            self._quirks.load()
            self._scheduler.every(_QUIRKS, KEEP_QUIRKS_EVERY, self._keep_quirks)
        for device in self._targets:
            self._schedule(device)
        self.metrics.devices.set(len(self._targets))
        self._scheduler.start()
        log.info("polling started devices=%d interval_s=%g", len(self._targets), self._settings.interval_s)

    async def stop(self) -> None:
        """Starts no more polls and delivers what was read."""
        await self._scheduler.stop()
        await self._keep_quirks()
        await self._delivery.stop()

    def reload(self, inventory: Inventory) -> None:
        """Takes a changed inventory: what is gone is polled no more, what changed is met anew, the rest goes on.
        Secrets are read anew."""
        self._poller = Poller(self._settings.poll, self._resolve, self._clock, catalogue=self._catalogue)
        fresh = targets(inventory, self._settings.zones)
        for device, target in self._targets.items():
            if fresh.get(device) != target:
                self._memories.pop(device, None)
                self._failing.pop(device, None)
            if device not in fresh:
                self._scheduler.remove(device)
                if self._quirks is not None:
                    self._quirks.forget(device)
        added = fresh.keys() - self._targets.keys()
        moved = {d for d in fresh.keys() - added if fresh[d].interval_s != self._targets[d].interval_s}
        self._targets = fresh
        for device in added | moved:
            self._schedule(device)
        self.metrics.devices.set(len(fresh))
        self.metrics.silent.set(sum(rounds > 0 for rounds in self._failing.values()))
        log.info("inventory reloaded devices=%d added=%d", len(fresh), len(added))

    async def poll_all(self) -> None:
        """One round of all devices now, delivered when this returns. Raises what the sink raises."""

        async def one(device: str) -> None:
            await self._poll(device)
            await self._delivery.flush_batch()

        await asyncio.gather(*(one(device) for device in self._targets))
        await self._delivery.flush()

    def _schedule(self, device: str) -> None:
        interval = timedelta(seconds=self._targets[device].interval_s or self._settings.interval_s)
        self._scheduler.every(
            device, interval, lambda: self._poll(device), overlapped=lambda due: self._overlapped(device, due)
        )

    async def _poll(self, device: str) -> None:
        target = self._targets.get(device)
        if target is None:
            return
        silent_rounds = self._failing.get(device)
        if rests(silent_rounds or 0):
            self._failing[device] = (silent_rounds or 0) + 1
            self.metrics.rested.inc()
            return
        lane = self._lively if silent_rounds is None else self._troubled
        async with AsyncExitStack() as places:
            await lane.enter(places, target.site)
            knock = knocks(silent_rounds or 0)
            reading = await self._poller.poll_device(target, self._memory(target), knock)
        self.metrics.missed.set(self._scheduler.counters.missed)
        self.metrics.count(reading)
        if self._targets.get(device) == target:
            self._remember(device, reading)
        self._delivery.put(reading)

    def _memory(self, target: Target) -> Memory | None:
        known = self._memories.get(target.device)
        if known is None and self._quirks is not None:
            return Memory(manners=self._quirks.manners(target.device, target.address))
        return known

    async def _keep_quirks(self) -> None:
        if self._quirks is not None:
            await asyncio.to_thread(self._quirks.save)

    def _remember(self, device: str, reading: DeviceReading) -> None:
        self._memories[device] = reading.memory
        if self._quirks is not None:
            self._quirks.learn(device, self._targets[device].address, reading.memory.manners)
        outcome = reading.outcome
        if not alive(outcome.outcome):
            self._failing[device] = self._failing.get(device, 0) + 1
            if self._failing[device] == 1:
                log.warning("device is silent device=%s outcome=%s detail=%s", device, outcome.outcome, outcome.detail)
        elif outcome.outcome is Outcome.PARTIAL:
            self._failing[device] = 0
        elif self._failing.pop(device, 0):
            log.info("device answers again device=%s", device)
        self.metrics.silent.set(sum(rounds > 0 for rounds in self._failing.values()))

    def _overlapped(self, device: str, due: datetime) -> None:
        target = self._targets.get(device)
        if target is None:
            return
        self.metrics.overlapped.inc()
        self.metrics.polls.labels(Outcome.OVERLAPPED.value).inc()
        detail = f"{device} was not polled: its last poll still runs"
        outcome = PollOutcome(device, target.unit, due, Outcome.OVERLAPPED, 0.0, 0, detail)
        self._delivery.put(DeviceReading((), outcome, (), self._memories.get(device) or Memory()))


def knocks(silent_rounds: int) -> bool:
    """Whether a device that was silent so many rounds is only knocked at: from the third round on, with a whole
    attempt now and then for agents that are too slow for a knock."""
    return silent_rounds >= SILENT_ROUNDS and silent_rounds % WHOLE_ATTEMPT_EVERY != 0


def rests(silent_rounds: int) -> bool:
    """Whether a device that was silent so long is left alone this round."""
    return silent_rounds >= REST_AFTER and silent_rounds % 2 == 1


def targets(inventory: Inventory, zones: frozenset[str] | None) -> Mapping[str, Target]:
    """The devices that have a credential for SNMP, by id."""
    found = {}
    for device in inventory.devices.values():
        credential = inventory.credentials.get(device.credential or "")
        if credential is None or not credential.kind.startswith("snmp"):
            continue
        if zones is not None and device.zone not in zones:
            continue
        where = (device.address, device.snmp_port)
        found[device.id] = Target(device.id, device.unit, device.site, *where, credential, device.poll_interval_s)
    return found
