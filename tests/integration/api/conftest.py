"""The API on real stores behind a real server. Unit `an-phu` is the caller's, `secret-ward` is somebody else's: every
id and name of it says secret, so that a leak shows."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry

from api.administrator import ensure_administrator
from api.app import create_app
from api.drill_results import FolderDrillResults
from api.settings import ApiSettings
from api.stream import LiveHub
from detectors.rules.replaying import CONFIGURATION
from detectors.sigma.rule import About, Rule
from detectors.sigma.ruleset import Ruleset
from detectors.sigma.sources import Logsource
from detectors.sigma.terms import Field, Leaf, Presence
from wardwatch.app.rule_management import rule_keeper
from wardwatch.ecs import event_of
from wardwatch.errors import Problem
from wardwatch.model.access import Actor, Role
from wardwatch.model.care import Heartbeat, HeldCertificate, Maintenance
from wardwatch.model.discovery import Candidate, Heard, Proposal, Search, Way
from wardwatch.model.health import PartHealth, PartState
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
from wardwatch.notify.log import Attempt, AttemptLog, Outcome
from wardwatch.notify.service import Notifier, NotifierSettings
from wardwatch.ports import StateStore
from wardwatch.records import open_records
from wardwatch.settings import DataFolder
from wardwatch.state import open_state

ACTOR = Actor.system("test")
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WARDS = ("an-phu", "secret-ward")
NAMES = {"an-phu": "Phường An Phú", "secret-ward": "Phường secret Đông"}
PARTS = [
    PartHealth("secret-edge", "core", utc_now(), PartState.RUNNING, utc_now() - timedelta(days=1)),
    PartHealth(
        "secret-edge",
        "ingest",
        utc_now(),
        PartState.FAILED,
        utc_now(),
        4,
        Words("đĩa đầy", "disk full"),
        {"lag_bytes": 4096.0},
    ),
]
PASSWORD = "mật khẩu dài"
NOTIFY = """
channels: [{name: mail, url: "secret://mail"}]
people: [{name: an, channels: [mail]}]
rotas: [{name: noc, people: [an], starts: 2026-01-05}]
routes: [{name: serious, rotas: [noc]}]
"""
SIGMA = Ruleset(
    rules=(
        Rule(
            About(
                "9000001",
                "guessing",
                Words("Dò mật khẩu", "Guessing"),
                Words("", ""),
                Severity.HIGH,
                "test",
                ("T1110.001",),
                ("TA0006",),
                ("attack.t1110.001",),
                (),
                ("forgotten passwords",),
                None,
                "r.yaml",
                1,
            ),
            Logsource("webserver"),
            ("suricata.http",),
            Leaf(Field("x", ("x",)), Presence(True)),
        ),
    ),
    problems=(Problem("/somewhere/mine.yml", 7, "Broken: no condition"),),
    parsed=1,
    routed=1,
)
Row = dict[str, str | int | float | bool | None]


@dataclass
class Installation:
    """What a test works with."""

    url: str
    state: StateStore
    hub: LiveHub
    administrator: str

    @contextmanager
    def client(self, user: str | None = "admin") -> Iterator[httpx.Client]:
        """A browser in which the user is logged in."""
        headers = {"x-requested-with": "wardwatch"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=20) as client:
            if user is not None:
                password = self.administrator if user == "admin" else PASSWORD
                answer = client.post("/api/v1/session", json={"username": user, "password": password})
                assert answer.status_code == 201, answer.text
            yield client

    def open_incident(self, incident_id: str, ward: str = "an-phu") -> Incident:
        return self.state.incidents.save(ACTOR, _incident(incident_id, ward), [])


def _notifier(folder: Path, state: StateStore) -> Notifier:
    """One that has told an incident of either ward; its channels lead nowhere."""
    document, log = folder / "notify.yaml", AttemptLog(folder / "notify" / "log.jsonl")
    document.write_text(NOTIFY, encoding="utf-8")
    now = utc_now()
    log.open(now)
    log.add([Attempt(now, ward, "mail", Outcome.SENT, f"#1 {ward}", 1, units=(ward,)) for ward in WARDS])
    files = NotifierSettings(document, folder / "notify" / "log.jsonl")
    return Notifier(files, state, lambda reference: reference, lambda address, message: "refused", utc_now)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("api")
    state = open_state(f"sqlite:///{folder / 'state.sqlite'}", utc_now)
    records = open_records(folder / "records", utc_now)
    password = ensure_administrator(state, ACTOR, utc_now, hasher=HASHER)
    assert password is not None
    _fill_state(state)
    records.append(ACTOR, _batch())
    _write_drill(folder / "drills")
    registry = CollectorRegistry()
    hub = LiveHub(utc_now, registry)
    results = FolderDrillResults(folder / "drills")
    app = create_app(
        ApiSettings(),
        state,
        records,
        hub,
        utc_now,
        registry,
        results,
        hasher=HASHER,
        parts=lambda: PARTS,
        sigma=lambda: SIGMA,
        notifier=_notifier(folder, state),
        rules=rule_keeper(_data(folder), state.audit.record, utc_now),
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Installation(f"http://127.0.0.1:{port}", state, hub, password)
    hub.close()
    server.should_exit = True
    thread.join(20)
    records.close()
    state.close()


def _data(folder: Path) -> DataFolder:
    """A folder with rules of its own, one of them broken."""
    data = DataFolder(folder / "data")
    local = data.rules / "local"
    local.mkdir(parents=True)
    data.settings.write_text(f"sensor: {{configuration: {CONFIGURATION}}}\n", encoding="utf-8")
    (data.rules / "rules.yaml").write_text("ours: false\n", encoding="utf-8")
    rules = 'alert tcp any any -> any any (msg:"Dò mật khẩu"; flow:established; sid:9000001; rev:1;)\nalert tpc x\n'
    (local / "city.rules").write_text(rules, encoding="utf-8")
    return data


def _fill_state(state: StateStore) -> None:
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
        opened = _incident(f"inc-{ward}", ward)
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


def _incident(incident_id: str, ward: str) -> Incident:
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


def _batch() -> Batch:
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


def _write_drill(folder: Path) -> None:
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
