"""Services, availability and maintenance over HTTP, on samples in a real store."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from api.administrator import ensure_administrator
from api.app import create_app
from api.drill_results import FolderDrillResults
from api.settings import ApiSettings
from api.stream import LiveHub
from wardwatch.model.access import Actor, Role
from wardwatch.model.inventory import Check, Inventory, Service, Unit
from wardwatch.model.records import Batch, SampleBlock
from wardwatch.model.state import Grant, User
from wardwatch.model.time import utc_now
from wardwatch.records import open_records
from wardwatch.state import open_state

ACTOR = Actor.system("test")
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HEADERS = {"x-requested-with": "wardwatch"}
CITY = Inventory(
    units={
        "city": Unit("city", "Thành phố", "city", "01"),
        "works": Unit("works", "Sở Xây dựng", "department", "02", "city"),
        "health": Unit("health", "Sở Y tế", "department", "03", "city"),
    },
    services={
        "portal": Service("portal", "Cổng dịch vụ công", "information-system", "city", level=3),
        "permit": Service(
            "permit", "Cấp phép xây dựng", "public-service", "works", level=4, depends_on=("portal",), code="1.0045"
        ),
        "clinic": Service("clinic", "Cấp phép phòng khám", "public-service", "health", level=3),
    },
    checks={
        "page": Check("page", "portal", "https", "portal.example"),
        "form": Check("form", "clinic", "http", "clinic.example"),
    },
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("services")
    with_application = _application(folder)
    with TestClient(with_application[0], headers=HEADERS, base_url="https://wardwatch.example") as client:
        yield _logged_in(client, "admin", with_application[1])


def _application(folder: Path) -> tuple[FastAPI, str]:
    state = open_state(f"sqlite:///{folder / 'state.sqlite'}", utc_now)
    records = open_records(folder / "records", utc_now)
    password = ensure_administrator(state, ACTOR, utc_now, hasher=HASHER)
    assert password is not None
    state.inventory.replace(ACTOR, CITY)
    user = User("yte", "Y tế", HASHER.hash("mật khẩu dài"))
    state.accounts.put_user(ACTOR, user, [Grant("yte", Role.OPERATOR, "health")])
    records.append(ACTOR, _samples())
    registry, hub = CollectorRegistry(), LiveHub(utc_now, CollectorRegistry())
    settings = ApiSettings(months_ttl_s=0, failing_ttl_s=0, wall_ttl_s=0, wall_grace_s=0)
    results = FolderDrillResults(folder / "drills")
    return create_app(settings, state, records, hub, utc_now, registry, results, hasher=HASHER), password


def _samples() -> Batch:
    now = utc_now()
    blocks = []
    for minute in range(60):
        for check, service, unit, up in (("page", "portal", "city", minute >= 15), ("form", "clinic", "health", True)):
            columns = {"up": (float(up),), "down": (float(not up),), "duration_ms": (12.0,), "certificate_days": (9.5,)}
            at = now - timedelta(minutes=minute, seconds=1)
            blocks.append(SampleBlock("service", service, unit, at, (check,), dict(columns)))
    return Batch("edge", "1", 1, blocks=tuple(blocks))


def _logged_in(client: TestClient, user: str, password: str) -> TestClient:
    answer = client.post("/api/v1/session", json={"username": user, "password": password})
    assert answer.status_code == 201, answer.text
    return client


def test_failing_services_come_first_with_their_availability(client: TestClient) -> None:
    page = client.get("/api/v1/services").json()
    assert [row["id"] for row in page["items"]] == ["permit", "portal", "clinic"]
    permit = page["items"][0]
    assert (permit["failing"], permit["checks"], permit["status"]) == (1, 1, "down")
    assert permit["availability"]["percent"] == pytest.approx(75, abs=6)
    assert page["items"][2]["availability"]["percent"] == 100
    found = client.get("/api/v1/services", params={"kind": "public-service", "q": "cap phep xay", "level": 4}).json()
    assert [row["id"] for row in found["items"]] == ["permit"]
    first = client.get("/api/v1/services", params={"limit": 1}).json()
    assert (first["total"], len(first["items"]), first["next"]) == (3, 1, "1")


def test_a_service_tells_its_checks_and_its_last_day(client: TestClient) -> None:
    permit = client.get("/api/v1/services/permit").json()
    (check,) = permit["check_results"]
    assert (check["id"], check["up"], check["certificate_days"]) == ("page", False, 9.5)
    assert check["service"]["name"] == "Cổng dịch vụ công"
    assert permit["history"]
    assert client.get("/api/v1/services/nothing").status_code == 404


def test_availability_by_level_and_owner(client: TestClient) -> None:
    report = client.get("/api/v1/services/availability").json()
    assert [(each["level"], each["services"]) for each in report["levels"]] == [(3, 1), (4, 1)]
    assert [each["owner"]["id"] for each in report["owners"]] == ["works", "health"]
    for month in ("2999-01", "2026-13"):
        assert client.get("/api/v1/services/availability", params={"month": month}).status_code == 422
    old = client.get("/api/v1/services/availability", params={"month": "2020-02"}).json()
    assert old["levels"][0]["percent"] is None
    assert old["start"] == "2020-01-31T17:00:00Z"


def test_planned_work_is_left_out(client: TestClient) -> None:
    now = utc_now()
    wanted = {
        "reason": "nâng cấp cổng",
        "starts_at": (now - timedelta(hours=2)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "service": "portal",
    }
    both = client.post("/api/v1/maintenance", json={**wanted, "unit": "city"})
    assert (both.status_code, "exactly one" in both.text) == (422, True)
    assert client.post("/api/v1/maintenance", json={**wanted, "ends_at": wanted["starts_at"]}).status_code == 422
    made = client.post("/api/v1/maintenance", json=wanted)
    assert made.status_code == 201, made.text
    permit = client.get("/api/v1/services/permit").json()
    assert permit["availability"]["percent"] is None
    assert permit["availability"]["maintained_s"] > 3600
    name = made.json()["id"]
    assert client.get("/api/v1/maintenance").json()["items"][0]["active"] is True
    assert client.delete(f"/api/v1/maintenance/{name}").json()["active"] is False
    assert client.delete(f"/api/v1/maintenance/{name}").status_code == 404


def test_a_department_sees_and_plans_its_own_only(client: TestClient) -> None:
    with TestClient(client.app, headers=HEADERS, base_url="https://wardwatch.example") as limited:
        _logged_in(limited, "yte", "mật khẩu dài")
        assert [row["id"] for row in limited.get("/api/v1/services").json()["items"]] == ["clinic"]
        assert limited.get("/api/v1/services/permit").status_code == 404
        now = utc_now()
        wanted = {
            "reason": "bảo trì máy chủ",
            "starts_at": now.isoformat(),
            "ends_at": (now + timedelta(hours=1)).isoformat(),
        }
        assert limited.post("/api/v1/maintenance", json={**wanted, "service": "portal"}).status_code == 404
        assert limited.post("/api/v1/maintenance", json={**wanted, "unit": "works"}).status_code == 404
        assert limited.post("/api/v1/maintenance", json={**wanted, "service": "clinic"}).status_code == 201


def test_certificates_are_kept_and_seen_ones_stand_beside_them(client: TestClient) -> None:
    now = utc_now()
    kept = {
        "id": "org-works",
        "kind": "organisation",
        "holder": "Sở Xây dựng",
        "unit": "works",
        "issuer": "CA",
        "serial": "0a1b",
        "valid_to": (now + timedelta(days=90)).isoformat(),
    }
    assert client.post("/api/v1/certificates", json={"certificates": [kept]}).status_code == 201
    rows = client.get("/api/v1/certificates").json()["items"]
    assert [(row["id"], row["found"], row["warning"]) for row in rows] == [
        ("check:form", True, True),
        ("check:page", True, True),
        ("org-works", False, False),
    ]
    soon = client.get("/api/v1/certificates", params={"within_days": 30, "kind": "organisation"}).json()
    assert soon["items"] == []
    for wrong in ({"unit": "nowhere"}, {"valid_to": "soon"}, {"kind": "dog"}, {"id": "a b"}):
        answer = client.post("/api/v1/certificates", json={"certificates": [{**kept, **wrong}]})
        assert answer.status_code in (404, 422)
    assert client.delete("/api/v1/certificates/org-works").status_code == 204
    assert client.delete("/api/v1/certificates/org-works").status_code == 404


def test_a_job_reports_with_its_token_alone(client: TestClient) -> None:
    wanted = {"id": "backup", "name": "Sao lưu", "unit": "works", "every_s": 3600}
    made = client.post("/api/v1/heartbeats", json=wanted)
    assert made.status_code == 201, made.text
    assert client.post("/api/v1/heartbeats", json=wanted).status_code == 409
    path = made.json()["path"]
    with TestClient(client.app, base_url="https://wardwatch.example") as stranger:
        assert stranger.post(path).json()["id"] == "backup"
        assert stranger.get(path, params={"ok": False, "detail": "đĩa đầy"}).status_code == 200
        assert stranger.get("/api/v1/heartbeats/beat/nonsense").status_code == 404
        assert stranger.get("/api/v1/heartbeats").status_code == 401
    (job,) = client.get("/api/v1/heartbeats").json()["items"]
    assert (job["late"], job["last_ok"], job["detail"]) == (True, False, "đĩa đầy")
    assert path.rpartition("/")[2] not in client.get("/api/v1/heartbeats").text
    assert client.delete("/api/v1/heartbeats/backup").status_code == 204
