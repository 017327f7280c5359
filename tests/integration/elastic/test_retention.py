"""Whole indices are made ahead of their day and deleted past their age."""

from datetime import timedelta
from typing import Any

from wardwatch.model.access import Actor
from wardwatch.model.records import Batch, Position, Rejected, SampleBlock

CORE = Actor.system("core")


def test_tomorrows_indices_are_made_today(city: Any, batch: Any) -> None:
    store = city.store()
    store.append(CORE, batch(1, range(3)))
    assert store.retain(city.clock()) == 0
    prefix = city.settings.prefix
    expected = [f"{prefix}-events-default-2026.03.02", f"{prefix}-events-default-2026.03.03"]
    assert city.indices() == expected
    assert store.retain(city.clock()) == 0
    assert city.indices() == expected


def test_indices_past_their_age_are_deleted(city: Any, batch: Any) -> None:
    store = city.store(keep_events=timedelta(days=10), keep_samples=timedelta(days=5), keep_rejected=timedelta(days=2))
    at = city.clock()
    bad = Rejected(Position("eve-1", 900), at, "no JSON", "{")
    block = SampleBlock("device", "r1", "w1", at, ("",), {"up": (1.0,)})
    store.append(CORE, Batch("edge-1", "1", 1, events=batch(1, range(3)).events, rejected=(bad,), blocks=(block,)))
    kinds = {3: ["events", "samples_device"], 6: ["events"], 11: []}
    for days, left in kinds.items():
        store.retain(at + timedelta(days=days))
        found = sorted(name.split("-")[1] for name in city.indices() if name.endswith("2026.03.02"))
        assert found == left
    city.clock.advance(days=11)
    result = store.append(CORE, batch(2, range(3)))
    assert (result.stored_events, result.duplicates) == (3, 0)


def test_indices_of_others_are_left_alone(city: Any, batch: Any) -> None:
    name = f"{city.settings.prefix}-events-theirs-2020.01.01"
    city.client.indices.create(index=name)
    store = city.store()
    store.append(CORE, batch(1, range(3)))
    assert store.retain(city.clock() + timedelta(days=4000)) == 1
    assert city.indices() == [name]
