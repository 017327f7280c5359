"""The Elasticsearch store on a real node, its books in SQLite, and a proxy that misbehaves in front of it."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from wardwatch.ecs import event_of
from wardwatch.model.access import Actor
from wardwatch.model.records import Batch, Event, Position
from wardwatch.ports import RecordStore, StateStore
from wardwatch.records import ElasticSettings, open_records
from wardwatch.state import open_state

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CORE = Actor.system("core")


class Clock:
    """A clock that tests turn by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


class City:
    """One installation: its state store, and the record store opened as often as a test likes."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.clock = Clock()
        self.state: StateStore = open_state(f"sqlite:///{folder / 'state.sqlite'}", self.clock)
        self.settings = ElasticSettings((url,), prefix=f"t{uuid.uuid4().hex[:12]}", refresh_s=0.0, patience_s=5.0)
        self.client = Elasticsearch(url)
        self._open: list[RecordStore] = []

    def store(self, **changes: Any) -> RecordStore:
        settings = replace(self.settings, **changes)
        store = open_records(Path("unused"), self.clock, settings, self.state.shipping)
        self._open.append(store)
        return store

    def stored(self, kind: str = "events") -> dict[str, list[str]]:
        """The ids in each index of a kind, by its day."""
        pattern = f"{self.settings.prefix}-{kind}-*"
        self.client.indices.refresh(index=pattern)
        hits = self.client.search(index=pattern, size=10_000, source=False)["hits"]["hits"]
        found: dict[str, list[str]] = {}
        for hit in hits:
            found.setdefault(hit["_index"][-10:], []).append(hit["_id"])
        return found

    def documents(self, kind: str) -> list[dict[str, Any]]:
        pattern = f"{self.settings.prefix}-{kind}-*"
        self.client.indices.refresh(index=pattern)
        return [hit["_source"] for hit in self.client.search(index=pattern, size=10_000)["hits"]["hits"]]

    def indices(self) -> list[str]:
        return sorted(self.client.indices.get(index=f"{self.settings.prefix}-*").body)

    def close(self) -> None:
        for store in self._open:
            store.close()
        for name in self.indices():
            self.client.indices.delete(index=name, ignore_unavailable=True)
        self.client.close()
        self.state.close()


@pytest.fixture
def city(tmp_path: Path, elasticsearch_url: str) -> Iterator[City]:
    city = City(tmp_path, elasticsearch_url)
    yield city
    city.close()


def _event(offset: int, **document: Any) -> Event:
    at = NOON + timedelta(milliseconds=offset)
    whole = {"event": {"kind": "event", "dataset": "suricata.flow"}, "@timestamp": at.isoformat(), **document}
    return event_of(Position("eve-1", offset), at, (), whole, f'{{"n":{offset}}}')


def _batch(sequence: int, offsets: range, epoch: str = "1") -> Batch:
    return Batch("edge-1", epoch, sequence, events=tuple(_event(n) for n in offsets), read={"eve-1": len(offsets)})


@pytest.fixture
def event() -> Callable[..., Event]:
    return _event


@pytest.fixture
def batch() -> Callable[..., Batch]:
    return _batch
