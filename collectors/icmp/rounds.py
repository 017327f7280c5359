"""Pings every device of the inventory, round after round, and ships what it says as samples."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from collectors.icmp.pinger import Pinger, PingSettings
from collectors.icmp.reachability import Reachability
from wardwatch.errors import StoreFault, SystemFault
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Batch, SampleBlock
from wardwatch.model.tallies import polled
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.model.time import Clock
from wardwatch.scheduling import Scheduler

log = logging.getLogger(__name__)

MEASUREMENT = "reachability"
_JOB = "reachability"

Put = Callable[[Batch], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ReachabilitySettings:
    """How often all devices are pinged, and how."""

    interval: timedelta = timedelta(seconds=60)
    ping: PingSettings = field(default_factory=PingSettings)


class ReachabilityRounds:
    """`rounds` is scheduled by whoever holds it; one at a time, a round that is due meanwhile is left out."""

    def __init__(self, settings: ReachabilitySettings, inventory: Inventory, put: Put, clock: Clock) -> None:
        self._settings = settings
        self._devices = inventory.devices
        self._put = put
        self._clock = clock
        self._pinger = Pinger(settings.ping)
        self._silent = 0
        self._rounds = 0
        self._lost = 0
        self.fault: Words = NO_WORDS

    def reload(self, inventory: Inventory) -> None:
        """Takes another inventory, from the next round on."""
        self._devices = inventory.devices

    def schedule(self, scheduler: Scheduler) -> None:
        scheduler.every(_JOB, self._settings.interval, self.round)

    async def round(self) -> None:
        """One round to the journal. What nobody can ping or keep is told by `fault` and `figures`."""
        devices, at = self._devices, self._clock()
        try:
            found = await self._pinger.round({device.id: device.address for device in devices.values()})
        except SystemFault as fault:
            self.fault = Words(f"Không gửi được ICMP: {fault}", str(fault))
            log.error("devices not pinged reason=%s", fault)
            return
        self.fault = NO_WORDS
        blocks = tuple(
            SampleBlock(MEASUREMENT, name, devices[name].unit, at, ("",), _columns(each))
            for name, each in found.items()
        )
        self._rounds += 1
        self._silent = sum(each.rtt_ms is None for each in found.values())
        if not blocks:
            return
        try:
            batch = Batch("", "", 0, blocks=blocks)
            await self._put(replace(batch, read=polled(batch)))
        except StoreFault as fault:
            self._lost += len(blocks)
            log.error("reachability lost samples=%d reason=%s", len(blocks), fault)

    def figures(self) -> dict[str, float]:
        """What it did, for the board and the metrics."""
        return {
            "devices": float(len(self._devices)),
            "rounds": float(self._rounds),
            "silent_devices": float(self._silent),
            "requests": float(self._pinger.sent),
            "stray_replies": float(self._pinger.strays),
            "samples_lost": float(self._lost),
        }


def _columns(found: Reachability) -> dict[str, tuple[float | None, ...]]:
    return {"loss_pct": (found.loss_pct,), "rtt_ms": (found.rtt_ms,), "jitter_ms": (found.jitter_ms,)}
