"""Whatever is done to a log, and wherever its reader is killed: each line is read once."""

import itertools
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from collectors.suricata.generation import Chunk, ReadLimits
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.model.records import Position, SourceProgress

QUIET_S = 120.0


class LogAndReader(RuleBasedStateMachine):
    """A writer, logrotate, and a reader that hands on what it reads to a store; a crash forgets what the store has not
    got. Each line has a number of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="wardwatch-tail-")
        self.folder = Path(self._folder.name)
        self.log = self.folder / "eve.json"
        self.numbers, self.sources, self.rotations = itertools.count(1), itertools.count(1), itertools.count(1)
        self.now = 0.0
        self.written: list[bytes] = []
        self.half = b""
        self.stored: dict[Position, bytes] = {}
        self.progress: dict[str, SourceProgress] = {}
        self.lost: Counter[str] = Counter()
        self.read_all = True
        self.writer = self.log.open("ab", buffering=0)
        self.tail = self._tail()
        self._read_everything()  # What was put aside before the first look would not be ours.

    def teardown(self) -> None:
        self._read_everything()
        assert sorted(self.stored.values()) == sorted(self.written), self.lost
        assert not self.lost
        self.tail.close()
        self.writer.close()
        self._folder.cleanup()

    def _tail(self) -> EveTail:
        tail = EveTail(
            TailSettings(self.folder, limits=ReadLimits(lines=3, bytes=256)),
            lambda: f"s{next(self.sources)}",
            lambda: self.now,
        )
        tail.open(list(self.progress.values()))
        return tail

    def _store(self, chunk: Chunk) -> None:
        for line in chunk.lines:
            assert self.stored.get(line.position, line.data) == line.data
            self.stored[line.position] = line.data
        self.progress |= {each.source: each for each in chunk.progress}
        self.lost.update(chunk.drops)

    def _read_everything(self) -> None:
        if self.half:
            self.complete()
        for _ in range(3):
            self.now += QUIET_S
            while (chunk := self.tail.read()) is not None:
                self._store(chunk)
        self.read_all = True

    @rule(count=st.integers(1, 9))
    def write(self, count: int) -> None:
        if self.half:
            self.complete()
        for _ in range(count):
            line = b'{"n":%d}' % next(self.numbers)
            self.writer.write(line + b"\n")
            self.written.append(line)
        self.read_all = False

    @precondition(lambda self: not self.half)
    @rule()
    def write_half(self) -> None:
        self.half = b'{"n":%d}' % next(self.numbers)
        self.writer.write(self.half[:3])
        self.read_all = False

    @precondition(lambda self: self.half)
    @rule()
    def complete(self) -> None:
        self.writer.write(self.half[3:] + b"\n")
        self.written.append(self.half)
        self.half = b""

    @precondition(lambda self: not self.half and self.log.stat().st_size)
    @rule()
    def rename_and_hup(self) -> None:
        self.log.rename(self.folder / f"eve.json.{next(self.rotations)}")
        self.writer.close()
        self.writer = self.log.open("ab", buffering=0)

    @precondition(lambda self: not self.half and self.read_all and self.log.stat().st_size)
    @rule()
    def copy_and_truncate(self) -> None:
        """Of a log that was read to its end: what is written between the copy and the cut is lost by its nature."""
        (self.folder / f"eve.json.{next(self.rotations)}").write_bytes(self.log.read_bytes())
        self.writer.truncate(0)

    @rule(chunks=st.integers(1, 4), after_s=st.sampled_from([0.0, 0.3, 2.0, 30.0]))
    def read(self, chunks: int, after_s: float) -> None:
        self.now += after_s
        for _ in range(chunks):
            if (chunk := self.tail.read()) is None:
                return
            self._store(chunk)

    @rule()
    def read_to_the_end(self) -> None:
        self._read_everything()

    @rule(chunks=st.integers(0, 3))
    def crash(self, chunks: int) -> None:
        """Some chunks were read and not stored."""
        for _ in range(chunks):
            self.tail.read()
        self.tail.close()
        self.tail = self._tail()
        self.read_all = False

    @invariant()
    def nothing_twice(self) -> None:
        values = Counter(self.stored.values())
        assert not values or values.most_common(1)[0][1] == 1


TestLogAndReader = LogAndReader.TestCase
TestLogAndReader.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
