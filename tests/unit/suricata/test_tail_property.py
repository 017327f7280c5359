"""Whatever is done to a log, and wherever its reader is killed: each line is read once."""

import gzip
import itertools
import os
import shutil
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
    """A writer, logrotate, an operator, and a reader that hands on what it reads to a store; a crash forgets what the
    store has not got. Each line has a number of its own. Only what was destroyed before it was stored may be missing,
    and no more than that may be counted as lost."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="wardwatch-tail-")
        self.folder, self.elsewhere = Path(self._folder.name) / "log", Path(self._folder.name) / "elsewhere"
        self.folder.mkdir()
        self.elsewhere.mkdir()
        self.log = self.folder / "eve.json"
        self.numbers, self.sources, self.rotations = itertools.count(1), itertools.count(1), itertools.count(1)
        self.now = 0.0
        self.written: list[bytes] = []
        self.half = b""
        self.stored: dict[Position, bytes] = {}
        self.progress: dict[str, SourceProgress] = {}
        self.lost: Counter[str] = Counter()
        self.destroyed: set[bytes] = set()
        self.writer = self.log.open("ab", buffering=0)
        self.tail = self._tail()

    def teardown(self) -> None:
        self._read_everything()
        missing = set(self.written) - set(self.stored.values())
        assert missing <= self.destroyed
        assert set(self.stored.values()) <= set(self.written)
        assert self.lost.total() <= sum(len(line) + 1 for line in missing)
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

    def _rotated(self) -> list[Path]:
        """In order of their names, the one written to left out."""
        writes_to = os.fstat(self.writer.fileno())
        found = sorted(self.folder.iterdir(), key=lambda path: path.name)
        return [path for path in found if path != self.log and not os.path.samestat(path.stat(), writes_to)]

    def _name(self) -> Path:
        return self.folder / f"eve.json.{next(self.rotations)}"

    def _unstored(self, path: Path) -> set[bytes]:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return set(content.splitlines()) - set(self.stored.values())

    @rule(count=st.integers(1, 9))
    def write(self, count: int) -> None:
        if self.half:
            self.complete()
        for _ in range(count):
            line = b'{"n":%d}' % next(self.numbers)
            self.writer.write(line + b"\n")
            self.written.append(line)

    @precondition(lambda self: not self.half)
    @rule()
    def write_half(self) -> None:
        self.half = b'{"n":%d}' % next(self.numbers)
        self.writer.write(self.half[:3])

    @precondition(lambda self: self.half)
    @rule()
    def complete(self) -> None:
        self.writer.write(self.half[3:] + b"\n")
        self.written.append(self.half)
        self.half = b""

    @precondition(lambda self: self.log.exists())
    @rule()
    def rename(self) -> None:
        """Its writer is not told yet, and writes on."""
        self.log.rename(self._name())

    @precondition(lambda self: not self.half)
    @rule()
    def hup(self) -> None:
        self.writer.close()
        self.writer = self.log.open("ab", buffering=0)

    @precondition(lambda self: not self.half and self.log.exists())
    @rule()
    def copy_and_truncate(self) -> None:
        self._name().write_bytes(self.log.read_bytes())
        os.truncate(self.log, 0)

    @precondition(lambda self: not self.half and self.log.exists())
    @rule()
    def truncate(self) -> None:
        self.destroyed |= self._unstored(self.log)
        os.truncate(self.log, 0)

    @precondition(lambda self: self._rotated())
    @rule(which=st.integers(0, 9))
    def compress(self, which: int) -> None:
        path = self._rotated()[which % len(self._rotated())]
        if path.suffix != ".gz":
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()

    @precondition(lambda self: self._rotated())
    @rule(which=st.integers(0, 9))
    def delete(self, which: int) -> None:
        path = self._rotated()[which % len(self._rotated())]
        self.destroyed |= self._unstored(path)
        path.unlink()

    @precondition(lambda self: not self.half and any(self.folder.iterdir()))
    @rule(which=st.integers(0, 9))
    def copy(self, which: int) -> None:
        """Somebody makes a copy, of the log that is written to or of an older one."""
        path = sorted(self.folder.iterdir())[which % len(list(self.folder.iterdir()))]
        suffix = ".gz" if path.suffix == ".gz" else ".bak"
        shutil.copyfile(path, self.folder / f"eve.json.{next(self.rotations)}{suffix}")

    @precondition(lambda self: self._rotated())
    @rule(which=st.integers(0, 9))
    def move_away(self, which: int) -> None:
        path = self._rotated()[which % len(self._rotated())]
        if not self._unstored(path):
            path.rename(self.elsewhere / path.name)

    @precondition(lambda self: any(self.elsewhere.iterdir()))
    @rule()
    def bring_back(self) -> None:
        path = sorted(self.elsewhere.iterdir())[0]
        path.rename(self.folder / path.name)

    @rule(chunks=st.integers(1, 4), after_s=st.sampled_from([0.0, 0.3, 2.0, 30.0]))
    def read(self, chunks: int, after_s: float) -> None:
        # No writer takes a minute for a line; after that it counts as left unfinished.
        self.now += min(after_s, 0.3) if self.half else after_s
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

    @invariant()
    def nothing_twice(self) -> None:
        values = Counter(self.stored.values())
        assert not values or values.most_common(1)[0][1] == 1


TestLogAndReader = LogAndReader.TestCase
TestLogAndReader.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
