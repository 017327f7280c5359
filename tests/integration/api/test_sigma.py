"""Sigma rules with their hits, and ATT&CK coverage: what was seen is counted in the caller's units only."""

from typing import Any


def test_rules_are_told_with_what_they_hit_in_ones_own_units(site: Any) -> None:
    with site.client() as everything, site.client("an") as mine:
        whole, own = (client.get("/api/v1/sigma/rules").json() for client in (everything, mine))
    (rule,) = whole["items"]
    assert (rule["title"]["vi"], rule["techniques"], rule["kind"], rule["active"]) == (
        "Dò mật khẩu",
        ["T1110.001"],
        "rule",
        True,
    )
    assert rule["seen"]["groups"] == 2
    assert own["items"][0]["seen"]["groups"] == 1
    assert own["items"][0]["seen"]["alerts"] == 3
    assert whole["problems"] == [{"file": "mine.yml", "line": 7, "reason": "Broken: no condition"}]


def test_coverage_names_techniques_of_rules_and_of_alerts(site: Any) -> None:
    with site.client() as client:
        items = {item["id"]: item for item in client.get("/api/v1/attack/coverage").json()["items"]}
    assert items["T1110.001"]["rules"] == ["9000001"]
    assert items["T1110.001"]["seen"]["groups"] == 0
    assert items["T-an-phu"]["seen"]["alerts"] == 3
