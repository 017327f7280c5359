"""What the demo does, told through its API: it polls, sees faults and attacks, and people work on what it found."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from drills.packets import PlannedAction, generate
from drills.sensor import SensorSettings, SuricataSensor
from wardwatch.demo.traffic import BOUNDS
from wardwatch.model.access import Actor, Role
from wardwatch.model.state import Grant, User
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder
from wardwatch.state import open_state

Eventually = Callable[..., Any]
LogIn = Callable[..., httpx.Client]

BACK, AWAY = "huyen-an-khanh.xa-lai-yen", "huyen-binh-phu.thi-tran-binh-phu"
BACK_ROUTER, AWAY_ROUTER = "w0203-r1", "w0301-r1"
# The routers that fail with what stands behind them, and whose ports towards them go down.
SILENT = {BACK_ROUTER, "w0203-sw1", AWAY_ROUTER, "w0301-sw1"}
TOUCHED = SILENT | {"d02-r1", "d03-r1"}
DEVICES = 78
ATTACKER = "198.51.100.77"
OUTAGE_S, RECOVERY_S = 90.0, 120.0


def get(client: httpx.Client, path: str, **query: object) -> Any:
    answer = client.get(f"/api/v1{path}", params={key: str(value) for key, value in query.items()})
    assert answer.status_code == httpx.codes.OK, f"{path}: {answer.text}"
    return answer.json()


def items(client: httpx.Client, path: str, **query: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(client, path, **query)["items"]
    return found


def incident_of(client: httpx.Client, unit: str) -> dict[str, Any] | None:
    """The newest incident of the outage of a unit, whole."""
    for incident in items(client, "/incidents", unit=unit):
        whole: dict[str, Any] = get(client, f"/incidents/{incident['id']}")
        if any(entry["kind"] == "outage" for entry in whole["timeline"]):
            return whole
    return None


def told(incident: dict[str, Any] | None, event: str) -> list[dict[str, Any]]:
    """The entries of a timeline that speak of an event."""
    return [entry for entry in (incident or {"timeline": []})["timeline"] if entry["detail"].get("event") == event]


def test_it_serves_and_knows_who_calls(url: str, password: str) -> None:
    assert httpx.get(f"{url}/healthz", trust_env=False).json()["status"] == "ok"
    with httpx.Client(base_url=url, headers={"x-requested-with": "wardwatch"}, trust_env=False) as client:
        assert client.get("/api/v1/wall").status_code == httpx.codes.UNAUTHORIZED
        wrong = client.post("/api/v1/session", json={"username": "admin", "password": f"{password}x"})
        assert (wrong.status_code, wrong.headers["content-type"]) == (401, "application/problem+json")
        right = client.post("/api/v1/session", json={"username": "admin", "password": password})
        assert right.json()["whole_city"] is True
        assert get(client, "/wall")["totals"]["devices"]["total"] == DEVICES
        assert client.delete("/api/v1/session").status_code == httpx.codes.NO_CONTENT
        assert client.get("/api/v1/wall").status_code == httpx.codes.UNAUTHORIZED


def test_every_device_is_polled(admin: httpx.Client, eventually: Eventually) -> None:
    def all_judged() -> list[dict[str, Any]]:
        devices = items(admin, "/devices", limit=500)
        return devices if all(device["checked_at"] for device in devices) else []

    def polled_on_time() -> bool:
        freshness = get(admin, "/wall")["freshness"]
        late: int = freshness["devices_total"] - freshness["devices_polled"]
        return late <= len(SILENT) and not freshness["stale"]

    devices = eventually(all_judged, "every device was polled once")
    assert len(devices) == DEVICES
    assert {device["id"] for device in devices if device["status"] != "ok"} <= TOUCHED
    eventually(polled_on_time, "all but the silent devices are polled every interval")


def test_a_device_has_ports_and_series(admin: httpx.Client, eventually: Eventually) -> None:
    def busy() -> list[dict[str, Any]]:
        return [port for port in items(admin, "/devices/dc-core-r1/interfaces") if port["in_bps"]]

    port = eventually(busy, "the core router's ports have rates")[0]
    assert port["name"]
    assert port["speed_bps"] > port["in_bps"]
    query = {"index": port["index"], "columns": "in_bps,out_bps", "from": "now-5m", "step": "5s"}
    series = eventually(
        lambda: (found := get(admin, "/devices/dc-core-r1/series", **query))["at"] and found, "the port has a series"
    )
    assert series["units"] == {"in_bps": "bit/s", "out_bps": "bit/s"}
    assert any(value for value in series["columns"]["in_bps"])


def test_events_name_their_units(admin: httpx.Client, eventually: Eventually) -> None:
    units = {unit["id"] for unit in items(admin, "/units")}
    events = eventually(lambda: items(admin, "/events", dataset="suricata.http"), "the sensor's HTTP events arrive")
    places = [event["document"].get("wardwatch", {}) for event in events]
    named = {place.get(end, {}).get("unit") for place in places for end in ("source", "destination")} - {None}
    assert named
    assert named <= units
    counted = get(admin, "/events/counts", by="event.dataset")["counts"]
    assert {"suricata.flow", "suricata.http", "suricata.dns"} <= set(counted)


def test_the_stream_tells_of_changes(admin: httpx.Client) -> None:
    with admin.stream("GET", "/api/v1/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in answer.iter_lines() if line.startswith(("event:", "data:")))
        topic, message = next(lines), next(lines)
    assert topic.removeprefix("event:").strip() in {"status", "freshness", "events", "alert_group", "incident"}
    assert json.loads(message.removeprefix("data:"))["at"]


def test_an_outage_ends_on_its_timeline(admin: httpx.Client, eventually: Eventually) -> None:
    def recovered() -> dict[str, Any] | None:
        incident = incident_of(admin, BACK)
        return incident if told(incident, "outage_recovered") else None

    began = eventually(lambda: incident_of(admin, BACK), "the outage opens an incident", OUTAGE_S)
    started = told(began, "outage_started")[0]["detail"]
    assert (started["device"], started["unit"]) == (BACK_ROUTER, BACK)
    assert started["devices"] == ["w0203-sw1"], "what stands behind the router is named, not blamed"
    assert started["cause"]["vi"].startswith("Không trả lời SNMP")
    ended = eventually(recovered, "the timeline tells of the recovery", RECOVERY_S)
    assert told(ended, "outage_recovered")[0]["detail"]["device"] == BACK_ROUTER
    eventually(
        lambda: all(device["status"] == "ok" for device in items(admin, "/devices", unit=BACK)),
        "the ward's devices are well again",
    )


def test_an_outage_and_an_attack_are_one_incident(
    admin: httpx.Client, data: Path, tmp_path: Path, eventually: Eventually
) -> None:
    eventually(lambda: incident_of(admin, AWAY), "the outage opens an incident", OUTAGE_S)
    devices = {device["id"]: device for device in items(admin, "/devices", unit=AWAY)}
    assert devices[AWAY_ROUTER]["status"] == "down"
    assert (devices["w0301-sw1"]["status"], devices["w0301-sw1"]["behind"]["id"]) == ("behind", AWAY_ROUTER)
    first, again = (import_events(attack("10.34.10.30", tmp_path), data) for _ in range(2))
    assert first["stored"] == first["read"] > 0, "the running instance took every line"
    assert (again["stored"], again["duplicates"]) == (0, again["read"])

    def grouped() -> list[dict[str, Any]]:
        groups = items(admin, "/alert-groups", unit=AWAY)
        return [group for group in groups if group["source_ip"] == ATTACKER and group["incident"]]

    groups = eventually(grouped, "the alerts are grouped and belong to an incident")
    incident = incident_of(admin, AWAY)
    assert incident is not None
    assert {group["incident"] for group in groups} == {incident["id"]}
    assert (told(incident, "outage_started"), told(incident, "alerts")) != ([], [])
    assert incident["title"]["vi"].startswith("Gián đoạn và cảnh báo")
    assert "T1190" in incident["techniques"]


def attack(target: str, folder: Path) -> Path:
    """What the real Suricata says of an SQL injection that happens now."""
    capture, eve = folder / "attack.pcap", folder / "eve.json"
    if eve.exists():
        return eve
    hosts = {"source": ATTACKER, "destination": target}
    wanted = {"src": "source", "dst": "destination", "uri": "/tra-cuu?ma=1%27%20UNION%20SELECT%201,2--"}
    generate([PlannedAction("attack", "http_request", 0.0, hosts, wanted)], BOUNDS, 1, utc_now(), capture)

    async def watch() -> Path:
        async with SuricataSensor(SensorSettings()) as sensor:
            return await sensor.replay(capture, folder)

    return asyncio.run(watch())


def import_events(eve: Path, data: Path) -> dict[str, int]:
    command = [sys.executable, "-m", "wardwatch", "events", "import", str(eve), "--data", str(data), "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    counts: dict[str, int] = json.loads(ended.stdout)
    return counts


def test_people_work_on_an_incident(admin: httpx.Client, eventually: Eventually) -> None:
    incident = eventually(lambda: incident_of(admin, BACK), "the outage opens an incident", OUTAGE_S)
    path = f"/api/v1/incidents/{incident['id']}"

    def change(if_match: str | None, body: dict[str, str], key: str | None = None) -> httpx.Response:
        headers = {"if-match": if_match, "idempotency-key": key}
        return admin.patch(path, json=body, headers={name: value for name, value in headers.items() if value})

    def done(body: dict[str, str]) -> dict[str, Any]:
        """Upon the newest version: detection may write between our reading and our change."""
        answer = eventually(
            lambda: (said := change(admin.get(path).headers["etag"], body)).status_code != 412 and said, "a change"
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    assert change(None, {"action": "acknowledge"}).status_code == 428
    assert change('"0"', {"action": "acknowledge"}).status_code == 412
    assert done({"action": "acknowledge"})["assignee"] == "admin"
    commented = done({"action": "comment", "comment": "đã gọi nhà mạng, phiếu 44120"})
    assert told(commented, "commented")[-1]["actor"] == "admin"
    etag = admin.get(path).headers["etag"]
    closing = {"action": "close", "verdict": "outage"}
    first, again = (change(etag, closing, "close-once") for _ in range(2))
    assert (first.status_code, again.json()["version"]) == (200, first.json()["version"])
    assert (again.json()["state"], again.json()["verdict"]) == ("closed", "outage")
    assert [entry["action"] for entry in items(admin, "/audit") if incident["id"] in entry["subject"]]


@pytest.fixture
def officer(data: Path, log_in: LogIn) -> httpx.Client:
    """Somebody whose unit is one ward."""
    state = open_state(DataFolder(data).state_url, utc_now)
    try:
        user = User("lan", "Nguyễn Thị Lan", PasswordHasher().hash("mật khẩu dài của Lan"))
        state.accounts.put_user(Actor.system("test"), user, [Grant("lan", Role.OPERATOR, BACK)])
    finally:
        state.close()
    return log_in("lan", "mật khẩu dài của Lan")


def test_who_has_one_ward_sees_one_ward(admin: httpx.Client, officer: httpx.Client, eventually: Eventually) -> None:
    assert {device["id"] for device in items(officer, "/devices")} == {BACK_ROUTER, "w0203-sw1"}
    assert [tile["unit"] for tile in get(officer, "/wall")["tiles"]] == [BACK]
    assert officer.get(f"/api/v1/devices/{AWAY_ROUTER}").status_code == httpx.codes.NOT_FOUND
    elsewhere = eventually(lambda: incident_of(admin, AWAY), "the other ward has an incident", OUTAGE_S)
    assert officer.get(f"/api/v1/incidents/{elsewhere['id']}").status_code == httpx.codes.NOT_FOUND
    assert AWAY not in {unit["id"] for incident in items(officer, "/incidents") for unit in [incident["unit"]] if unit}
    for event in items(officer, "/events", **{"from": "now-1h"}):
        assert BACK in json.dumps(event["document"]["wardwatch"])
    assert officer.get("/api/v1/audit").status_code == httpx.codes.FORBIDDEN


def test_the_command_line_counts_through_the_instance(data: Path, admin: httpx.Client, eventually: Eventually) -> None:
    eventually(lambda: items(admin, "/events"), "events arrive")
    command = [sys.executable, "-m", "wardwatch", "events", "count", "--by", "event.module", "--data", str(data)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
    # Traps and syslog of simulated devices are counted beside what the sensor saw.
    assert re.fullmatch(r"(\s*\d+  [a-z_]+\n)+", ended.stdout)
    assert re.search(r"^\s*\d+  suricata$", ended.stdout, re.MULTILINE)
