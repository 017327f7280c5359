"""A batch is durable before detection sees it, and a detection that stumbles stops nothing. Real stores."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wardwatch.ecs import event_of
from wardwatch.errors import StoreFault
from wardwatch.intake import Intake
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Inventory, Unit
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, DeviceFacts, Outcome, PollOutcome, Position
from wardwatch.model.time import TimeRange
from wardwatch.ports import RecordStore, StateStore
from wardwatch.records import open_records
from wardwatch.state import open_state

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
CITY = Inventory(units={"hn": Unit("hn", "Thành phố", "city", "H26")})


class Detection:
    """Remembers what it saw; raises what it is told to, once each."""

    def __init__(self) -> None:
        self.missed = 0
        self.seen: list[int] = []
        self.faults: list[Exception] = []

    def consume(self, batch: Batch, result: AppendResult) -> None:
        if self.faults:
            raise self.faults.pop(0)
        if batch.sequence not in self.seen:
            self.seen.append(batch.sequence)


class Core:
    """An intake over real stores, with what it told the live stream."""

    def __init__(self, records: RecordStore, state: StateStore) -> None:
        self.detection = Detection()
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.inventories: list[Inventory] = []
        self.intake = Intake(
            records, state, self.detection, lambda *told: self.told.append(told), lambda: AT, self.inventories.append
        )


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    state = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", lambda: AT)
    records = open_records(tmp_path / "records", lambda: AT)
    yield Core(records, state)
    records.close()
    state.close()


def batch(sequence: int) -> Batch:
    document: dict[str, Any] = {"@timestamp": AT.isoformat(), "event": {"kind": "event", "dataset": "suricata.flow"}}
    event = event_of(Position("source", sequence * 10), AT, ("hn",), document, "{}")
    outcome = PollOutcome("d1", "hn", AT, Outcome.OK, 1.0)
    facts = DeviceFacts("d1", "system", AT, ({"sys_name": "d1"},))
    drops = {"sample": 3} if sequence == 1 else {}
    return Batch("edge", "epoch", sequence, outcomes=(outcome,), facts=(facts,), events=(event,), drops=drops)


def test_a_batch_is_stored_seen_and_told_once(core: Core) -> None:
    first = core.intake.accept(batch(1))
    assert (first.stored_events, first.already_committed) == (1, False)
    assert core.intake.accept(batch(1)).already_committed
    assert core.detection.seen == [1]
    assert [topic for topic, _ in core.told] == ["events", "freshness"]
    assert core.told[0][1]["units"] == ["hn"]
    assert core.intake.dropped == {"sample": 3}
    assert core.intake.welcome("edge", "epoch")[0] == 1


def test_a_batch_that_detection_cannot_take_is_not_answered_and_comes_again(core: Core) -> None:
    core.detection.faults = [StoreFault("the disk is full")]
    with pytest.raises(StoreFault, match="disk is full"):
        core.intake.accept(batch(1))
    assert core.detection.seen == []
    again = core.intake.accept(batch(1))
    assert (again.already_committed, again.new_events) == (True, (Position("source", 10),))
    core.intake.accept(batch(2))
    assert core.detection.seen == [1, 2]
    hour = TimeRange(AT - timedelta(hours=1), AT + timedelta(hours=1))
    assert core.intake.count(EventQuery(hour), "event.dataset") == {"suricata.flow": 2}


def test_what_detection_stumbled_over_is_shown_as_lost(core: Core) -> None:
    core.intake.accept(batch(1))
    core.detection.missed = 1
    assert core.intake.dropped == {"sample": 3, "detection_batch": 1}


def test_an_inventory_is_replaced_and_told(core: Core) -> None:
    before = core.intake.inventory_version()
    core.intake.replace_inventory(Actor("an-engineer"), CITY)
    assert core.intake.inventory_version() > before
    assert core.intake.inventory()[1] == CITY
    assert core.inventories == [CITY]


def test_a_core_that_stops_leaves_the_batch_at_its_edge(core: Core) -> None:
    core.intake.close()
    with pytest.raises(StoreFault, match="stopping"):
        core.intake.accept(batch(1))
    assert core.intake.welcome("edge", "epoch")[0] == 0
