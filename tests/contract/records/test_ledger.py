"""The ledger and refused lines: what an edge read adds up with what the store made of it, on either engine."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from wardwatch.ecs import event_of
from wardwatch.model.access import Actor, Scope
from wardwatch.model.ledger import LISTED_CHARACTERS, Balance, DropRow, LedgerRow, RejectedQuery
from wardwatch.model.records import (
    Batch,
    Event,
    Outcome,
    PollOutcome,
    Position,
    Rejected,
    SampleBlock,
    SourceProgress,
)
from wardwatch.model.time import TimeRange

CORE = Actor.system("core")
EVERYTHING = Scope.everything()
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)


def event(offset: int, source: str = "eve-1", at: datetime = AT) -> Event:
    document = {"event": {"kind": "event", "dataset": "suricata.dns"}, "@timestamp": at.isoformat()}
    return event_of(Position(source, offset), at, (), document, f"line {offset}")


def refused(offset: int, source: str = "eve-1", at: datetime = AT, original: str = "{broken") -> Rejected:
    return Rejected(Position(source, offset), at, f"line {offset} is no JSON", original)


def block(at: datetime = AT, measurement: str = "device", device: str = "d1") -> SampleBlock:
    return SampleBlock(measurement, device, "u1", at, ("",), {"up": (1.0,)})


def row(store: Any, source: str, day: date = TODAY) -> LedgerRow:
    found: list[LedgerRow] = [row for row in store.ledger(EVERYTHING, day, day).rows if row.source == source]
    assert len(found) == 1
    return found[0]


def counts(found: LedgerRow) -> tuple[int, ...]:
    return found.read, found.untold, found.stored, found.duplicates, found.rejected


def test_every_line_that_was_read_is_accounted_for(store: Any, edge: Any) -> None:
    progress = SourceProgress("eve-1", 900, "/var/log/eve.json", "f")
    first = Batch(**edge.next(), events=tuple(map(event, range(5))), rejected=(refused(7),), read={"eve-1": 6})
    store.append(CORE, replace(first, progress=(progress,)))
    again = (event(4), event(5), event(5), event(6, "eve-2"))
    store.append(CORE, Batch(**edge.next(), events=again, rejected=(refused(7),), read={"eve-1": 4, "eve-2": 1}))
    found = row(store, "eve-1")
    assert counts(found) == (10, 0, 6, 3, 1)
    assert (found.day, found.edge, found.path, found.missing) == (TODAY, edge.name, "/var/log/eve.json", 0)
    assert found.balance is Balance.EVEN
    assert (counts(row(store, "eve-2")), row(store, "eve-2").path) == ((1, 0, 1, 0, 0), "")


def test_what_the_store_itself_refuses_is_rejected(store: Any, edge: Any) -> None:
    unstorable = event(2)._replace(at=datetime(1950, 1, 1, tzinfo=UTC))
    lone = event(3)._replace(original="\ud800")
    result = store.append(CORE, Batch(**edge.next(), events=(event(1), unstorable, lone), read={"eve-1": 3}))
    assert (result.stored_events, result.rejected) == (1, 2)
    assert counts(row(store, "eve-1")) == (3, 0, 1, 0, 2)
    assert row(store, "eve-1").balance is Balance.EVEN


def test_a_line_that_nobody_accounts_for_is_out_of_balance(store: Any, edge: Any) -> None:
    store.append(CORE, Batch(**edge.next(), events=(event(1),), read={"eve-1": 3, "eve-9": 2}))
    assert (row(store, "eve-1").missing, row(store, "eve-1").balance) == (2, Balance.OUT)
    assert (row(store, "eve-9").missing, row(store, "eve-9").balance) == (2, Balance.OUT)
    store.append(CORE, Batch(**edge.next(), events=(event(2), event(3), event(4)), read={"eve-1": 0}))
    assert (row(store, "eve-1").missing, row(store, "eve-1").balance) == (-1, Balance.OUT)


def test_an_edge_that_tells_nothing_raises_no_alarm(store: Any, edge: Any) -> None:
    store.append(CORE, Batch(**edge.next(), events=(event(1), event(2)), rejected=(refused(3),)))
    assert counts(row(store, "eve-1")) == (0, 3, 2, 0, 1)
    assert row(store, "eve-1").balance is Balance.UNTOLD
    store.append(CORE, Batch(**edge.next(), events=(event(4), event(1)), read={"eve-1": 2}))
    assert counts(row(store, "eve-1")) == (2, 3, 3, 1, 1)
    assert row(store, "eve-1").balance is Balance.EVEN


def test_samples_and_outcomes_are_counted_without_positions(store: Any, edge: Any) -> None:
    table = SampleBlock("interface", "d1", "u1", AT, ("1", "2"), {"in_bps": (1.0, 2.0)})
    wrong = replace(table, columns={"colour": (1.0, 2.0)})
    outcome = PollOutcome("d1", "u1", AT, Outcome.OK, 3.0)
    told = {"samples": 5, "outcomes": 1}
    store.append(CORE, Batch(**edge.next(), blocks=(block(), table, wrong), outcomes=(outcome,), read=told))
    assert counts(row(store, "samples")) == (5, 0, 3, 0, 2)
    assert counts(row(store, "outcomes")) == (1, 0, 1, 0, 0)
    lines = store.rejected(EVERYTHING, RejectedQuery(begins=f"{edge.name}/")).items
    assert [line.position.source for line in lines] == [f"{edge.name}/{edge.epoch}/1"]
    assert "colour" in lines[0].reason


def test_a_batch_that_comes_again_is_counted_once(engine: Any, edge: Any) -> None:
    batch = Batch(**edge.next(), events=(event(1),), drops={"sample": 4}, read={"eve-1": 1})
    engine.store.append(CORE, batch)
    assert engine.store.append(CORE, batch).already_committed
    assert engine.restart().append(CORE, batch).already_committed
    assert counts(row(engine.store, "eve-1")) == (1, 0, 1, 0, 0)
    assert engine.store.ledger(EVERYTHING, TODAY, TODAY).drops == (DropRow(TODAY, edge.name, "sample", 4),)


def test_days_are_those_of_admission_newest_first(store: Any, edge: Any, clock: Any) -> None:
    old = AT - timedelta(days=300)
    store.append(CORE, Batch(**edge.next(), events=(event(1, at=old),), read={"eve-1": 1}, drops={"event": 1}))
    clock.advance(days=1)
    store.append(CORE, Batch(**edge.next(), events=(event(2), event(2)), read={"eve-1": 2}, drops={"event": 2}))
    store.append(CORE, Batch(**edge.next(), drops={"event": 5, "sample": 1}))
    ledger = store.ledger(EVERYTHING, TODAY, TOMORROW)
    assert [(row.day, row.read) for row in ledger.rows] == [(TOMORROW, 2), (TODAY, 1)]
    assert [(row.day, row.reason, row.count) for row in ledger.drops] == [
        (TOMORROW, "event", 7),
        (TOMORROW, "sample", 1),
        (TODAY, "event", 1),
    ]
    assert [row.day for row in store.ledger(EVERYTHING, TOMORROW, TOMORROW).rows] == [TOMORROW]


def test_hostile_names_and_counts_do_not_stop_a_batch(store: Any, edge: Any) -> None:
    names = ("", "x" * 100_000, "nul \0 inside", "';--", "đơn vị \N{ZERO WIDTH SPACE}")
    read = {**dict.fromkeys(names, 2**64 - 1), "eve-1": -5}
    store.append(CORE, Batch(**edge.next(), events=(event(1),), read=read, drops={"x" * 5000: 2**64 - 1, "y\0": -3}))
    ledger = store.ledger(EVERYTHING, TODAY, TODAY)
    assert {row.balance for row in ledger.rows} == {Balance.OUT}
    assert len(ledger.rows) == len(names) + 1
    assert len(ledger.drops) == 1
    assert max(len(row.source) for row in ledger.rows) <= 200


def test_a_part_of_the_city_sees_nothing(store: Any, edge: Any) -> None:
    store.append(CORE, Batch(**edge.next(), rejected=(refused(1),), read={"eve-1": 1}, drops={"event": 1}))
    ward = Scope.of("w1")
    assert store.ledger(ward, TODAY, TODAY) == type(store.ledger(ward, TODAY, TODAY))()
    assert store.rejected(ward, RejectedQuery()).items == ()
    assert store.rejected_line(ward, Position("eve-1", 1)) is None
    assert store.rejected_line(EVERYTHING, Position("eve-1", 1)) is not None


def test_refused_lines_are_paged_newest_first(engine: Any, edge: Any, clock: Any) -> None:
    lines = [refused(n, f"eve-{n % 3}", AT + timedelta(seconds=n // 2)) for n in range(20)]
    engine.store.append(CORE, Batch(**edge.next(), rejected=tuple(lines[:12])))
    engine.store.seal(clock.advance(hours=3))
    progress = SourceProgress("eve-1", 10, "/eve.json", "f")
    engine.store.append(CORE, Batch(**edge.next(), rejected=tuple(lines[12:]), progress=(progress,)))
    found, cursor = [], None
    while True:
        page = engine.store.rejected(EVERYTHING, RejectedQuery(limit=3, cursor=cursor))
        found += page.items
        cursor = page.next
        if cursor is None:
            break
        assert len(page.items) == 3
    expected = sorted(lines, key=lambda line: (line.at, line.position.source, line.position.offset), reverse=True)
    assert [(line.position, line.at, line.reason) for line in found] == [
        (line.position, line.at, line.reason) for line in expected
    ]
    assert {line.path for line in found if line.position.source == "eve-1"} == {"/eve.json"}
    assert {line.path for line in found if line.position.source != "eve-1"} == {""}


def test_refused_lines_of_a_source_and_a_time(engine: Any, edge: Any, clock: Any) -> None:
    lines = tuple(refused(n, f"eve-{n % 2}", AT + timedelta(minutes=n)) for n in range(6))
    engine.store.append(CORE, Batch(**edge.next(), rejected=lines))
    for _ in range(2):
        of_one = engine.store.rejected(EVERYTHING, RejectedQuery(source="eve-1")).items
        assert [line.position.offset for line in of_one] == [5, 3, 1]
        some = TimeRange(AT + timedelta(minutes=2), AT + timedelta(minutes=4))
        assert [line.position.offset for line in engine.store.rejected(EVERYTHING, RejectedQuery(some)).items] == [3, 2]
        assert not engine.store.rejected(EVERYTHING, RejectedQuery(begins="eve-11")).items
        assert len(engine.store.rejected(EVERYTHING, RejectedQuery(begins="eve-")).items) == 6
        engine.store.seal(clock.advance(hours=3))


@pytest.mark.parametrize("original", ["x" * 70_000, "nul \0 and \x1b[2J", "đ" * 201, "", "\\udcff <script>"])
def test_a_refused_line_is_kept_whole_and_listed_cut(engine: Any, edge: Any, clock: Any, original: str) -> None:
    engine.store.append(CORE, Batch(**edge.next(), rejected=(refused(1, original=original), refused(2))))
    for _ in range(2):
        whole = engine.store.rejected_line(EVERYTHING, Position("eve-1", 1))
        assert (whole.original, whole.length, whole.at) == (original, len(original), AT)
        listed = engine.store.rejected(EVERYTHING, RejectedQuery()).items[1]
        assert (listed.original, listed.length) == (original[:LISTED_CHARACTERS], len(original))
        engine.store.seal(clock.advance(hours=3))
    assert engine.store.rejected_line(EVERYTHING, Position("eve-1", 3)) is None
    assert engine.store.rejected_line(EVERYTHING, Position("eve-1", 2**64)) is None


@pytest.mark.parametrize("at", [datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)])
def test_a_line_refused_at_no_possible_time_is_refused_now(store: Any, edge: Any, clock: Any, at: datetime) -> None:
    store.append(CORE, Batch(**edge.next(), rejected=(refused(1, at=at),)))
    assert store.rejected(EVERYTHING, RejectedQuery()).items[0].at == clock()


def test_old_days_go(engine: Any, edge: Any, clock: Any) -> None:
    engine.store.append(CORE, Batch(**edge.next(), events=(event(1),), read={"eve-1": 1}, drops={"event": 1}))
    engine.store.seal(clock.advance(days=399))
    engine.store.retain(clock())
    assert engine.store.ledger(EVERYTHING, TODAY, TODAY).rows
    engine.store.retain(clock.advance(days=2))
    kept = engine.store.ledger(EVERYTHING, TODAY, TODAY)
    assert (kept.rows, kept.drops) == ((), ())
