"""Changing incidents: who may, upon which version, and only once."""

import uuid
from typing import Any

import httpx


def patch(client: httpx.Client, incident: str, action: dict[str, str], **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.patch(f"/api/v1/incidents/{incident}", json=action, headers=named)


def test_the_life_of_an_incident(site: Any) -> None:
    incident = site.open_incident(str(uuid.uuid4())).id
    with site.client("an") as client:
        read = client.get(f"/api/v1/incidents/{incident}")
        assert read.headers["etag"] == '"1"'
        taken = patch(client, incident, {"action": "acknowledge"}, if_match='"1"')
        assert (taken.status_code, taken.json()["state"], taken.json()["assignee"]) == (200, "acknowledged", "an")
        given = patch(client, incident, {"action": "assign", "assignee": "xem", "comment": "giúp tôi"}, if_match='"2"')
        assert given.json()["version"] == 4
        closed = patch(client, incident, {"action": "close", "verdict": "outage"}, if_match='"4"').json()
    assert (closed["state"], closed["verdict"]) == ("closed", "outage")
    assert [entry["actor"] for entry in closed["timeline"]] == ["an"] * 4
    assert closed["devices"][0]["name"] == "router an-phu"


def test_a_stale_version_is_refused_and_changes_nothing(site: Any) -> None:
    incident = site.open_incident(str(uuid.uuid4())).id
    with site.client("an") as first, site.client("admin") as second:
        assert patch(first, incident, {"action": "acknowledge"}, if_match='"1"').status_code == 200
        late = patch(second, incident, {"action": "assign", "assignee": "admin"}, if_match='"1"')
        assert late.status_code == 412
        assert late.json()["hint"]
        assert patch(second, incident, {"action": "acknowledge"}).status_code == 428
        assert patch(second, incident, {"action": "acknowledge"}, if_match="x").status_code == 412
        assert second.get(f"/api/v1/incidents/{incident}").json()["assignee"] == "an"


def test_the_same_key_is_done_once(site: Any) -> None:
    incident = site.open_incident(str(uuid.uuid4())).id
    sent = {"action": "comment", "comment": "đã gọi nhà mạng"}
    with site.client("an") as client:
        answers = [patch(client, incident, sent, if_match='"1"', idempotency_key="k1") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200] * 3
        assert len({answer.text for answer in answers}) == 1
        assert len(client.get(f"/api/v1/incidents/{incident}").json()["timeline"]) == 1
        other = patch(client, incident, {"action": "comment", "comment": "khác"}, if_match='"1"', idempotency_key="k1")
        assert other.status_code == 422


def test_roles_and_units_hold(site: Any) -> None:
    incident = site.open_incident(str(uuid.uuid4())).id
    with site.client("xem") as viewer, site.client("an") as operator:
        assert patch(viewer, incident, {"action": "acknowledge"}, if_match='"1"').status_code == 403
        other = patch(operator, "inc-secret-ward", {"action": "acknowledge"}, if_match='"1"')
        assert other.status_code == 404
        nobody = patch(operator, incident, {"action": "assign", "assignee": "nobody"}, if_match='"1"')
        assert (nobody.status_code, "nobody" in nobody.json()["detail"]) == (422, True)
