"""What stands in the stores that the API is asked about: the same of the caller's ward and of somebody else's."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from wardwatch.ecs import event_of
from wardwatch.model.access import Actor, Role
from wardwatch.model.care import Heartbeat, HeldCertificate, Maintenance
from wardwatch.model.discovery import Candidate, Heard, Proposal, Search, Way
from wardwatch.model.incidents import (
    AlertGroup,
    DeviceStatus,
    EntryKind,
    Incident,
    IncidentState,
    TimelineEntry,
)
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Service, Site, Unit, Zone
from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.records import Batch, DeviceFacts, Position, Rejected, SampleBlock, SourceProgress
from wardwatch.model.state import Grant, User
from wardwatch.model.status import Severity, Status
from wardwatch.model.suppressions import Suppression
from wardwatch.model.text import Words
from wardwatch.model.time import utc_now
from wardwatch.model.topology import Found, FoundLink, LinkEnd, Sighting
from wardwatch.ports import StateStore

ACTOR = Actor.system("test")
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WARDS = ("an-phu", "secret-ward")
NAMES = {"an-phu": "Phường An Phú", "secret-ward": "Phường secret Đông"}
PASSWORD = "mật khẩu dài"
Row = dict[str, str | int | float | bool | None]


def fill_state(state: StateStore) -> None:
    now = utc_now()
    units = [Unit("city", "Thành phố", "city", "01")] + [
        Unit(ward, NAMES[ward], "ward", f"code-{ward}", parent="city", tile=(column, 0))
        for column, ward in enumerate(WARDS)
    ]
    inventory = Inventory(
        units={unit.id: unit for unit in units},
        zones={"wan": Zone("wan", "WAN")},
        sites={f"site-{ward}": Site(f"site-{ward}", f"site {ward}", ward) for ward in WARDS},
        devices={
            f"rt-{ward}": Device(
                f"rt-{ward}", f"router {ward}", DeviceRole.ROUTER, ward, f"site-{ward}", "wan", f"10.{number}.0.1"
            )
            for number, ward in enumerate(WARDS)
        },
        services={
            f"svc-{ward}": Service(f"svc-{ward}", f"service {ward}", "public-service", ward, devices=(f"rt-{ward}",))
            for ward in WARDS
        },
    )
    state.inventory.replace(ACTOR, inventory)
    for ward in WARDS:
        hour = timedelta(hours=1)
        state.care.plan(ACTOR, Maintenance(f"window-{ward}", "nâng cấp", "an", now, now + hour, now + 2 * hour, ward))
        held = HeldCertificate(f"cert-{ward}", "person", f"holder {ward}", ward, "CA", "0a", None, now + 24 * hour)
        state.care.hold(ACTOR, [held])
        state.heartbeats.put(ACTOR, Heartbeat(f"job-{ward}", f"job {ward}", ward, f"hash-{ward}", 3600, 60, now))
    state.devices.put_statuses(
        ACTOR,
        [
            DeviceStatus(f"rt-{ward}", ward, Status.DOWN, now, now, Words(f"nguyên nhân {ward}", f"cause {ward}"))
            for ward in WARDS
        ],
    )
    row: Row = {
        "index": 1,
        "name": "wan0",
        "alias": "uplink",
        "oper": "up",
        "admin": "up",
    }
    state.devices.put_facts(ACTOR, [DeviceFacts(f"rt-{ward}", "interfaces", now, (row,)) for ward in WARDS])
    for ward in WARDS:
        heat: Row = {"oid": "1.3.6.5.1", "class": "temperature", "label": f"Inlet {ward}"}
        port: Row = {"index": "7", "local_port": "wan0", "remote_system": f"core {ward}"}
        told = {"sensors": (heat,), "neighbours": (port, {**port, "index": "8", "remote_port": "ge0"})}
        state.devices.put_facts(ACTOR, [DeviceFacts(f"rt-{ward}", kind, now, rows) for kind, rows in told.items()])
    for ward in WARDS:
        state.alert_groups.merge(ACTOR, [_group(ward)])
    for ward in WARDS:
        state.suppressions.add(ACTOR, _suppression(ward, now))
        opened = incident(f"inc-{ward}", ward)
        touched = {"units": list(WARDS), "devices": [f"rt-{each}" for each in WARDS], "services": ["svc-secret-ward"]}
        entry = TimelineEntry(
            f"entry-{ward}",
            opened.id,
            now,
            EntryKind.OUTAGE,
            f"rt-{ward}",
            Words.same(f"down {ward}"),
            "system",
            touched,
        )
        state.incidents.save(ACTOR, opened, [entry])
        state.alert_groups.link(ACTOR, [f"grp-{ward}"], opened.id)
    _fill_found(state)
    encoded = HASHER.hash(PASSWORD)
    for name, role in (("an", Role.OPERATOR), ("xem", Role.VIEWER)):
        state.accounts.put_user(ACTOR, User(name, name, encoded), [Grant(name, role, "an-phu")])
    state.accounts.put_user(ACTOR, User("tat", "switched off", encoded, active=False), [Grant("tat", Role.VIEWER)])


def _fill_found(state: StateStore) -> None:
    """Of each ward a search, a candidate, a link and somebody on a port."""
    now = utc_now()
    for ward in WARDS:
        state.searches.ask(ACTOR, Search(f"search-{ward}", Way.CRAWL, f"rt-{ward}", ward, now, unit=ward))
        heard = Heard("10.99.0.1", now, Way.CRAWL, f"rt-{ward}", name=f"sw-{ward}", seen_by=f"rt-{ward}")
        proposal = Proposal(f"sw-{ward}", f"sw-{ward}", unit=ward, site=f"site-{ward}")
        state.discovery.save(ACTOR, [(Candidate(f"cand-{ward}", heard, proposal, now, now), ())])
    ends = {ward: (LinkEnd(f"rt-{ward}", "wan0"), LinkEnd(f"rt-{ward}", "lan0")) for ward in WARDS}
    links = [FoundLink(f"link-{ward}", *ends[ward], 0.9, (), now, now) for ward in WARDS]
    state.topology.replace(ACTOR, Found(tuple(links)))
    hosts = [Sighting("00:1b:21:00:00:01", "10.99.0.2", f"rt-{ward}", "lan0", 1, now, now) for ward in WARDS]
    state.sightings.note(ACTOR, hosts)


def incident(incident_id: str, ward: str) -> Incident:
    now = utc_now()
    return Incident(
        id=incident_id,
        number=0,
        namespace="default",
        title=Words(f"gián đoạn {ward}", f"outage of {ward}"),
        state=IncidentState.OPEN,
        severity=Severity.HIGH,
        unit=ward,
        units=(ward,),
        devices=(f"rt-{ward}",),
        services=(f"svc-{ward}",),
        techniques=(),
        opened_at=now,
        updated_at=now,
    )


def _group(ward: str) -> AlertGroup:
    now = utc_now()
    return AlertGroup(
        id=f"grp-{ward}",
        namespace="default",
        rule_id="9000001",
        rule_name=f"rule {ward}",
        category=None,
        severity=Severity.HIGH,
        source_ip="198.51.100.7",
        destination_ip="10.0.0.1",
        unit=ward,
        units=(ward,),
        device=f"rt-{ward}",
        service=f"svc-{ward}",
        technique=f"T-{ward}",
        first_seen=now,
        last_seen=now,
        window_start=now,
        count=3,
        positions=(Position(f"src-{ward}", 0),),
    )


def _suppression(ward: str, now: datetime) -> Suppression:
    ends = now + timedelta(days=1)
    return Suppression(f"sup-{ward}", "admin", f"máy quét của {ward}", now, ends, rule_id="1", unit=ward)


def batch() -> Batch:
    now = utc_now() - timedelta(seconds=30)
    columns: dict[str, dict[str, tuple[float | None, ...]]] = {
        measurement: dict.fromkeys(MEASUREMENTS[measurement].columns, (1.0,))
        for measurement in ("device", "interface", "sensor")
    }
    blocks = [
        SampleBlock(measurement, f"rt-{ward}", ward, now, (index,), columns[measurement])
        for ward in WARDS
        for measurement, index in (("device", ""), ("interface", "1"), ("sensor", "1.3.6.5.1"))
    ]
    earlier = now - timedelta(minutes=10)  # in a whole window of five minutes
    blocks += [
        SampleBlock(name, f"rt-{ward}", ward, earlier, (index,), dict.fromkeys(("bytes", "packets"), (3000.0,)))
        for ward in WARDS
        for name, index in (("traffic", f"out web {ward}"), ("flow", f"out web {ward} 10.0.0.1 203.0.113.7"))
    ]
    events = [
        event_of(
            Position(f"src-{ward}", offset),
            now - timedelta(seconds=offset),
            (ward,),
            {
                "event": {"kind": "alert", "dataset": "suricata.alert"},
                "message": f"hello {ward}",
                "rule": {"id": ward},
            },
            json.dumps({"original": ward}),
        )
        for ward in WARDS
        for offset in range(5)
    ]
    hostile = Rejected(Position(f"src-{WARDS[0]}", 90), now, "the line is no JSON", "\x1b[2J<script>\0" + "x" * 5000)
    return Batch(
        *("edge", "1", 1),
        blocks=(*blocks, SampleBlock("nonsense", f"rt-{WARDS[0]}", WARDS[0], now, ("",), {})),
        events=tuple(events),
        rejected=(hostile,),
        progress=(SourceProgress(f"src-{WARDS[0]}", 100, "/secret-log/eve.json", "f"),),
        drops={"sample": 7},
        # One line more than there is: the ledger of the fixture is out of balance.
        read={f"src-{WARDS[0]}": 7, "samples": 11},
    )


def write_drill(folder: Path) -> None:
    run = folder / "run-1"
    run.mkdir(parents=True)
    expectation = {"id": "e1", "kind": "detection", "technique": "T1190", "status": "met", "credit": 1.0}
    score = {
        "id": "secret-drill",
        "scenario": "web",
        "title": {"vi": "Tấn công", "en": "Attack"},
        "seed": 7,
        "sha256": "0" * 64,
        "started_at": "2026-11-23T04:00:00Z",
        "score": 1.0,
        "expectations": [{**expectation, "time_to_detect_s": 2.5, "weight": 1.0}],
        "false_positives": 0,
    }
    (run / "score.json").write_text(json.dumps(score), encoding="utf-8")
    (folder / "broken").mkdir()
    (folder / "broken" / "score.json").write_text("{", encoding="utf-8")
