"""Readers of a log whose clock is the test's."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from collectors.suricata.generation import DEFAULT_LIMITS, ReadLimits
from collectors.suricata.tail import EveTail, TailSettings
from wardwatch.model.records import Position, SourceProgress


class Reader:
    """A tail with what it handed on: lines by position, the progress of each source, and what it says was lost."""

    def __init__(
        self, folder: Path, known: Iterable[SourceProgress] = (), limits: ReadLimits = DEFAULT_LIMITS, name: str = "g"
    ) -> None:
        numbers = itertools.count(1)
        self.now = 0.0
        self.tail = EveTail(TailSettings(folder, limits=limits), lambda: f"{name}{next(numbers)}", lambda: self.now)
        self.tail.open(list(known))
        self.lines: list[bytes] = []
        self.positions: list[Position] = []
        self.progress: dict[str, SourceProgress] = {item.source: item for item in known}
        self.lost: Counter[str] = Counter()

    def drain(self, after_s: float = 0.0) -> list[bytes]:
        """Reads all there is; returns the new lines."""
        self.now += after_s
        before = len(self.lines)
        while (chunk := self.tail.read()) is not None:
            self.lines += [line.data for line in chunk.lines]
            self.positions += [line.position for line in chunk.lines]
            self.progress |= {item.source: item for item in chunk.progress}
            self.lost.update(chunk.drops)
        assert len(set(self.positions)) == len(self.positions)
        return self.lines[before:]

    def restarted(self, name: str = "h") -> "Reader":
        """Another process, which knows what the store knows."""
        self.tail.close()
        return Reader(self.tail._settings.folder, self.progress.values(), name=name)


@pytest.fixture
def follow() -> Callable[..., Reader]:
    """Makes a reader of a folder's log."""
    return Reader
