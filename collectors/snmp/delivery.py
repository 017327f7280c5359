"""Readings on their way to whoever takes them: gathered for a second or so, bounded, delivered in batches."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from collectors.snmp.metrics import SnmpMetrics
from collectors.snmp.poll import DeviceReading
from wardwatch.model.records import DeviceFacts, PollOutcome, SampleBlock

log = logging.getLogger(__name__)

Sink = Callable[[Sequence[SampleBlock], Sequence[PollOutcome], Sequence[DeviceFacts]], Awaitable[None]]
"""Takes a batch; when it returns, the batch is safe. It raises when it could not."""

LONGEST_PAUSE_S = 30.0


class Delivery:
    """Hands readings to the sink, after `gather_s` or as soon as `batch` of them wait.

    A sink that fails gets the same batch again, later and later. Meanwhile up to `capacity` readings wait; beyond
    that the oldest is dropped and counted, for a fresh reading is worth more.
    """

    def __init__(self, sink: Sink, metrics: SnmpMetrics, batch: int, capacity: int, gather_s: float) -> None:
        self._sink = sink
        self._metrics = metrics
        self._batch = batch
        self._capacity = capacity
        self._gather_s = gather_s
        self._waiting: deque[DeviceReading] = deque()
        self._enough = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def put(self, reading: DeviceReading) -> None:
        """Queues a reading; never waits."""
        if len(self._waiting) >= self._capacity:
            self._waiting.popleft()
            self._metrics.dropped.inc()
        self._waiting.append(reading)
        self._metrics.queued.set(len(self._waiting))
        if len(self._waiting) >= self._batch:
            self._enough.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="snmp-delivery")

    async def stop(self) -> None:
        """Delivers what waits, once; what the sink does not take then is dropped and counted."""
        self._stopping.set()
        self._enough.set()
        if self._task is not None:
            await self._task
            self._task = None

    async def flush_batch(self) -> None:
        """Delivers what waits if it is a whole batch; else, and while another delivery is under way, nothing."""
        if len(self._waiting) >= self._batch and not self._flushing.locked():
            await self.flush()

    async def flush(self) -> None:
        """Delivers everything that waits now. Raises what the sink raises; the batch then waits again."""
        async with self._flushing:
            await self._flush()

    async def _flush(self) -> None:
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
            try:
                await self._sink(
                    [block for reading in taken for block in reading.blocks],
                    [reading.outcome for reading in taken],
                    [facts for reading in taken for facts in reading.facts],
                )
            except BaseException:
                self._return(taken)
                raise
            finally:
                self._metrics.queued.set(len(self._waiting))

    def _return(self, taken: list[DeviceReading]) -> None:
        room = max(0, self._capacity - len(self._waiting))
        self._metrics.dropped.inc(max(0, len(taken) - room))
        self._waiting.extendleft(reversed(taken[max(0, len(taken) - room) :]))

    async def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            pause = self._gather_s if failures == 0 else min(LONGEST_PAUSE_S, self._gather_s * 2**failures)
            await self._pause(pause, until=self._enough if failures == 0 else self._stopping)
            self._enough.clear()
            try:
                await self.flush()
                failures = 0
            except Exception as error:
                # Whatever the sink trips over: polling goes on, and the batch is tried again.
                failures = min(failures + 1, 10)
                self._metrics.delivery_failures.inc()
                log.warning("delivery failed, will be tried again queued=%d error=%s", len(self._waiting), error)
        try:
            await self.flush()
        except Exception as error:
            log.error("readings lost at stop count=%d error=%s", len(self._waiting), error)
            self._metrics.dropped.inc(len(self._waiting))
            self._waiting.clear()

    async def _pause(self, seconds: float, until: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await until.wait()
