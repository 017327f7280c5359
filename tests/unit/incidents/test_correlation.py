"""Findings become incidents, on the real state store."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wardwatch.incidents.correlation import CorrelationSettings, Correlator
from wardwatch.incidents.findings import Impact, ImpactSettings, Outage, Recovery, impact_of, severity_of
from wardwatch.incidents.lifecycle import close
from wardwatch.inventory.topology import Topology
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import AlertGroup, EntryKind, Incident
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Link, Service, Unit
from wardwatch.model.state import IncidentQuery
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.ports import StateStore
from wardwatch.state import open_state

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALL = Scope.everything()
LAN = Actor("lan")
NOTHING_ELSE = Impact()


class City:
    """A correlator over a fresh state store, with shorthands for findings."""

    def __init__(self, state: StateStore) -> None:
        self.state = state
        self.now = NOON
        self.restart()

    def restart(self) -> None:
        """A new process: what the correlator knows comes from the store."""
        self.correlator = Correlator(
            self.state.incidents, self.state.alert_groups, lambda unit: unit, CorrelationSettings(), lambda: self.now
        )
        self.correlator.load()

    def outage(
        self, minute: float = 0, device: str = "r1", unit: str = "phuong-1", impact: Impact = NOTHING_ELSE
    ) -> Incident:
        incident = self.correlator.outage(
            Outage(device, device, unit, unit, at(minute), Words.same("không trả lời"), impact)
        )
        assert incident is not None
        return incident

    def alerts(self, minute: float, **parts: Any) -> list[Incident]:
        values: dict[str, Any] = {
            "id": f"g{minute}{sorted(parts.items())}",
            "namespace": "default",
            "rule_id": "7",
            "rule_name": "SQL injection",
            "category": None,
            "severity": Severity.HIGH,
            "source_ip": "203.0.113.66",
            "destination_ip": "10.1.10.20",
            "unit": "phuong-1",
            "units": (),
            "device": None,
            "service": None,
            "technique": "T1190",
            "first_seen": at(minute),
            "last_seen": at(minute),
            "window_start": at(0),
            "count": 1,
        }
        group = AlertGroup(**(values | parts))
        self.state.alert_groups.merge(LAN, [group])
        merged = self.state.alert_groups.group(ALL, group.id)
        assert merged is not None
        return self.correlator.alerts([merged])

    def incidents(self) -> list[Incident]:
        return list(self.state.incidents.incidents(ALL, IncidentQuery(namespace=None)).items)

    def timeline(self, incident: Incident) -> list[tuple[EntryKind, str]]:
        return [(entry.kind, entry.detail["event"]) for entry in self.state.incidents.timeline(ALL, incident.id)]


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    state = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", lambda: NOON)
    yield City(state)
    state.close()


def test_an_outage_opens_one_incident_that_names_what_it_hurts(city: City) -> None:
    incident = city.outage(impact=Impact(("sw1",), ("phuong-2",), ("mot-cua",)))
    assert incident.title == Words("Gián đoạn: r1 – phuong-1", "Outage: r1 – phuong-1")
    assert incident.severity is Severity.HIGH
    assert (incident.units, incident.devices, incident.services) == (
        ("phuong-1", "phuong-2"),
        ("r1", "sw1"),
        ("mot-cua",),
    )
    assert city.timeline(incident) == [(EntryKind.OUTAGE, "outage_started")]


@pytest.mark.parametrize("restarted", [False, True])
def test_open_incidents_are_followed_for_a_day_and_outages_until_they_end(city: City, restarted: bool) -> None:
    city.alerts(0, severity=Severity.HIGH, unit="phuong-2")
    down = city.outage()
    city.now += timedelta(hours=25)
    if restarted:
        city.restart()
    city.alerts(25 * 60, severity=Severity.LOW, unit="phuong-3")
    assert city.correlator.followed == 1
    (noted,) = city.correlator.recovery(Recovery("r1", "r1", "phuong-1", at(25 * 60)))
    assert noted.id == down.id


def test_the_same_outage_again_adds_nothing_twice(city: City) -> None:
    city.outage()
    city.restart()
    incident = city.outage()
    assert len(city.incidents()) == 1
    assert len(city.timeline(incident)) == 1


@pytest.mark.parametrize("restarted", [False, True])
def test_outage_then_alert_on_one_unit_are_one_incident(city: City, restarted: bool) -> None:
    outage = city.outage()
    if restarted:
        city.restart()
    (joined,) = city.alerts(29, severity=Severity.MEDIUM)
    assert joined.id == outage.id
    assert joined.title == Words("Gián đoạn và cảnh báo: r1 – phuong-1", "Outage and alerts: r1 – phuong-1")
    assert joined.severity is Severity.HIGH, "medium and medium, raised by one step"
    assert city.timeline(joined) == [(EntryKind.OUTAGE, "outage_started"), (EntryKind.ALERT_GROUP, "alerts")]
    assert [incident.id for incident in city.incidents()] == [outage.id]


def test_serious_alert_then_outage_are_one_incident(city: City) -> None:
    (opened,) = city.alerts(0)
    joined = city.outage(20)
    assert joined.id == opened.id
    assert joined.severity is Severity.CRITICAL
    assert joined.title == Words("Gián đoạn và cảnh báo: r1 – phuong-1", "Outage and alerts: r1 – phuong-1")
    assert joined.techniques == ("T1190",)


def test_mild_alerts_before_an_outage_join_its_story(city: City) -> None:
    assert city.alerts(0, severity=Severity.LOW) == []
    incident = city.outage(10)
    assert city.timeline(incident) == [(EntryKind.ALERT_GROUP, "alerts"), (EntryKind.OUTAGE, "outage_started")]
    group = city.state.alert_groups.group(ALL, "g0[('severity', <Severity.LOW: 'low'>)]")
    assert group is not None
    assert group.incident == incident.id


@pytest.mark.parametrize(
    "parts",
    [{"first_seen": at(31), "last_seen": at(31)}, {"unit": "phuong-9"}, {"namespace": "drill-1"}],
    ids=["too late", "another unit", "a drill"],
)
def test_what_does_not_belong_together_stays_apart(city: City, parts: dict[str, Any]) -> None:
    outage = city.outage()
    (other,) = city.alerts(5, **parts)
    assert other.id != outage.id
    assert other.drill == ("namespace" in parts)


def test_remarks_of_the_parser_join_nothing(city: City) -> None:
    city.outage()
    assert city.alerts(1, severity=Severity.INFO) == []


def test_alerts_of_one_attacker_are_one_incident(city: City) -> None:
    (first,) = city.alerts(0)
    (second,) = city.alerts(5, technique="T1041", destination_ip="10.1.10.21", severity=Severity.CRITICAL)
    (third,) = city.alerts(6, technique=None, severity=Severity.LOW)
    assert first.id == second.id == third.id
    assert second.severity is Severity.CRITICAL
    assert third.techniques == ("T1190", "T1041")
    (stranger,) = city.alerts(7, technique="T1595", source_ip="198.51.100.1", destination_ip="10.1.10.99")
    assert stranger.id != first.id


def test_the_device_that_cuts_off_names_the_incident_even_when_noticed_last(city: City) -> None:
    first = city.outage(0, "ward", "phuong-1")
    joined = city.outage(1, "district", "quan-1", Impact(("ward",), ("phuong-1",)))
    assert joined.id == first.id
    assert joined.title == Words("Gián đoạn: district – quan-1", "Outage: district – quan-1")
    assert joined.units == ("phuong-1", "quan-1")


@pytest.mark.parametrize("restarted", [False, True])
def test_alerts_that_meet_an_outage_keep_the_name_of_what_cuts_off(city: City, restarted: bool) -> None:
    city.outage(0, "ward", "phuong-1")
    city.outage(1, "district", "quan-1", Impact(("ward",), ("phuong-1",)))
    if restarted:
        city.restart()
    (joined,) = city.alerts(5)
    assert joined.title == Words("Gián đoạn và cảnh báo: district – quan-1", "Outage and alerts: district – quan-1")


def test_recovery_is_noted_once_and_closes_nothing(city: City) -> None:
    outage = city.outage()
    (noted,) = city.correlator.recovery(Recovery("r1", "r1", "phuong-1", at(12)))
    assert noted.closed_at is None
    entries = city.state.incidents.timeline(ALL, outage.id)
    assert entries[-1].summary == Words("r1 hoạt động trở lại sau 12 phút", "r1 is up after 12 minutes")
    assert city.correlator.recovery(Recovery("r1", "r1", "phuong-1", at(13))) == []


def test_a_closed_incident_takes_nothing_new(city: City) -> None:
    outage = city.outage()
    close(city.state.incidents, ALL, LAN, outage.id, outage.version, "outage", at(1))
    (opened,) = city.alerts(5)
    assert opened.id != outage.id


def test_impact_follows_links_redundancy_and_dependencies() -> None:
    def device(name: str, unit: str, group: str | None = None) -> Device:
        role = DeviceRole.CORE_ROUTER if name == "core" else DeviceRole.ROUTER
        return Device(name, name, role, unit, "s", "z", "127.0.0.9", redundancy_group=group)

    inventory = Inventory(
        units={name: Unit(name, name, "ward", name) for name in ("dc", "quan", "phuong")},
        devices={
            item.id: item
            for item in (
                device("core", "dc"),
                device("district", "quan"),
                device("ward", "phuong"),
                device("sv-a", "dc", "pair"),
                device("sv-b", "dc", "pair"),
                device("lone", "quan"),
            )
        },
        links={
            "1": Link("1", "core", "district"),
            "2": Link("2", "district", "ward"),
            "3": Link("3", "district", "lone"),
            "4": Link("4", "core", "sv-a"),
            "5": Link("5", "core", "sv-b"),
        },
        services={
            "system": Service("system", "system", "information-system", "quan", devices=("lone",)),
            "portal": Service("portal", "portal", "public-service", "dc", depends_on=("system",)),
            "mail": Service("mail", "mail", "information-system", "dc", devices=("sv-a",)),
        },
    )
    topology = Topology(inventory)
    impact = impact_of("district", inventory, topology)
    assert impact == Impact(("lone", "ward"), ("phuong",), ("portal", "system"))
    assert severity_of(impact, ImpactSettings()) is Severity.HIGH
    assert impact_of("sv-a", inventory, topology).services == (), "its twin still stands"
    assert severity_of(Impact(units=("a", "b", "c", "d", "e")), ImpactSettings()) is Severity.CRITICAL
