"""The record store's engines. A new engine is one more entry in ENGINES; every test of this folder then runs on it."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from wardwatch.ports import RecordStore
from wardwatch.records import ElasticSettings, open_records
from wardwatch.state import open_state

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


class Embedded:
    """The engine without a server."""

    seals = True

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def open(self) -> RecordStore:
        return open_records(self._folder / "records", self._clock)

    def close(self) -> None:
        """Nothing is left open."""


class Elastic:
    """The engine on a real node, in indices of its own."""

    seals = False

    def __init__(self, folder: Path, clock: Clock, url: str) -> None:
        self._clock = clock
        self._state = open_state(f"sqlite:///{folder / 'state.sqlite'}", clock)
        self._settings = ElasticSettings((url,), prefix=f"t{uuid.uuid4().hex[:12]}", refresh_s=0.0)

    def open(self) -> RecordStore:
        return open_records(Path("unused"), self._clock, self._settings, self._state.shipping)

    def close(self) -> None:
        with Elasticsearch(self._settings.urls) as client:
            for name in client.indices.get(index=f"{self._settings.prefix}-*").body:
                client.indices.delete(index=name)
        self._state.close()


ENGINES: dict[str, Callable[[Path, Clock, pytest.FixtureRequest], Embedded | Elastic]] = {
    "embedded": lambda folder, clock, request: Embedded(folder, clock),
    "elasticsearch": lambda folder, clock, request: Elastic(
        folder, clock, request.getfixturevalue("elasticsearch_url")
    ),
}


class Engine:
    """Opens the store under test, and opens it again as after a restart."""

    def __init__(self, kind: Embedded | Elastic) -> None:
        self._kind = kind
        self.seals = kind.seals
        self.store = kind.open()

    def restart(self) -> RecordStore:
        self.store.close()
        self.store = self._kind.open()
        return self.store

    def close(self) -> None:
        self.store.close()
        self._kind.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    engine = Engine(ENGINES[request.param](tmp_path, clock, request))
    yield engine
    engine.close()


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
