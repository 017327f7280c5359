"""The log of notifications, the rota and the test button."""

from typing import Any


def test_who_is_on_call(site: Any) -> None:
    with site.client("an") as client:
        said = client.get("/api/v1/rota").json()
    assert said["channels"] == ["mail"]
    assert (said["items"][0]["name"], said["items"][0]["on_call"], len(said["items"][0]["weeks"])) == ("noc", "an", 8)


def test_a_test_is_sent_logged_and_audited(site: Any) -> None:
    with site.client("admin") as client:
        tried = client.post("/api/v1/notifications/test", json={"channel": "mail"})
        assert (tried.status_code, tried.json()["outcome"], tried.json()["reason"]) == (201, "failed", "refused")
        assert client.get("/api/v1/notifications").json()["items"][0] == tried.json()
        assert any(entry["action"] == "notification.test" for entry in client.get("/api/v1/audit").json()["items"])
        unknown = client.post("/api/v1/notifications/test", json={"channel": "mial"})
        assert (unknown.status_code, unknown.json()["hint"]) == (404, "known: mail")


def test_a_ward_tries_no_channel(site: Any) -> None:
    with site.client("an") as client:
        assert client.post("/api/v1/notifications/test", json={"channel": "mail"}).status_code == 403
