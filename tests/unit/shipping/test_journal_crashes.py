"""The journal under crashes between any two file operations, on a disk that keeps only what was synced."""

import errno
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wardwatch.model.records import Batch, Outcome, PollOutcome
from wardwatch.shipping import Journal, JournalSettings

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
LIMIT = JournalSettings(5 * 4096)


class Crashed(BaseException):
    """The power went."""


class LossyDisk:
    """Files in memory. `crash` forgets what was not synced, by the whims of `chance`: contents in part or whole, and
    changes of names from some moment on (a file system journals those in their order)."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._files: dict[str, list[bytes]] = {}
        self._durable: dict[str, list[bytes]] = {}
        self._changes: list[dict[str, list[bytes]]] = []
        self.crash_after: int | None = None

    def _step(self) -> None:
        if self.crash_after is not None:
            if self.crash_after == 0:
                raise Crashed
            self.crash_after -= 1

    def crash(self) -> None:
        states = [self._durable, *self._changes]
        self._files = dict(self._chance.choice(states))
        for name, content in self._files.items():
            # [written, synced]: what was not synced is there in part.
            written, synced = content
            if written != synced:
                part = written[: self._chance.randrange(len(written) + 1)]
                self._files[name] = [part, part]
        self._durable, self._changes, self.crash_after = dict(self._files), [], None

    def prepare(self) -> None:
        self._step()

    def names(self) -> Sequence[str]:
        return sorted(self._files)

    def size(self, name: str) -> int:
        return len(self._found(name)[0])

    def read(self, name: str, limit: int = -1) -> bytes:
        content = self._found(name)[0]
        return content if limit < 0 else content[:limit]

    def write(self, name: str, content: bytes) -> None:
        self._step()
        self._files = {**self._files, name: [content, b""]}
        self._changes.append(self._files)

    def sync(self, name: str) -> None:
        self._step()
        content = self._found(name)
        content[1] = content[0]

    def rename(self, old: str, new: str) -> None:
        self._step()
        found = self._found(old)
        self._files = {key: value for key, value in self._files.items() if key != old} | {new: found}
        self._changes.append(self._files)

    def link(self, old: str, new: str) -> None:
        self._step()
        self._files = self._files | {new: self._found(old)}
        self._changes.append(self._files)

    def unlink(self, name: str) -> None:
        self._step()
        self._files = {key: value for key, value in self._files.items() if key != name}
        self._changes.append(self._files)

    def sync_names(self) -> None:
        self._step()
        self._durable, self._changes = self._files, []

    def _found(self, name: str) -> list[bytes]:
        if name not in self._files:
            raise FileNotFoundError(errno.ENOENT, "No such file", name)
        return self._files[name]


class Core:
    """Commits contiguous sequences, refuses gaps, answers repeats."""

    def __init__(self) -> None:
        self.epoch = ""
        self.committed = 0
        self.names: list[str] = []
        self.drops: Counter[str] = Counter()

    def take(self, batch: Batch) -> None:
        if batch.epoch != self.epoch:
            assert self.epoch == "", "a journal that lost nothing has no reason for a new epoch"
            self.epoch, self.committed = batch.epoch, 0
        if batch.sequence <= self.committed:
            return
        assert batch.sequence == self.committed + 1, "a gap"
        self.committed = batch.sequence
        self.names += [each.device for each in batch.outcomes]
        self.drops += Counter(batch.drops)


class Edge:
    """An edge that crashes and comes back, and remembers what it was promised."""

    def __init__(self, seed: int) -> None:
        self.disk = LossyDisk(random.Random(seed))
        self.core = Core()
        self.promised: list[str] = []
        self.attempted = 0
        self.numbers: list[int] = []
        self.journal = self.come_back()

    def come_back(self) -> Journal:
        journal = Journal(Path("journal"), "edge", LIMIT, self.disk)
        journal.open()
        if self.core.epoch and not journal.resume(self.core.committed):
            raise AssertionError("the core knows less than it has answered")
        return journal

    def append(self) -> None:
        self.attempted += 1
        name = f"d{self.attempted}"
        outcome = PollOutcome(name, "u1", AT, Outcome.OK, 12.5, 40)
        number = self.journal.append(Batch("", "", 0, outcomes=(outcome,)))
        self.promised.append(name)
        self.numbers.append(number)

    def ship(self) -> None:
        batch = self.journal.oldest()
        if batch is not None:
            self.core.take(batch)
            self.journal.acknowledge(batch.sequence)

    def set_aside(self) -> None:
        batch = self.journal.oldest()
        if batch is not None and batch.sequence > self.core.committed:
            self.journal.set_aside(batch)

    def perform(self, step: str, crash_after: int | None) -> None:
        self.disk.crash_after = crash_after
        try:
            {"append": self.append, "ship": self.ship, "set aside": self.set_aside, "restart": self.restart}[step]()
        except Crashed:
            self.disk.crash()
            self.journal = self.come_back()
        self.disk.crash_after = None

    def restart(self) -> None:
        self.journal = self.come_back()

    def drain(self) -> None:
        while self.journal.pending:
            self.ship()


STEPS = st.sampled_from(["append"] * 5 + ["ship"] * 3 + ["set aside", "restart"])
CRASHES = st.one_of(st.none(), st.integers(0, 12))


@settings(max_examples=400, deadline=None)
@given(steps=st.lists(st.tuples(STEPS, CRASHES), max_size=30), seed=st.integers(0, 2**32))
def test_nothing_promised_is_lost_and_nothing_is_shipped_twice(steps: list[tuple[str, int | None]], seed: int) -> None:
    edge = Edge(seed)
    for step, crash_after in steps:
        edge.perform(step, crash_after)
    edge.drain()
    assert len(set(edge.core.names)) == len(edge.core.names), "shipped twice"
    assert edge.core.names == sorted(edge.core.names, key=lambda name: int(name[1:])), "out of order"
    assert edge.numbers == sorted(set(edge.numbers)), "a number was given twice"
    missing = set(edge.promised) - set(edge.core.names)
    unpromised = edge.attempted - len(edge.promised) - len(set(edge.core.names) - set(edge.promised))
    assert len(missing) <= edge.core.drops["outcome"] <= len(missing) + unpromised, "a loss was not counted"
    assert edge.core.drops["damaged_batch"] == 0


@pytest.mark.parametrize("crash_after", range(25))
def test_a_journal_whose_first_start_is_cut_short_starts(crash_after: int) -> None:
    disk = LossyDisk(random.Random(crash_after))
    disk.crash_after = crash_after
    journal = Journal(Path("journal"), "edge", LIMIT, disk)
    try:
        journal.open()
    except Crashed:
        disk.crash()
        journal.open()
    disk.crash_after = None
    assert journal.append(Batch("", "", 0)) == 1
