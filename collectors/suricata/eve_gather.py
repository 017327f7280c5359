"""Gathers lines that exist nowhere else into batches, and makes each batch durable before it is forgotten."""

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from collectors.suricata.ecs import MAX_LINE_BYTES
from collectors.suricata.generation import Line
from collectors.suricata.mapper import EveMapper
from wardwatch.errors import StoreFault
from wardwatch.model.records import Batch, Position, SourceProgress

log = logging.getLogger(__name__)

Put = Callable[[Batch], Awaitable[object]]
"""Takes a batch that has no number yet and returns when it is durable on this machine. Raises `StoreFault`."""


@dataclass(frozen=True, slots=True)
class GatherLimits:
    """How much is held in memory at most, how large a batch gets, how long lines are gathered for one, and how long
    to wait before the journal is tried again."""

    held_bytes: int = 32 * MAX_LINE_BYTES
    batch_lines: int = 2000
    batch_bytes: int = 4 * MAX_LINE_BYTES
    linger_s: float = 0.05
    retry_s: float = 1.0


class LineGatherer:
    """One source: `source` is new for each run, and a line's offset is how many bytes came before it. `has_room` says
    whether the journal takes more without dropping what it holds; `path` is what people know the source by."""

    def __init__(
        self,
        limits: GatherLimits,
        mapper: EveMapper,
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
        self._held: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._left = asyncio.Event()
        self._untold: Counter[str] = Counter()
        self.held_bytes = 0
        self.waits = False
        self.lines = 0
        self.rejected = 0
        self.dropped: Counter[str] = Counter()

    @property
    def held_lines(self) -> int:
        return len(self._held)

    def hold(self, lines: list[bytes]) -> None:
        """Takes lines, whether there is room or not: for who waits for `room` before reading."""
        if lines:
            self._held.extend(lines)
            self.held_bytes += sum(map(len, lines)) + len(lines)
            self._arrived.set()

    def hold_or_drop(self, lines: list[bytes], reason: str) -> None:
        """Takes lines if there is room, else counts them as dropped: for who cannot leave them where they are."""
        if self.held_bytes + sum(map(len, lines)) <= self._limits.held_bytes:
            self.hold(lines)
            return
        self._untold[reason] += len(lines)
        self.dropped[reason] += len(lines)
        self._arrived.set()

    async def room(self) -> None:
        """Waits until memory and journal take more."""
        while self.held_bytes >= self._limits.held_bytes or not self._has_room():
            if not self.waits:
                log.error(
                    "lines are not read: no room in the journal path=%s held_bytes=%d", self._path, self.held_bytes
                )
            self.waits = True
            self._left.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._left.wait(), self._limits.retry_s)
        self.waits = False

    async def run(self) -> None:
        """Batch after batch into the journal, until cancelled; a full disk is waited for."""
        while True:
            await self._arrived.wait()
            if len(self._held) < self._limits.batch_lines:
                await asyncio.sleep(self._limits.linger_s)
            try:
                await self._write_batch()
            except StoreFault as fault:
                log.error("lines wait path=%s held_bytes=%d reason=%s", self._path, self.held_bytes, fault)
                await asyncio.sleep(self._limits.retry_s)
            if not self._held and not self._untold:
                self._arrived.clear()

    async def finish(self) -> None:
        """Writes what is left, once `run` has ended. What the journal does not take then is lost, and said."""
        try:
            while self._held or self._untold:
                await self._write_batch()
        except StoreFault as fault:
            log.error("lines lost path=%s lines=%d reason=%s", self._path, len(self._held), fault)

    async def _write_batch(self) -> None:
        """The lines leave the memory when they are durable. Cancelled, it finishes first: nobody knows how far it
        is."""
        lines, after = self._next_lines()
        drops = dict(self._untold)
        writing = asyncio.ensure_future(self._durable(lines, after, drops))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            with contextlib.suppress(StoreFault):
                await writing
            raise

    async def _durable(self, lines: list[Line], after: int, drops: dict[str, int]) -> None:
        events, rejected = await asyncio.to_thread(self._mapper.map, lines)
        batch = Batch(
            *("", "", 0),
            events=tuple(events),
            rejected=tuple(rejected),
            progress=(SourceProgress(self._source, after, self._path, ""),),
            drops=drops,
            read={self._source: len(lines)} if lines else {},
        )
        await self._put(batch)
        for _ in lines:
            self._held.popleft()
        self.held_bytes -= after - self._offset
        self._offset = after
        self.lines += len(lines)
        self.rejected += len(rejected)
        self._untold = +(self._untold - Counter(drops))
        self._left.set()

    def _next_lines(self) -> tuple[list[Line], int]:
        """The lines of the next batch, and the offset behind them."""
        lines: list[Line] = []
        offset, size = self._offset, 0
        for data in self._held:
            if len(lines) >= self._limits.batch_lines or size >= self._limits.batch_bytes:
                break
            lines.append(Line(Position(self._source, offset), data))
            offset += len(data) + 1
            size += len(data)
        return lines, offset
