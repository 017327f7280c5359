"""Shapes that hold for all: problems, pages, headers, series, the pages' server."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from api.guard import Guard
from dashboards.serve import mount_dashboard


@pytest.fixture(scope="module")
def client(site: Any) -> Iterator[httpx.Client]:
    with site.client("admin") as client:
        yield client


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("/api/v1/nothing", 404, "Not Found"),
        ("/api/v1/devices/none", 404, "'none'"),
        ("/api/v1/devices?limit=0", 422, "limit"),
        ("/api/v1/devices?cursor=%%%", 422, "cursor"),
        ("/api/v1/devices?cursor=WzFd", 422, "cursor"),
        ("/api/v1/incidents?cursor=x", 422, "cursor"),
        ("/api/v1/events?from=yesterday", 422, "yesterday"),
        ("/api/v1/events?from=now&to=now-1h", 422, "before"),
        ("/api/v1/events?filter=nonsense", 422, "nonsense"),
        ("/api/v1/devices?statsu=down", 422, "no query key 'statsu'"),
        ("/api/v1/wall?unit=an-phu", 422, "no query key 'unit'"),
        ("/api/v1/devices/rt-an-phu/series?columns=in_bsp", 422, "in_bsp"),
        ("/api/v1/devices/rt-an-phu/series?columns=in_bps&from=now-30d&step=1s", 422, "step"),
    ],
)
def test_a_mistake_is_a_problem_that_says_what_to_do(url: str, status: int, said: str, client: httpx.Client) -> None:
    answer = client.get(url)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert said in problem["detail"]
    assert problem["hint"]
    assert problem["type"].startswith("urn:wardwatch:problem:")


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("/api/v1/devices?sort=-name", "id"),
        ("/api/v1/units", "id"),
        ("/api/v1/events?from=now-1h", "offset"),
        ("/api/v1/incidents", "id"),
        ("/api/v1/alert-groups", "id"),
    ],
)
def test_pages_together_are_the_whole_list(url: str, key: str, client: httpx.Client) -> None:
    joint = "&" if "?" in url else "?"
    whole = client.get(f"{url}{joint}limit=500").json()["items"]
    assert len(whole) > 1
    found, cursor = [], ""
    for _ in range(len(whole)):
        page = client.get(f"{url}{joint}limit=1{cursor}").json()
        found += page["items"]
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert [item[key] for item in found] == [item[key] for item in whole]


def test_the_body_is_limited(client: httpx.Client) -> None:
    answer = client.post("/api/v1/session", json={"username": "a", "password": "x" * 100_000})
    assert answer.status_code == 413
    assert answer.json()["hint"]
    chunked = client.post("/api/v1/session", content=(b"x" * 1000 for _ in range(100)))
    assert chunked.status_code == 413
    assert chunked.headers["content-type"] == "application/problem+json"


def test_every_answer_carries_the_security_headers(client: httpx.Client) -> None:
    for url in ("/healthz", "/api/v1/nothing", "/api/v1/wall"):
        headers = client.get(url).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-encoding"] == "gzip"


def test_interfaces_and_series_join_facts_and_samples(client: httpx.Client) -> None:
    [interface] = client.get("/api/v1/devices/rt-an-phu/interfaces").json()["items"]
    assert (interface["name"], interface["alias"], interface["in_bps"]) == ("wan0", "uplink", 1.0)
    series = client.get("/api/v1/devices/rt-an-phu/series?columns=in_bps,utilisation_pct&index=1&from=now-1h").json()
    assert series["columns"] == {"in_bps": [1.0], "utilisation_pct": [1.0]}
    assert series["units"] == {"in_bps": "bit/s", "utilisation_pct": "%"}


def test_an_event_is_whole_only_by_itself(client: httpx.Client) -> None:
    listed = client.get("/api/v1/events?rule.id=an-phu&limit=1").json()["items"][0]
    assert "original" not in listed["document"]["event"]
    whole = client.get(f"/api/v1/events/{listed['source']}/{listed['offset']}").json()
    assert whole["document"]["event"]["original"] == '{"original": "an-phu"}'


def test_search_does_not_mind_marks(client: httpx.Client) -> None:
    found = client.get("/api/v1/search?q=phuong+secret+dong").json()["items"]
    assert found[0]["id"] == "secret-ward"
    assert client.get("/api/v1/search?q=10.0.0.1").json()["items"][0]["id"] == "rt-an-phu"


def test_a_device_tells_what_it_measures_and_whom_it_is_plugged_into(client: httpx.Client) -> None:
    (sensor,) = client.get("/api/v1/devices/rt-an-phu/health").json()["items"]
    assert sensor.pop("at") is not None
    assert sensor == {
        "kind": "sensor",
        "index": "1.3.6.5.1",
        "label": "Inlet an-phu",
        "sensor_class": "temperature",
        "value": 1.0,
        "unit": "°C",
        "state": None,
        "total_bytes": None,
    }
    (table,) = client.get("/api/v1/devices/rt-an-phu/facts").json()["items"]
    assert (table["kind"], table["columns"], table["total"]) == (
        "neighbours",
        ["local_port", "remote_system", "remote_port"],
        2,
    )
    assert table["rows"][0] == {"local_port": "wan0", "remote_system": "core an-phu", "remote_port": None}


async def asked(app: FastAPI, url: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(url)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_an_unexpected_error_says_only_its_id(caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()
    app.add_middleware(Guard, registry=CollectorRegistry(), max_body_bytes=100)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("password of the database")

    with caplog.at_level(logging.ERROR):
        answer = await asked(app, "/broken")
    assert answer.status_code == 500
    assert "password" not in answer.text
    assert answer.json()["error_id"] in caplog.text


@pytest.mark.anyio
async def test_pages_fall_back_to_the_application(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("the application")
    (tmp_path / "assets" / "app-1a2b.js").write_text("1")
    app = FastAPI()
    mount_dashboard(app, tmp_path)
    page = await asked(app, "/devices/rt1.hang-bac")
    assert (page.status_code, page.text, page.headers["cache-control"]) == (200, "the application", "no-cache")
    assert "immutable" in (await asked(app, "/assets/app-1a2b.js")).headers["cache-control"]
    assert (await asked(app, "/assets/old-9.js")).status_code == 404
    assert (await asked(app, "/api/v1/none")).status_code == 404
    assert (await asked(app, "/../serve.py")).text == "the application"


@pytest.mark.anyio
async def test_missing_pages_say_how_to_build_them(tmp_path: Path) -> None:
    app = FastAPI()
    mount_dashboard(app, tmp_path / "none")
    assert "make ui" in (await asked(app, "/")).text
