"""The inbox over HTTP: putting away, taking back, hiding for a while, each only where the caller may write."""

from datetime import timedelta
from typing import Any

import httpx

from wardwatch.model.time import utc_now


def soon() -> str:
    return (utc_now() + timedelta(days=7)).isoformat()


def states(client: httpx.Client) -> dict[str, str]:
    return {group["id"]: group["state"] for group in client.get("/api/v1/alert-groups").json()["items"]}


def test_groups_are_put_away_and_taken_back(site: Any) -> None:
    asked = ["grp-an-phu", "grp-secret-ward", "grp-none"]
    with site.client("an") as client:
        done = client.post("/api/v1/alert-groups/handle", json={"ids": asked, "verdict": "benign"})
        assert (done.status_code, done.json()) == (200, {"changed": asked[:1], "left": asked[1:]})
        (handled,) = client.get("/api/v1/alert-groups", params={"state": "handled"}).json()["items"]
        assert (handled["handled_by"], handled["verdict"]) == ("an", "benign")
        assert client.get("/api/v1/alert-groups", params={"state": "open"}).json()["items"] == []
        assert client.post("/api/v1/alert-groups/take-back", json={"ids": asked}).json()["changed"] == asked[:1]
        assert states(client) == {"grp-an-phu": "open"}
        odd = client.post("/api/v1/alert-groups/handle", json={"ids": asked, "verdict": "maybe"})
        assert (odd.status_code, "benign" in odd.json()["hint"]) == (422, True)


def test_who_only_looks_may_not_put_away(site: Any) -> None:
    with site.client("xem") as client:
        wanted = {"ids": ["grp-an-phu"], "verdict": "benign"}
        assert client.post("/api/v1/alert-groups/handle", json=wanted).status_code == 403


def test_a_suppression_is_looked_at_made_and_ended(site: Any) -> None:
    wanted = {"reason": "máy quét của phường", "expires_at": soon(), "rule_id": "9000001", "unit": "an-phu"}
    with site.client("an") as client:
        seen = client.post("/api/v1/suppressions/preview", json=wanted).json()
        assert (seen["seen"], seen["groups"], seen["alerts"], seen["serious"], seen["refusal"]) == (1, 1, 3, 1, None)
        assert (seen["rules"][0]["rule_id"], seen["examples"][0]["id"]) == ("9000001", "grp-an-phu")
        assert states(client) == {"grp-an-phu": "open"}
        made = client.post("/api/v1/suppressions", json=wanted)
        assert (made.status_code, made.json()["groups"], made.json()["suppression"]["owner"]) == (201, 1, "an")
        assert states(client) == {"grp-an-phu": "suppressed"}
        name = made.json()["suppression"]["id"]
        assert name in [each["id"] for each in client.get("/api/v1/suppressions").json()["items"]]
        assert client.delete(f"/api/v1/suppressions/{name}").json()["groups"] == 1
        assert states(client) == {"grp-an-phu": "open"}
        assert client.delete(f"/api/v1/suppressions/{name}").status_code == 404
        kept = client.get("/api/v1/suppressions", params={"active": False}).json()["items"]
        assert {each["id"]: each["active"] for each in kept}[name] is False


def test_a_suppression_hides_only_what_its_maker_may_work_on(site: Any) -> None:
    wanted = {"reason": "máy quét của phường", "expires_at": soon(), "rule_id": "9000001"}
    with site.client("an") as client:
        assert client.post("/api/v1/suppressions", json=wanted).status_code == 403
        assert client.post("/api/v1/suppressions", json=wanted | {"unit": "secret-ward"}).status_code == 404
        assert client.delete("/api/v1/suppressions/sup-secret-ward").status_code == 404
        blind = client.post("/api/v1/suppressions", json=wanted | {"rule_id": None, "unit": "an-phu"})
        assert (blind.status_code, "would hide everything" in blind.json()["detail"]) == (422, True)
