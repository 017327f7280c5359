"""The ledger and refused lines: what adds up, what does not, who may see it, and hostile questions."""

from typing import Any

import httpx
import pytest

ENDS = ("/api/v1/ledger", "/api/v1/rejected", "/api/v1/rejected/src-an-phu/90")


def test_days_by_source_with_what_does_not_add_up(site: Any) -> None:
    with site.client() as client:
        ledger = client.get("/api/v1/ledger").json()
    rows = {row["source"]: row for row in ledger["items"]}
    counts = {"read": 7, "untold": 0, "stored": 5, "duplicates": 0, "rejected": 1, "missing": 1, "balance": "out"}
    named = {"day": ledger["last_day"], "edge": "edge", "source": "src-an-phu", "path": "/secret-log/eve.json"}
    assert rows["src-an-phu"] == {**named, **counts}
    assert (rows["src-secret-ward"]["untold"], rows["src-secret-ward"]["balance"]) == (5, "untold")
    assert (rows["samples"]["read"], rows["samples"]["stored"], rows["samples"]["rejected"]) == (11, 10, 1)
    assert (ledger["out_of_balance"], ledger["counts"]["missing"], ledger["counts"]["read"]) == (1, 1, 18)
    assert [(row["reason"], row["count"], row["unit"]) for row in ledger["drops"]] == [("sample", 7, "records")]


def test_pages_of_the_ledger_miss_and_repeat_nothing(site: Any) -> None:
    found, cursor = [], None
    with site.client() as client:
        while True:
            page = client.get("/api/v1/ledger", params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
            found += [row["source"] for row in page["items"]]
            assert page["out_of_balance"] == 1
            cursor = page["next"]
            if cursor is None:
                break
    assert sorted(found) == ["samples", "src-an-phu", "src-secret-ward"]


def test_refused_lines_are_listed_cut_and_read_whole(site: Any) -> None:
    with site.client() as client:
        of_source = client.get("/api/v1/rejected", params={"source": "src-an-phu"}).json()["items"]
        of_samples = client.get("/api/v1/rejected", params={"source": "samples", "edge": "edge"}).json()["items"]
        whole = client.get("/api/v1/rejected/src-an-phu/90").json()
        block = client.get(f"/api/v1/rejected/{of_samples[0]['source']}/{of_samples[0]['offset']}").json()
    assert [line["offset"] for line in of_source] == [90]
    assert (len(of_source[0]["original"]), of_source[0]["length"]) == (200, 5013)
    assert whole["original"] == "\x1b[2J<script>\0" + "x" * 5000
    assert [line["source"] for line in of_samples] == ["edge/1/1"]
    assert "nonsense" in block["reason"]


@pytest.mark.parametrize("path", ENDS)
@pytest.mark.parametrize("user", ["an", "xem"])
def test_a_part_of_the_city_may_not_ask(site: Any, path: str, user: str) -> None:
    with site.client(user) as client:
        answer = client.get(path)
    assert answer.status_code == 403
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "ledger?from=yesterday",
        "ledger?from=2026-13-01",
        "ledger?from=now&to=now-3d",
        "ledger?from=2000-01-01",
        "ledger?cursor=%00",
        "ledger?limit=0",
        "ledger?day=now",
        "rejected?source=samples",
        "rejected?source=x&edge=y",
        "rejected?cursor=nonsense",
        "rejected?from=now&to=now-1h",
        "rejected/x/-1",
        "rejected/x/99999999999999999999",
    ],
)
def test_hostile_questions_are_refused_in_words(site: Any, question: str) -> None:
    with site.client() as client:
        answer = client.get(f"/api/v1/{question}")
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


def test_what_is_not_there(site: Any) -> None:
    with site.client() as client:
        assert client.get("/api/v1/rejected/src-an-phu/0").status_code == 404
        assert client.get("/api/v1/rejected/%00/0").status_code == 404
        assert client.get("/api/v1/ledger?from=2020-01-01&to=2020-01-02").json()["items"] == []


def test_metrics_have_paths_and_no_generations(site: Any) -> None:
    lines = httpx.get(f"{site.url}/metrics", trust_env=False).text.splitlines()
    assert 'wardwatch_ledger_read_total{edge="edge",path="/secret-log/eve.json"} 7.0' in lines
    assert 'wardwatch_ledger_missing{edge="edge",path="/secret-log/eve.json"} 1.0' in lines
    assert 'wardwatch_ledger_dropped_total{edge="edge",reason="sample"} 7.0' in lines
    assert "wardwatch_ledger_readable 1.0" in lines
    assert not any("src-" in line for line in lines)
