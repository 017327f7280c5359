"""Flows as they come in: who sends is examined here, decoded by a child, summed by the minute, shipped as samples."""

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from collectors.flows.applications import load_applications
from collectors.flows.decoder import Decoder, DecoderSettings
from collectors.flows.front import Front
from collectors.flows.health import flow_health
from collectors.flows.placing import Placing
from collectors.flows.relay import Relay, queue_of
from collectors.flows.rows import FlowRow
from collectors.flows.summing import Minute, SumLimits
from collectors.reception.senders import Senders
from collectors.reception.udp_way import UdpWay
from collectors.udp import UdpSettings
from wardwatch.errors import StoreFault
from wardwatch.model.health import PartHealth
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import Batch, SampleBlock
from wardwatch.model.time import Clock
from wardwatch.settings import Listen

log = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
_READY_S = 5.0
_HANDED_ON_S = 1.0
_UDP_TABLE = Path("/proc/net/udp")


@dataclass(frozen=True, slots=True)
class FlowSettings:
    """Where flows are received, all protocols on every address. A minute is closed `grace_s` after the decoder must
    have printed it; `batch_rows` go into a batch, `waiting_rows` may wait for a journal that is full."""

    udp: tuple[Listen, ...]
    refresh_s: int = 20
    grace_s: float = 5.0
    limits: SumLimits = field(default_factory=SumLimits)
    batch_rows: int = 5_000
    waiting_rows: int = 200_000
    look_s: float = 1.0


class FlowListener:
    """Listens between `__aenter__` and `__aexit__`; what it took by then is in the journal."""

    def __init__(
        self,
        settings: FlowSettings,
        inventory: Inventory,
        put: Callable[[Batch], Awaitable[None]],
        has_room: Callable[[], bool],
        clock: Clock,
        began: datetime,
        edge: str,
    ) -> None:
        self._settings = settings
        self._put = put
        self._has_room = has_room
        self._clock = clock
        self._began = began
        self._edge = edge
        self._applications = load_applications()
        self._minutes: dict[datetime, Minute] = {}
        self._ready: deque[SampleBlock] = deque()
        self._tasks: list[asyncio.Task[None]] = []
        self.counts: Counter[str] = Counter()
        self._relay = Relay()
        self.decoders = {
            name: Decoder(DecoderSettings(name, settings.refresh_s), self._take, began)
            for name, began in (("nfacctd", self._forget), ("sfacctd", lambda: None))
        }
        self.front = Front(self._relay, self.decoders["nfacctd"], self.decoders["sfacctd"])
        self.ways = [
            UdpWay(UdpSettings(each.host, each.port), self.front, self._allowed, clock) for each in settings.udp
        ]
        self._take_inventory(inventory)

    async def __aenter__(self) -> Self:
        """Raises `DocumentError` where the document of applications is wrong."""
        for decoder in self.decoders.values():
            decoder.start()
        for way in self.ways:
            await way.open()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(each.ready.wait() for each in self.decoders.values())), _READY_S)
        work = [self._close_minutes(), *(way.run() for way in self.ways)]
        self._tasks = [asyncio.create_task(each, name="flows") for each in work]
        return self

    async def __aexit__(self, *failure: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for way in self.ways:
            await way.close()
        await self._drained()
        await asyncio.gather(*(decoder.stop() for decoder in self.decoders.values()))
        await self._close(self._clock() + timedelta(days=1))
        with contextlib.suppress(StoreFault):
            await self._ship()
        self._relay.close()

    async def wait(self) -> None:
        """Runs until a part of it fails; its error is raised."""
        await asyncio.gather(*self._tasks, *(each.wait() for each in self.decoders.values()))

    def reload(self, inventory: Inventory) -> None:
        """Takes another inventory: from now on its devices may export."""
        self._take_inventory(inventory)

    def health(self) -> Sequence[PartHealth]:
        troubles = [str(way.trouble.message) for way in self.ways if way.trouble is not None]
        return (
            flow_health(self._edge, self._began, self._clock(), self.front, self.decoders, self._counted(), troubles),
        )

    def _take_inventory(self, inventory: Inventory) -> None:
        self._senders = Senders(inventory)
        self._placing = Placing(inventory, self._applications)

    def _allowed(self) -> Senders:
        return self._senders

    def _forget(self) -> None:
        self.front.forget()

    def _take(self, rows: list[FlowRow]) -> None:
        for row in rows:
            exporter = self.front.exporter(row.exporter)
            if exporter is None:
                self.front.unknown.add(row.exporter)
                continue
            minute = self._minutes.get(row.minute)
            if minute is None:
                minute = self._minutes[row.minute] = Minute(row.minute, self._settings.limits, lambda: self._placing)
            minute.take(row, exporter)
        self.counts["rows"] += len(rows)

    async def _close_minutes(self) -> None:
        while True:
            await asyncio.sleep(self._settings.look_s)
            self._look_at_the_decoders()
            await self._close(self._clock())
            try:
                await self._ship()
            except StoreFault as fault:
                log.error("samples of flows wait rows=%d reason=%s", self._waiting_rows(), fault)

    async def _close(self, now: datetime) -> None:
        """Turns the minutes that are over into samples."""
        late = timedelta(seconds=self._settings.refresh_s + self._settings.grace_s)
        for start in sorted(self._minutes):
            if now < start + _MINUTE + late:
                continue
            minute = self._minutes.pop(start)
            # What comes later of the same minute is stored beside this: at another instant of it.
            at = start + timedelta(milliseconds=int(self._clock().timestamp() * 1000) % 60_000)
            blocks = await asyncio.to_thread(minute.blocks, at.astimezone(UTC))
            self.counts.update(minute.counts)
            self._ready.extend(blocks)
        while self._waiting_rows() > self._settings.waiting_rows:
            self.front.full.add(self._ready[0].device, len(self._ready.popleft().index))

    async def _ship(self) -> None:
        """Raises `StoreFault`; what was not written is kept."""
        while self._ready or self.front.untold():
            if not self._has_room():
                raise StoreFault("the journal is full")
            blocks: list[SampleBlock] = []
            rows = 0
            for block in self._ready:
                if blocks and rows + len(block.index) > self._settings.batch_rows:
                    break
                blocks.append(block)
                rows += len(block.index)
            await self._put(Batch("", "", 0, blocks=tuple(blocks), drops=self.front.drops()))
            for _ in blocks:
                self._ready.popleft()
            self.counts["samples"] += rows

    def _waiting_rows(self) -> int:
        return sum(len(block.index) for block in self._ready)

    def _look_at_the_decoders(self) -> None:
        table = _UDP_TABLE.read_text()
        for name, decoder in self.decoders.items():
            if decoder.ready.is_set() and (found := queue_of(decoder.port, table)) is not None:
                self.front.decoder_dropped(name, decoder.port, found[1])

    async def _drained(self) -> None:
        """Waits, not for long, until the decoders have taken what was sent to them."""
        for _ in range(100):
            table = _UDP_TABLE.read_text()
            if not any(
                waiting for each in self.decoders.values() if (waiting := (queue_of(each.port, table) or (0,))[0])
            ):
                break
            await asyncio.sleep(0.02)
        # What the decoder's first process has read, its second must have taken before it is told to end.
        await asyncio.sleep(_HANDED_ON_S)
        self._look_at_the_decoders()

    def _counted(self) -> dict[str, float]:
        return {
            **{name: float(count) for name, count in self.counts.items()},
            "waiting_rows": float(self._waiting_rows()),
        }
