"""Holds what was received until it is durable: maps it in batches, journals it, and says what found no room.

While one batch is being written the next one is mapped, never more. What cannot be held is dropped and counted by
sender; once half of the room is taken, a sender that has more than its share loses its own before anybody else's.
"""

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from collectors.reception.counts import SourceCounts
from collectors.reception.senders import Sender
from wardwatch.errors import StoreFault
from wardwatch.model.records import Batch, Event, Position, Rejected, SourceProgress

log = logging.getLogger(__name__)

Put = Callable[[Batch], Awaitable[None]]
"""Takes a batch that has no number yet and returns when it is durable on this machine. Raises `StoreFault`."""

Answer = Callable[[bytes], None]
"""Sends an answer to whoever sent; never raises."""


class Received(NamedTuple):
    """One message as it came; `answer` where the way it came by can be answered."""

    data: bytes
    sender: Sender
    at: datetime
    answer: Answer | None = None


@dataclass(slots=True)
class Mapped:
    """What some messages became; `answers` are sent when all of it is durable. `passed` counts those that say nothing
    of any device (a peer asks who we are)."""

    events: list[Event] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    answers: list[tuple[Answer, bytes]] = field(default_factory=list)
    passed: int = 0


class Mapper(Protocol):
    """Turns each message into an event or a refusal with the position that it is given, or passes it; never raises."""

    def map(self, messages: Sequence[tuple[Position, Received]]) -> Mapped: ...


@dataclass(frozen=True, slots=True)
class GatherLimits:
    """How much is held in memory, how large a batch gets, how long is gathered for a small one and for one of
    counts alone, how long to wait before a full journal is tried again. Each message counts `overhead_bytes` more than
    it has."""

    held_bytes: int = 32 * 1024 * 1024
    overhead_bytes: int = 256
    batch_messages: int = 4000
    batch_bytes: int = 4 * 1024 * 1024
    linger_s: float = 0.05
    counts_linger_s: float = 0.5
    retry_s: float = 1.0
    senders: int = 8
    """A sender's share of the room is one of so many once half of it is taken."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A batch on its way to the journal."""

    batch: Batch
    answers: list[tuple[Answer, bytes]]
    held: Counter[Sender]


class Gatherer:
    """One source of events, new for each run: a message's offset is how many came before it. `kind` (`traps`,
    `syslog`) names what was dropped; `path` is what people know the source by."""

    def __init__(
        self,
        kind: str,
        limits: GatherLimits,
        mapper: Mapper,
        put: Put,
        has_room: Callable[[], bool],
        source: str,
        path: str,
    ) -> None:
        self._limits = limits
        self._mapper = mapper
        self._put = put
        self._has_room = has_room
        self._source = source
        self._path = path
        self._offset = 0
        self._held: deque[Received] = deque()
        self._held_by: Counter[Sender] = Counter()
        self._ready: deque[_Ready] = deque()
        self._arrived = asyncio.Event()
        self._left = asyncio.Event()
        self.held_bytes = 0
        self.waits = False
        self.received = 0
        self.events = 0
        self.rejected = 0
        self.full = SourceCounts(f"{kind}_full")
        self.strangers = SourceCounts(f"{kind}_stranger")
        self.kernel = SourceCounts(f"{kind}_kernel")
        self.refused = SourceCounts(f"{kind}_refused")
        self._counts = (self.full, self.strangers, self.kernel, self.refused)

    def offer(self, message: Received) -> None:
        """Takes a message if there is room for one of its sender, else counts it as dropped."""
        size = len(message.data) + self._limits.overhead_bytes
        if not self._fits(message.sender, size):
            self.full.add(message.sender.address)
            self._arrived.set()
            return
        self.hold(message)

    def hold(self, message: Received) -> None:
        """Takes a message whatever the room: for who waits for `room` before reading."""
        size = len(message.data) + self._limits.overhead_bytes
        self._held.append(message)
        self._held_by[message.sender] += size
        self.held_bytes += size
        self.received += 1
        self._arrived.set()

    def tell(self) -> None:
        """Counts have grown: they are told even if nothing else comes."""
        self._arrived.set()

    @property
    def has_room(self) -> bool:
        return self.held_bytes < self._limits.held_bytes // 2 and self._has_room()

    async def room(self) -> None:
        """Waits until half of the memory is free and the journal takes more."""
        while not self.has_room:
            self.waits = True
            self._left.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._left.wait(), self._limits.retry_s)
        self.waits = False

    async def run(self) -> None:
        """Batch after batch into the journal, until cancelled."""
        writing: asyncio.Task[None] | None = None
        try:
            while True:
                await self._arrived.wait()
                if len(self._held) < self._limits.batch_messages:
                    await asyncio.sleep(self._limits.linger_s if self._held else self._limits.counts_linger_s)
                await self._map_next()
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self._write())
                if not self._held and not any(self._counts):
                    self._arrived.clear()
        finally:
            if writing is not None:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)

    async def finish(self) -> None:
        """Writes what is left, once `run` has ended. What the journal does not take then is lost, and said."""
        try:
            while self._held or self._ready or any(self._counts):
                if not self._ready:
                    await self._map_next()
                await self._write_oldest()
        except StoreFault as fault:
            log.error("messages lost path=%s messages=%d reason=%s", self._path, len(self._held), fault)

    def _fits(self, sender: Sender, size: int) -> bool:
        limit, held = self._limits.held_bytes, self.held_bytes + size
        if held > limit:
            return False
        return held <= limit // 2 or self._held_by[sender] + size <= limit // self._limits.senders

    async def _map_next(self) -> None:
        """The next messages as a batch. Cancelled, it finishes first: they have left the queue."""
        mapping = asyncio.ensure_future(self._mapped())
        try:
            await asyncio.shield(mapping)
        except asyncio.CancelledError:
            await asyncio.wait([mapping])
            raise

    async def _mapped(self) -> None:
        messages, held = self._next()
        first, self._offset = self._offset, self._offset + len(messages)
        positioned = [(Position(self._source, first + number), each) for number, each in enumerate(messages)]
        mapped = await asyncio.to_thread(self._mapper.map, positioned)
        drops = {reason: count for counts in self._counts for reason, count in counts.tell().items()}
        batch = Batch(
            *("", "", 0),
            events=tuple(mapped.events),
            rejected=tuple(mapped.rejected),
            progress=(SourceProgress(self._source, self._offset, self._path, ""),),
            drops=drops,
            read={self._source: read} if (read := len(messages) - mapped.passed) else {},
        )
        self.events += len(batch.events)
        self.rejected += len(batch.rejected)
        self._ready.append(_Ready(batch, mapped.answers, held))

    def _next(self) -> tuple[list[Received], Counter[Sender]]:
        """The messages of the next batch, and the bytes by sender that leave with it."""
        messages: list[Received] = []
        held: Counter[Sender] = Counter()
        limits, size, waiting = self._limits, 0, self._held
        while waiting and len(messages) < limits.batch_messages and size < limits.batch_bytes:
            message = waiting.popleft()
            messages.append(message)
            held[message.sender] += len(message.data) + limits.overhead_bytes
            size += len(message.data)
        return messages, held

    async def _write(self) -> None:
        """Writes what is ready; a full disk or journal is waited for."""
        while self._ready:
            try:
                if not self._has_room():
                    raise StoreFault("the journal is full")
                self.waits = False
                await self._write_oldest()
            except StoreFault as fault:
                if not self.waits:
                    log.error("messages wait path=%s held_bytes=%d reason=%s", self._path, self.held_bytes, fault)
                self.waits = True
                await asyncio.sleep(self._limits.retry_s)

    async def _write_oldest(self) -> None:
        """Cancelled, it finishes first: nobody knows how far it is."""
        writing = asyncio.ensure_future(self._durable(self._ready[0]))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])
            raise

    async def _durable(self, ready: _Ready) -> None:
        await self._put(ready.batch)
        self._ready.popleft()
        for answer, data in ready.answers:
            answer(data)
        self._held_by -= ready.held
        self.held_bytes -= sum(ready.held.values())
        self._left.set()
