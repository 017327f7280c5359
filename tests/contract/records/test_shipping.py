"""Batches: contiguous sequences, answered once; what is acknowledged survives a restart."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.ecs import event_of
from wardwatch.errors import TransportFault
from wardwatch.model.access import Actor, Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import Batch, Position, Rejected
from wardwatch.model.time import TimeRange

CORE = Actor.system("core")
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PLAIN = {"event": {"kind": "event", "dataset": "x"}}
QUERY = EventQuery(TimeRange(AT - timedelta(days=1), AT + timedelta(days=1)), limit=10_000)


def batch(sequence: int, *offsets: int, edge: str = "e", epoch: str = "1") -> Batch:
    events = tuple(event_of(Position(edge, n), AT, (), {**PLAIN, "n": n}, str(n)) for n in offsets)
    return Batch(edge, epoch, sequence, events=events)


def test_sequences_are_contiguous(engine: Any, store: Any) -> None:
    assert store.committed("e", "1") == 0
    assert store.append(CORE, batch(1, 1)).stored_events == 1
    assert store.append(CORE, batch(2, 2)).stored_events == 1
    repeated = store.append(CORE, batch(1, 1))
    assert (repeated.already_committed, repeated.stored_events, repeated.duplicates) == (True, 0, 0)
    with pytest.raises(TransportFault, match="3 to 6 are missing"):
        store.append(CORE, batch(7, 7))
    assert store.committed("e", "1") == 2
    assert store.committed("e", "2") == 0
    assert store.append(CORE, batch(1, 3, epoch="2")).stored_events == 1
    again = engine.restart()
    assert (again.committed("e", "1"), again.committed("e", "2"), again.committed("other", "1")) == (2, 1, 0)
    assert len(again.events(Scope.everything(), QUERY).items) == 3


def test_the_last_batch_again_is_answered_as_the_first_time(engine: Any, store: Any) -> None:
    store.append(CORE, batch(1, 1, 2))
    mixed = replace(batch(2, 2, 3, 3), rejected=(Rejected(Position("e", 9), AT, "no JSON", "{"),))
    first = store.append(CORE, mixed)
    assert (first.stored_events, first.duplicates, first.rejected) == (1, 2, 1)
    assert first.new_events == (Position("e", 3),)
    assert store.append(CORE, mixed) == replace(first, already_committed=True)
    assert engine.restart().append(CORE, mixed) == replace(first, already_committed=True)


def test_an_empty_batch_moves_the_sequence(store: Any) -> None:
    result = store.append(CORE, Batch("e", "1", 1, drops={"journal_full": 3}))
    assert (result.stored_events, result.already_committed) == (0, False)
    assert store.append(CORE, Batch("e", "1", 2, drops={"journal_full": 4})).already_committed is False
    assert store.committed("e", "1") == 2


def test_threads_append_read_and_seal_together(engine: Any, store: Any, clock: Any) -> None:
    # An engine without transactions may show a batch in two steps; none may show less than before.
    step = 20 if engine.seals else 1
    failures: list[BaseException] = []
    finished = threading.Event()

    def ship(edge: str) -> None:
        for number in range(15):
            store.append(CORE, batch(number + 1, *range(number * 20, number * 20 + 20), edge=edge))

    def look() -> None:
        seen = 0
        while not finished.is_set():
            count = sum(store.count(Scope.everything(), QUERY, "event.dataset").values())
            assert count % step == 0, "a reader must see whole batches"
            assert count >= seen, "a reader must never see fewer than before"
            seen = count

    def seal() -> None:
        while not finished.is_set():
            store.seal(clock() + timedelta(hours=9))

    def guarded(work: Any, *arguments: Any) -> threading.Thread:
        def run() -> None:
            try:
                work(*arguments)
            except BaseException as error:
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    watchers = [guarded(look), guarded(seal)]
    for writer in [guarded(ship, f"edge-{n}") for n in range(3)]:
        writer.join()
    finished.set()
    for watcher in watchers:
        watcher.join()
    assert failures == []
    places = [item.position for item in store.events(Scope.everything(), QUERY).items]
    assert sorted(places) == [Position(f"edge-{e}", n) for e in range(3) for n in range(300)]


def test_retention_counts_from_admission(engine: Any, store: Any, clock: Any) -> None:
    old = event_of(
        Position("old", 1), AT - timedelta(days=3000), (), {"event": {"kind": "event", "dataset": "x"}}, "old"
    )
    store.append(CORE, Batch("e", "1", 1, events=(old,)))
    now = clock.advance(hours=5)
    assert store.seal(now) == (1 if engine.seals else 0)
    everything = EventQuery(TimeRange(AT - timedelta(days=9000), AT + timedelta(days=1)))
    assert store.retain(now + timedelta(days=30)) == 0
    assert len(store.events(Scope.everything(), everything).items) == 1
    assert store.retain(now + timedelta(days=3000)) == 1
    assert store.events(Scope.everything(), everything).items == ()
    assert store.retain(now + timedelta(days=3000)) == 0
