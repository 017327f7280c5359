"""The API on real stores behind a real server. Unit `an-phu` is the caller's, `secret-ward` is somebody else's: every
id and name of it says secret, so that a leak shows."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
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
from tests.integration.api.population import ACTOR, HASHER, PASSWORD, WARDS, batch, fill_state, incident, write_drill
from wardwatch.app.rule_management import rule_keeper
from wardwatch.errors import Problem
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.incidents import (
    Incident,
)
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.model.time import utc_now
from wardwatch.notify.log import Attempt, AttemptLog, Outcome
from wardwatch.notify.service import Notifier, NotifierSettings
from wardwatch.ports import StateStore
from wardwatch.records import open_records
from wardwatch.settings import DataFolder
from wardwatch.state import open_state

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
        return self.state.incidents.save(ACTOR, incident(incident_id, ward), [])


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
    fill_state(state)
    records.append(ACTOR, batch())
    write_drill(folder / "drills")
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
