"""How records leave an edge: through its journal (polled samples), or straight from a source that is its own journal
(a file that stays where it is until the core has its lines)."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from wardwatch.errors import StoreFault, SystemFault, TransportFault, UserError
from wardwatch.model.records import AppendResult, Batch, Rejected, SourceProgress
from wardwatch.shipping.connection import CoreConnection
from wardwatch.shipping.journal import Journal
from wardwatch.shipping.messages import Welcome

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait between tries: doubling from `first_s` to `last_s`. Its end is what an edge may lose of time
    after the core is back (a core takes some seconds to start: with ten here it was up to sixteen)."""

    first_s: float = 0.2
    last_s: float = 3.0

    def after(self, failures: int) -> float:
        """Seconds to wait after that many failures in a row (1 or more)."""
        return min(self.last_s, self.first_s * 2.0 ** min(failures - 1, 20))


class JournalShipper:
    """Ships a journal's batches in order, oldest first, for as long as it runs."""

    def __init__(
        self,
        connection: CoreConnection,
        journal: Journal,
        edge: str,
        backoff: Backoff = Backoff(),
    ) -> None:
        self._connection = connection
        self._journal = journal
        self._edge = self._name = edge
        self._backoff = backoff
        self._waiting = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.failures = 0

    async def put(self, batch: Batch) -> None:
        """Returns when the batch is durable in the journal."""
        await asyncio.to_thread(self._journal.append, batch)
        self._waiting.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="journal-shipper")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def wait(self) -> None:
        """Runs until shipping itself fails; its error is raised."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def drain(self, timeout_s: float) -> bool:
        """Waits until the journal is empty; False when it was not in time (its batches stay on disk)."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._journal.pending:
                    await asyncio.sleep(0.05)
        return not self._journal.pending

    async def _run(self) -> None:
        while True:
            try:
                welcome = await self._connection.hello(self._edge, self._journal.epoch)
                self._name = welcome.edge or self._edge
                if not await asyncio.to_thread(self._journal.resume, welcome.committed):
                    log.error("the core has lost records edge=%s committed=%d", self._edge, welcome.committed)
                    continue
                await self._ship_all()
            except (TransportFault, StoreFault, UserError) as error:
                self.failures += 1
                delay_s = self._backoff.after(self.failures)
                log.warning(
                    "shipping failed edge=%s retry_in_s=%.1f reason=%s",
                    self._edge,
                    delay_s,
                    error,
                )
                await asyncio.sleep(delay_s)

    async def _ship_all(self) -> None:
        while True:
            batch = await asyncio.to_thread(self._journal.oldest)
            if batch is None:
                self._waiting.clear()
                if not self._journal.pending:
                    await self._waiting.wait()
                continue
            try:
                await self._connection.ship(replace(batch, edge=self._name))
            except UserError as refusal:
                if not await asyncio.to_thread(self._journal.set_aside, batch):
                    raise
                log.error("batch kept aside edge=%s sequence=%d reason=%s", self._edge, batch.sequence, refusal)
                continue
            await asyncio.to_thread(self._journal.acknowledge, batch.sequence)
            self.failures = 0


class DirectShipper:
    """Ships batches whose source can be read again: no journal, an epoch of its own for each run.

    A batch whose answer was lost is sent again under the same sequence, so it is stored once. When the core refuses
    events for good, they are shipped as refused lines, whole and with the reason, so that nothing stops behind them.
    """

    def __init__(self, connection: CoreConnection, edge: str, backoff: Backoff = Backoff()) -> None:
        self._connection = connection
        self._edge = edge
        self._name: str | None = None
        self._backoff = backoff
        self._epoch = uuid.uuid4().hex
        self._sequence = 0

    async def sources(self) -> Sequence[SourceProgress]:
        """What the core knows of every source: where a tail goes on."""
        return (await self._hello()).sources

    async def ship(self, batch: Batch) -> AppendResult:
        """Returns when the batch is durable; waits and tries again while the core is away or its store is full.

        Raises `SystemFault` when the core has lost what it had answered: its source must be read again from there.
        """
        self._sequence += 1
        numbered = replace(batch, epoch=self._epoch, sequence=self._sequence)
        failures = 0
        while True:
            try:
                if failures or self._name is None:
                    await self._compare_with_core()
                return await self._connection.ship(replace(numbered, edge=self._name or self._edge))
            except UserError as refusal:
                if not numbered.events:
                    raise
                log.error("events refused edge=%s events=%d reason=%s", self._edge, len(numbered.events), refusal)
                numbered = _as_rejected(numbered, str(refusal))
            except (TransportFault, StoreFault) as error:
                failures += 1
                delay_s = self._backoff.after(failures)
                log.warning(
                    "shipping failed edge=%s retry_in_s=%.1f reason=%s",
                    self._edge,
                    delay_s,
                    error,
                )
                await asyncio.sleep(delay_s)

    async def _hello(self) -> Welcome:
        """Learns under which name to ship: of a remote edge it is the core that says."""
        welcome = await self._connection.hello(self._edge, self._epoch)
        self._name = welcome.edge or self._edge
        return welcome

    async def _compare_with_core(self) -> None:
        committed = (await self._hello()).committed
        if committed < self._sequence - 1:
            raise SystemFault(
                f"the core has lost what it had stored of edge {self._edge}",
                "it is read again from where the core's own store stands",
            )


def _as_rejected(batch: Batch, reason: str) -> Batch:
    refused = tuple(Rejected(event.position, event.at, reason, event.original) for event in batch.events)
    return replace(batch, events=(), rejected=(*batch.rejected, *refused))
