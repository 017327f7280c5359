"""Suricata's rules by the API: read by everybody, changed by those of the whole city, each change in the chain."""

import io
import shutil
import tarfile
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(shutil.which("suricata") is None, reason="suricata is not installed")


def test_a_candidate_is_built_looked_at_deployed_and_gone_back_from(site: Any) -> None:
    with site.client() as client:
        assert client.get("/api/v1/rules").json()["items"] == []
        assert client.get("/api/v1/rules/candidate").json()["candidate"] is None
        built = client.post("/api/v1/rules/candidate", json={}, timeout=60)
        assert built.status_code == 201, built.text
        candidate = built.json()
        assert candidate["counts"] == {"active": 1, "disabled": 0, "broken": 1}
        assert (candidate["problems"][0]["file"], candidate["problems"][0]["line"]) == ("local/city.rules", 2)
        assert [rule["sid"] for rule in candidate["changes"]["added_rules"]] == [9000001]
        assert client.get("/api/v1/rules/candidate").json()["candidate"] == candidate
        refused = client.post("/api/v1/rules/candidate/replay", timeout=60)
        assert (refused.status_code, "holds no captures" in refused.json()["detail"]) == (422, True)
        other = client.post("/api/v1/rules/deployments", json={"version": "0" * 64, "why": "a guess"})
        assert other.status_code == 409
        wanted = {"version": candidate["version"], "why": "thử"}
        deployed = client.post("/api/v1/rules/deployments", json=wanted, headers={"idempotency-key": "once"})
        again = client.post("/api/v1/rules/deployments", json=wanted, headers={"idempotency-key": "once"})
        assert (deployed.status_code, deployed.json()["deed"], again.json()) == (201, "deployed", deployed.json())
        found = client.get("/api/v1/rules", params={"q": "do mat khau"}).json()
        assert [(rule["sid"], rule["message"], rule["last_at"] is None) for rule in found["items"]] == [
            (9000001, "Dò mật khẩu", False)
        ]
        assert (found["version"], found["active"]) == (candidate["version"], 1)
        assert client.get("/api/v1/rules", params={"alerting": True}).json()["items"] == []
        assert client.get("/api/v1/rules/9000001").json()["text"].startswith("alert tcp")
        assert client.get("/api/v1/rules/7").status_code == 404
        versions = client.get("/api/v1/rules/versions").json()
        assert [(each["why"], each["by"]) for each in versions["items"]] == [("thử", "admin")]
        assert client.post("/api/v1/rules/rollback", json={"why": "back"}).status_code == 404
        actions = [entry["action"] for entry in client.get("/api/v1/audit").json()["items"]]
        assert {"rules.update", "rules.deployed"} <= set(actions)


def test_a_ward_reads_rules_and_changes_none(site: Any) -> None:
    with site.client("an") as client:
        assert client.get("/api/v1/rules").status_code == 200
        assert client.get("/api/v1/rules/versions").status_code == 200
        for path, body in (
            ("candidate", {}),
            ("candidate/replay", {}),
            ("deployments", {"version": "0" * 64, "why": "x"}),
            ("rollback", {"why": "x"}),
            ("archives?name=a.zip", {}),
        ):
            assert client.post(f"/api/v1/rules/{path}", json=body).status_code == 403, path
    with site.client(None) as stranger:
        assert stranger.get("/api/v1/rules").status_code == 401


def test_an_archive_is_brought_where_there_is_no_network(site: Any) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        lines = b"".join(b'alert tcp any any -> any any (msg:"rule %d"; sid:%d;)\n' % (n, n) for n in range(1, 9000))
        entry = tarfile.TarInfo("rules/a.rules")
        entry.size = len(lines)
        archive.addfile(entry, io.BytesIO(lines))
    with site.client() as client:
        taken = client.post("/api/v1/rules/archives", params={"name": "city.tar.gz"}, content=packed.getvalue())
        assert (taken.status_code, taken.json()["bytes"]) == (201, len(packed.getvalue())), taken.text
        nothing = client.post("/api/v1/rules/archives", params={"name": "page.zip"}, content=b"<html>")
        assert (nothing.status_code, nothing.json()["detail"]) == (422, "page.zip holds no rules")
        assert client.post("/api/v1/rules/archives", params={"name": "../x"}, content=b"").status_code == 422
