"""The record store's engines. A new engine is one more entry in ENGINES; every test of this folder then runs on it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wardwatch.ports import RecordStore
from wardwatch.records import open_records

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Clock:
    """A clock that tests turn by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


ENGINES: dict[str, Callable[[Path, Clock], RecordStore]] = {
    "embedded": lambda folder, clock: open_records(folder / "records", clock),
}


class Engine:
    """Opens the store under test, and opens it again as after a restart."""

    def __init__(self, make: Callable[[Path, Clock], RecordStore], folder: Path, clock: Clock) -> None:
        self._make = make
        self._folder = folder
        self._clock = clock
        self.store = make(folder, clock)

    def restart(self) -> RecordStore:
        self.store.close()
        self.store = self._make(self._folder, self._clock)
        return self.store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    engine = Engine(ENGINES[request.param], tmp_path, clock)
    yield engine
    engine.store.close()


@pytest.fixture
def store(engine: Engine) -> RecordStore:
    return engine.store


class Edge:
    """Numbers the batches of one edge."""

    def __init__(self, name: str = "edge-1", epoch: str = "epoch-1") -> None:
        self.name = name
        self.epoch = epoch
        self.sequence = 0

    def next(self) -> dict[str, object]:
        self.sequence += 1
        return {"edge": self.name, "epoch": self.epoch, "sequence": self.sequence}


@pytest.fixture
def edge() -> Edge:
    return Edge()
