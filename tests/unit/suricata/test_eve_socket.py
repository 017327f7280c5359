"""The EVE socket with a real journal: every line once, whatever its writers do, and drops that are counted."""

import asyncio
import contextlib
import socket
import stat
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from collectors.suricata.eve_gather import GatherLimits, LineGatherer
from collectors.suricata.eve_socket import DROPPED, EveSocket, EveSocketSettings
from collectors.suricata.mapper import EveMapper
from wardwatch.errors import StoreFault, UserError
from wardwatch.model.records import Batch
from wardwatch.shipping import Journal

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def record(number: int) -> str:
    return f'{{"timestamp":"2026-01-01T00:00:00.{number:06d}+0000","event_type":"dns","flow_id":{number}}}'


@dataclass
class Stage:
    """A listening socket, what it journals, and switches for what goes wrong."""

    folder: Path
    limits: GatherLimits = field(default_factory=lambda: GatherLimits(retry_s=0.01))
    max_connections: int = 64
    full: bool = False
    broken: bool = False
    journal: Journal = field(init=False)
    lines: LineGatherer = field(init=False)
    door: EveSocket = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder / "journal", "ingest")
        self.journal.open()
        mapper = EveMapper(None, lambda: NOW)
        self.lines = LineGatherer(self.limits, mapper, self.put, lambda: not self.full, "run-1", "eve.sock")
        where = EveSocketSettings(self.path, self.folder / "eve-dgram.sock", max_connections=self.max_connections)
        self.door = EveSocket(where, self.lines)

    @property
    def path(self) -> Path:
        return self.folder / "eve.sock"

    async def put(self, batch: Batch) -> None:
        if self.broken:
            raise StoreFault("the disk is full")
        await asyncio.to_thread(self.journal.append, batch)

    def journaled(self) -> list[Batch]:
        found = []
        while (batch := self.journal.oldest()) is not None:
            found.append(batch)
            self.journal.acknowledge(batch.sequence)
        return found

    def connected(self) -> socket.socket:
        writer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        writer.connect(str(self.path))
        return writer


def run(stage: Stage, story: Callable[[], Awaitable[None]]) -> list[Batch]:
    """Plays the story while the socket listens; what the journal holds after the stop."""

    async def play() -> None:
        async with stage.door:
            await asyncio.wait_for(story(), 20)

    asyncio.run(play())
    return stage.journaled()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def originals(batches: list[Batch]) -> Counter[str]:
    return Counter(
        [event.original for batch in batches for event in batch.events]
        + [refused.original for batch in batches for refused in batch.rejected]
    )


def test_lines_of_several_writers_are_journaled_each_at_its_own_position(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    rows = [record(number) for number in range(300)]

    async def story() -> None:
        writers = [stage.connected() for _ in range(3)]
        for number, row in enumerate(rows):
            data = row.encode() + b"\n"
            writers[number % 3].sendall(data[:20])
            await asyncio.sleep(0)
            writers[number % 3].sendall(data[20:])
        await until(lambda: stage.lines.lines == len(rows))
        for writer in writers:
            writer.close()
        await until(lambda: stage.door.connections == 0)

    batches = run(stage, story)
    assert originals(batches) == Counter(rows)
    positions = [event.position for batch in batches for event in batch.events]
    assert len(set(positions)) == len(rows)
    assert {position.source for position in positions} == {"run-1"}
    assert batches[-1].progress[0].offset == sum(len(row) + 1 for row in rows)
    assert sum(batch.read["run-1"] for batch in batches) == len(rows)


def test_what_a_writer_leaves_unfinished_is_kept_as_refused(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def story() -> None:
        writer = stage.connected()
        writer.sendall(record(1).encode() + b'\n{"timestamp":"2026-0')
        writer.close()
        await until(lambda: stage.lines.lines == 2)

    (rejected,) = (member for batch in run(stage, story) for member in batch.rejected)
    assert rejected.original == '{"timestamp":"2026-0'
    assert rejected.reason.startswith("the line is not JSON")


def test_a_stop_takes_what_was_written_before_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    rows = [record(number) for number in range(500)]

    async def story() -> None:
        writer = stage.connected()
        await until(lambda: stage.door.connections == 1)
        writer.sendall("\n".join(rows).encode())
        datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        datagrams.connect(str(tmp_path / "eve-dgram.sock"))
        datagrams.send(record(999).encode() + b"\n")

    assert originals(run(stage, story)) == Counter([*rows, record(999)])
    assert not stage.path.exists()


def test_a_full_journal_stops_the_reading_of_streams_and_nothing_is_lost(tmp_path: Path) -> None:
    stage = Stage(tmp_path, full=True)
    rows = [record(number) for number in range(20_000)]

    async def story() -> None:
        writer = stage.connected()
        sent = asyncio.get_running_loop().run_in_executor(None, writer.sendall, "\n".join(rows).encode())
        await until(lambda: stage.lines.waits)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(sent), 0.2)
        assert not sent.done(), "the writer must be held up"
        assert stage.lines.lines == 0
        stage.full = False
        await sent
        writer.close()
        await until(lambda: stage.lines.lines == len(rows))

    assert originals(run(stage, story)) == Counter(rows)


def test_datagrams_without_room_are_dropped_and_counted_in_the_next_batch(tmp_path: Path) -> None:
    stage = Stage(tmp_path, GatherLimits(held_bytes=1000, retry_s=0.01), broken=True)
    rows = [record(number) for number in range(50)]

    def heard(said: int) -> bool:
        return stage.lines.dropped.total() + stage.lines.held_lines == said

    async def story() -> None:
        writer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        writer.connect(str(tmp_path / "eve-dgram.sock"))
        for number, row in enumerate(rows, start=1):
            writer.send(row.encode() + b"\n")
            await until(partial(heard, number))
        stage.broken = False
        await until(lambda: stage.lines.lines > 0)

    batches = run(stage, story)
    stored = originals(batches).total()
    drops = sum((Counter(batch.drops) for batch in batches), Counter())
    assert 0 < stored < len(rows)
    assert drops == Counter({DROPPED: len(rows) - stored})


def test_who_may_write_and_how_many(tmp_path: Path) -> None:
    stage = Stage(tmp_path, max_connections=1)

    async def story() -> None:
        assert stat.S_IMODE(stage.path.stat().st_mode) == 0o660
        first, second = stage.connected(), stage.connected()
        await until(lambda: stage.door.turned_away == 1)
        assert second.recv(1) == b""
        first.sendall(record(1).encode() + b"\n")
        await until(lambda: stage.lines.lines == 1)

    assert originals(run(stage, story)) == Counter([record(1)])


def test_a_socket_left_behind_is_replaced_and_a_file_is_not(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left.bind(str(tmp_path / "eve.sock"))
    left.close()
    stage = Stage(tmp_path)

    async def story() -> None:
        stage.connected().sendall(record(1).encode() + b"\n")
        await until(lambda: stage.lines.lines == 1)

    assert originals(run(stage, story)) == Counter([record(1)])
    stage.path.write_text("mine")
    with pytest.raises(UserError, match="is no socket"):
        run(Stage(tmp_path), story)
    assert stage.path.read_text() == "mine"
