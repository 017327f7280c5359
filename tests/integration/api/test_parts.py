"""How the installation's own parts are told, and HEAD on every route that answers GET."""

from typing import Any

import httpx
import pytest


def test_all_are_listed_and_the_wall_names_those_that_do_not_run(site: Any) -> None:
    with site.client("admin") as client:
        listed = client.get("/api/v1/parts").json()
        noticed = client.get("/api/v1/wall").json()["parts"]
    assert [(part["part"], part["state"]) for part in listed["items"]] == [("core", "running"), ("ingest", "failed")]
    (failed,) = noticed
    assert failed["detail"] == {"vi": "đĩa đầy", "en": "disk full"}
    assert (failed["restarts"], failed["figures"]) == (4, {"lag_bytes": 4096.0})


def test_metrics_have_each_part_and_figure(site: Any) -> None:
    lines = httpx.get(f"{site.url}/metrics", trust_env=False).text.splitlines()
    assert 'wardwatch_part_up{edge="secret-edge",part="core"} 1.0' in lines
    assert 'wardwatch_part_up{edge="secret-edge",part="ingest"} 0.0' in lines
    assert 'wardwatch_part_restarts{edge="secret-edge",part="ingest"} 4.0' in lines
    assert 'wardwatch_part_lag_bytes{edge="secret-edge",part="ingest"} 4096.0' in lines


@pytest.mark.parametrize("path", ["/api/v1/wall", "/healthz", "/metrics", "/api/v1/stream"])
def test_head_answers_as_get_does_without_a_body(site: Any, path: str) -> None:
    with site.client("admin") as client:
        answer = client.head(path)
    assert answer.status_code == 200
    assert answer.content == b""
    assert "content-type" in answer.headers


def test_head_of_what_is_not_there_or_not_allowed(site: Any) -> None:
    with site.client("admin") as client:
        assert client.head("/api/v1/devices/none").status_code == 404
    assert httpx.head(f"{site.url}/api/v1/wall", trust_env=False).status_code == 401
