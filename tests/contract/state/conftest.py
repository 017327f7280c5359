"""The state store's engines. A new engine is one more entry in ENGINES; every test of this folder then runs on it."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wardwatch.ports import StateStore
from wardwatch.state import open_state

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

ENGINES: dict[str, Callable[[Path, pytest.FixtureRequest], str]] = {
    "postgresql": lambda folder, request: request.getfixturevalue("postgresql").create(uuid.uuid4().hex),
    "sqlite": lambda folder, request: f"sqlite:///{folder / uuid.uuid4().hex}.sqlite",
}
"""What makes the URL of another empty database."""


class Clock:
    """A clock that goes on by a second each time it is asked."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Engine:
    """Opens the store under test, and opens it again as after a restart."""

    def __init__(self, another: Callable[[], str]) -> None:
        self.another = another
        self.url = another()
        self.clock = Clock()
        self.store = open_state(self.url, self.clock)

    def restart(self) -> StateStore:
        self.store.close()
        self.store = open_state(self.url, self.clock)
        return self.store


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(lambda: ENGINES[request.param](tmp_path, request))
    yield engine
    engine.store.close()


@pytest.fixture
def state(engine: Engine) -> StateStore:
    return engine.store
