"""The consumer end to end on the real stores: batches in, statuses, groups and incidents out, the live stream told."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from detectors.consumer import DetectionConsumer, DetectionSettings
from wardwatch.ecs import event_of
from wardwatch.errors import StoreFault
from wardwatch.incidents.inbox import end_suppression, suppress, suppression_of
from wardwatch.intake import Intake
from wardwatch.inventory.directory import Directory
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import GroupState, Incident
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Link, Service, Site, Unit, Zone
from wardwatch.model.records import Batch, Event, Outcome, PollOutcome, Position
from wardwatch.model.state import AlertGroupQuery, IncidentQuery
from wardwatch.model.status import Severity, Status
from wardwatch.model.text import Words
from wardwatch.ports import RecordStore, StateStore
from wardwatch.records import open_records
from wardwatch.state import open_state

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALL = Scope.everything()


def router(name: str, unit: str, role: DeviceRole = DeviceRole.ROUTER) -> Device:
    return Device(name, f"Thiết bị {name}", role, unit, f"s-{unit}", "wan", "127.0.0.9")


INVENTORY = Inventory(
    units={
        "dc": Unit("dc", "Trung tâm dữ liệu", "centre", "DC"),
        "p1": Unit("p1", "Phường Một", "ward", "P1", networks=("10.20.1.0/24",)),
    },
    zones={"wan": Zone("wan", "WAN")},
    sites={"s-dc": Site("s-dc", "DC", "dc"), "s-p1": Site("s-p1", "P1", "p1")},
    devices={
        "core": router("core", "dc", DeviceRole.CORE_ROUTER),
        "r1": router("r1", "p1"),
        "sw1": router("sw1", "p1"),
    },
    links={"1": Link("1", "core", "r1"), "2": Link("2", "r1", "sw1")},
    services={"mot-cua": Service("mot-cua", "Một cửa", "public-service", "dc", devices=("sw1",))},
)


@dataclass(slots=True)
class Core:
    """The core as it runs: intake, stores, consumer, and what the live stream was told."""

    records: RecordStore
    state: StateStore
    now: datetime = NOON
    sequence: int = 0
    told: list[tuple[str, dict[str, Any]]] | None = None
    consumer: DetectionConsumer | None = None
    intake: Intake | None = None

    def start(self) -> None:
        """A new process over the same stores."""
        self.told = []
        told = self.told
        clock = lambda: self.now  # noqa: E731
        directory = Directory(INVENTORY)
        self.consumer = DetectionConsumer(
            self.state, directory, DetectionSettings(), clock, lambda topic, said: told.append((topic, said))
        )
        self.intake = Intake(
            self.records, self.state, self.consumer, lambda topic, said: None, clock, lambda inventory: None
        )

    def accept(self, **members: Any) -> None:
        assert self.intake is not None
        self.sequence += 1
        self.intake.accept(replace(Batch("edge", "1", self.sequence), **members))

    def poll(self, minute: int, **outcomes: Outcome) -> None:
        polls = [
            PollOutcome(device, INVENTORY.devices[device].unit, NOON + timedelta(minutes=minute), outcome, 1.0)
            for device, outcome in outcomes.items()
        ]
        self.accept(outcomes=tuple(polls))

    def incidents(self) -> list[Incident]:
        return list(self.state.incidents.incidents(ALL, IncidentQuery()).items)

    def statuses(self) -> dict[str, Status]:
        return {status.device: status.status for status in self.state.devices.statuses(ALL)}


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    records = open_records(tmp_path / "records", lambda: NOON)
    state = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", lambda: NOON)
    state.inventory.replace(Actor.system("test"), INVENTORY)
    made = Core(records, state)
    made.start()
    yield made
    records.close()
    state.close()


def alert(minute: float, offset: int = 0, severity: str = "high") -> Event:
    at = NOON + timedelta(minutes=minute)
    document = {
        "@timestamp": at.isoformat(),
        "event": {"kind": "alert", "dataset": "suricata.alert"},
        "rule": {"id": "9", "name": "SQL injection"},
        "source": {"ip": "203.0.113.66"},
        "destination": {"ip": "10.20.1.5"},
        "wardwatch": {"severity": severity, "destination": {"unit": "p1"}},
    }
    return event_of(Position("s", offset), at, ("p1",), document, "{}")


def test_an_outage_and_an_alert_on_one_unit_are_one_incident(core: Core) -> None:
    core.poll(0, core=Outcome.OK, r1=Outcome.OK, sw1=Outcome.OK)
    core.poll(1, r1=Outcome.TIMEOUT, sw1=Outcome.TIMEOUT)
    assert core.incidents() == []
    core.poll(2, core=Outcome.OK, r1=Outcome.TIMEOUT, sw1=Outcome.TIMEOUT)
    assert core.statuses() == {"core": Status.OK, "r1": Status.DOWN, "sw1": Status.BEHIND}
    (outage,) = core.incidents()
    assert outage.title == Words("Gián đoạn: Thiết bị r1 – Phường Một", "Outage: Thiết bị r1 – Phường Một")
    assert outage.services == ("mot-cua",)
    core.accept(events=(alert(10),))
    (joined,) = core.incidents()
    assert joined.id == outage.id
    assert joined.severity is Severity.CRITICAL
    core.poll(30, r1=Outcome.OK, sw1=Outcome.OK)
    kinds = [entry.detail["event"] for entry in core.state.incidents.timeline(ALL, joined.id)]
    assert kinds == ["outage_started", "alerts", "outage_recovered"]
    assert core.told is not None
    assert {topic for topic, _ in core.told} == {"status", "incident", "alert_group"}
    assert all("p1" in said["units"] or "dc" in said["units"] for _, said in core.told)


def test_alerts_delivered_again_count_once(core: Core) -> None:
    core.accept(events=(alert(0, 1), alert(1, 2, "medium")))
    core.accept(events=(alert(0, 1), alert(2, 3)))
    (group,) = core.state.alert_groups.groups(ALL, AlertGroupQuery()).items
    assert group.count == 3
    assert [position.offset for position in group.positions] == [1, 2, 3]
    assert len(core.incidents()) == 1


def test_a_restarted_core_goes_on_where_it_was(core: Core) -> None:
    core.poll(0, core=Outcome.OK, r1=Outcome.OK)
    core.poll(1, r1=Outcome.TIMEOUT)
    core.start()
    core.poll(2, r1=Outcome.TIMEOUT)
    core.start()
    core.poll(3, r1=Outcome.TIMEOUT)
    (incident,) = core.incidents()
    core.start()
    core.poll(4, r1=Outcome.OK)
    assert len(core.state.incidents.timeline(ALL, incident.id)) == 2


def test_drill_alerts_stay_in_their_namespace(core: Core) -> None:
    core.poll(0, core=Outcome.OK)
    for minute in (1, 2):
        core.poll(minute, r1=Outcome.TIMEOUT)
    core.accept(events=(alert(3),), namespace="drill-1")
    assert len(core.incidents()) == 1
    (drill,) = core.state.incidents.incidents(ALL, IncidentQuery(namespace="drill-1")).items
    assert drill.drill


def full(*arguments: object) -> None:
    raise StoreFault("the disk is full")


def test_a_batch_the_state_store_cannot_take_is_seen_when_it_comes_again(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.poll(0, core=Outcome.OK, r1=Outcome.OK)
    core.poll(1, r1=Outcome.TIMEOUT)
    with monkeypatch.context() as disk:
        disk.setattr(type(core.state.detection), "commit", full)
        for _ in range(3):
            with pytest.raises(StoreFault):
                core.poll(2, r1=Outcome.TIMEOUT)
            core.sequence -= 1
    assert core.statuses()["r1"] is Status.OK
    core.poll(2, r1=Outcome.TIMEOUT)
    assert core.statuses()["r1"] is Status.DOWN
    assert len(core.incidents()) == 1


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(("store", "verb"), [("incidents", "save"), ("alert_groups", "link"), ("detection", "settle")])
def test_what_is_owed_to_incidents_is_done_once_also_by_the_next_process(
    core: Core, monkeypatch: pytest.MonkeyPatch, store: str, verb: str, restarted: bool
) -> None:
    core.poll(0, core=Outcome.OK, r1=Outcome.OK)
    with monkeypatch.context() as disk:
        disk.setattr(type(getattr(core.state, store)), verb, full)
        core.poll(1, r1=Outcome.TIMEOUT)
        core.accept(events=(alert(1),))
        core.poll(2, r1=Outcome.TIMEOUT)
        assert core.state.alert_groups.groups(ALL, AlertGroupQuery()).total == 1
    if restarted:
        core.start()
    core.poll(3, core=Outcome.OK)
    (incident,) = core.incidents()
    told = [entry.detail["event"] for entry in core.state.incidents.timeline(ALL, incident.id)]
    assert sorted(told) == ["alerts", "outage_started"]
    (group,) = core.state.alert_groups.groups(ALL, AlertGroupQuery()).items
    assert (group.count, group.incident) == (1, incident.id)
    assert core.statuses() == {"core": Status.OK, "r1": Status.DOWN}
    assert list(core.state.detection.owed()) == []


def test_alerts_stored_before_a_crash_are_seen_by_the_next_process(core: Core) -> None:
    """The core dies between the record store and detection: the edge was not answered, so it sends again."""
    core.sequence += 1
    lost = Batch("edge", "1", core.sequence, events=(alert(0, 1), alert(1, 2)))
    core.records.append(Actor.system("edge:edge"), lost)
    core.start()
    assert core.intake is not None
    for _ in range(2):
        assert core.intake.accept(lost).already_committed
    (group,) = core.state.alert_groups.groups(ALL, AlertGroupQuery()).items
    assert group.count == 2
    assert len(core.incidents()) == 1


def test_silence_is_no_data(core: Core) -> None:
    core.poll(0, core=Outcome.OK)
    core.now = NOON + timedelta(minutes=4)
    assert core.consumer is not None
    core.consumer.silence()
    assert core.statuses() == {"core": Status.NO_DATA}


def hide(core: Core, **conditions: str) -> None:
    wanted = suppression_of("lan", "quét của phòng CNTT", NOON, NOON + timedelta(days=1), **conditions)
    suppress(core.state, ALL, Actor("lan"), wanted, (), NOON)


def inbox(core: Core) -> list[tuple[int, GroupState]]:
    groups = core.state.alert_groups.groups(ALL, AlertGroupQuery()).items
    return sorted((group.count, group.state) for group in groups)


def test_what_is_suppressed_is_counted_and_opens_no_incident(core: Core) -> None:
    core.accept(events=(alert(0, 0, "low"),))
    rule_id = core.state.alert_groups.groups(ALL, AlertGroupQuery()).items[0].rule_id
    hide(core, rule_id=rule_id)
    assert inbox(core) == [(1, GroupState.SUPPRESSED)]
    core.accept(events=(alert(1, 1), alert(2, 2)))
    assert inbox(core) == [(3, GroupState.SUPPRESSED)]
    assert core.incidents() == []
    (known,) = core.state.suppressions.suppressions(ALL)
    _, shown = end_suppression(core.state, ALL, Actor("lan"), known.id, NOON)
    assert (shown, inbox(core)) == (1, [(3, GroupState.OPEN)])
    core.accept(events=(alert(3, 3),))
    assert len(core.incidents()) == 1


def test_an_event_of_the_rule_that_is_no_alert_clears_its_group(core: Core) -> None:
    raised = alert(0, 0)
    over = raised._replace(alert=False, at=NOON + timedelta(minutes=2), position=Position("eve", 99))
    core.accept(events=(raised,))
    core.accept(events=(over,))
    assert inbox(core) == [(1, GroupState.CLEARED)]
    core.accept(events=(alert(5, 5),))
    assert inbox(core) == [(2, GroupState.OPEN)]
