"""Brings Suricata's events in: read, map, hand to the sink, and only then go on.

While one batch is being made durable the next one is read and mapped, never more: when the sink does not answer,
reading stops, nothing is lost, and the lag grows where everybody sees it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from collectors.suricata.mapper import EveMapper
from collectors.suricata.tail import EveTail, TailStatus
from wardwatch.model.records import Batch

log = logging.getLogger(__name__)

Sink = Callable[[Batch], Awaitable[object]]
"""Takes a batch that has no number yet and returns when it is durable. It waits and retries on its own, and raises only
what cannot be mended."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """How often files without news are looked at."""

    poll_s: float = 0.2


@dataclass(frozen=True, slots=True)
class IngestStatus:
    """What the component shows: delivered events and refused lines since the start, how its files are, and whether it
    waits for the sink just now."""

    events: int
    rejected: int
    tail: TailStatus
    delivering: bool


class SuricataIngest:
    """Follows the tail for as long as it runs; `__aexit__` waits for the batch that is under way."""

    def __init__(
        self,
        settings: IngestSettings,
        tail: EveTail,
        mapper: EveMapper,
        sink: Sink,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._tail = tail
        self._mapper = mapper
        self._sink = sink
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self._events = 0
        self._rejected = 0
        self._delivering = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.run(), name="suricata-ingest")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._tail.close()

    async def wait(self) -> None:
        """Runs until the component fails; its error is raised."""
        if self._task is not None:
            await self._task

    def status(self) -> IngestStatus:
        return IngestStatus(self._events, self._rejected, self._tail.status(), self._delivering)

    async def run(self) -> None:
        """Delivers batch after batch, and sleeps when there is nothing new."""
        while True:
            if not await self.drain():
                await self._sleep(self._settings.poll_s)

    async def drain(self) -> int:
        """Delivers everything that is there now; returns how many lines that was."""
        delivered = 0
        batch = await self._fetch()
        while batch is not None:
            delivery = asyncio.ensure_future(self._deliver(batch))
            try:
                following = await self._fetch()
            except BaseException:
                delivery.cancel()
                raise
            await delivery
            delivered += len(batch.events) + len(batch.rejected)
            batch = following
        return delivered

    async def _deliver(self, batch: Batch) -> None:
        self._delivering = True
        await self._sink(batch)
        self._delivering = False
        self._events += len(batch.events)
        if batch.rejected:
            self._rejected += len(batch.rejected)
            first = batch.rejected[0]
            log.warning(
                "lines rejected count=%d path=%s first_offset=%d reason=%s",
                len(batch.rejected),
                ",".join(progress.path for progress in batch.progress),
                first.position.offset,
                first.reason,
            )

    async def _fetch(self) -> Batch | None:
        """The next batch, read in a thread; a cancelled reader waits for that thread, which still uses the files."""
        reading = asyncio.ensure_future(asyncio.to_thread(self._next))
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            await asyncio.wait([reading])
            raise

    def _next(self) -> Batch | None:
        chunk = self._tail.read()
        if chunk is None:
            return None
        events, rejected = self._mapper.map(chunk.lines)
        return Batch(
            "",
            "",
            0,
            events=tuple(events),
            rejected=tuple(rejected),
            progress=chunk.progress,
            drops=chunk.drops,
            read={chunk.lines[0].position.source: len(chunk.lines)} if chunk.lines else {},
        )
