"""Nobody sees another unit's things, whatever they ask."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.openapi import document

# Every GET of the API with what it is asked: ids of the other unit where there are ids.
URLS = {
    "/api/v1/alert-groups": "/api/v1/alert-groups",
    "/api/v1/alert-groups/{group_id}": "/api/v1/alert-groups/grp-secret-ward",
    "/api/v1/attack/coverage": "/api/v1/attack/coverage",
    "/api/v1/audit": "/api/v1/audit",
    "/api/v1/certificates": "/api/v1/certificates",
    "/api/v1/devices": "/api/v1/devices",
    "/api/v1/devices/{device_id}": "/api/v1/devices/rt-secret-ward",
    "/api/v1/devices/{device_id}/facts": "/api/v1/devices/rt-secret-ward/facts",
    "/api/v1/devices/{device_id}/health": "/api/v1/devices/rt-secret-ward/health",
    "/api/v1/devices/{device_id}/interfaces": "/api/v1/devices/rt-secret-ward/interfaces",
    "/api/v1/devices/{device_id}/series": "/api/v1/devices/rt-secret-ward/series?columns=in_bps&index=1",
    "/api/v1/discovery/candidates": "/api/v1/discovery/candidates",
    "/api/v1/discovery/candidates/{candidate_id}": "/api/v1/discovery/candidates/cand-secret-ward",
    "/api/v1/discovery/searches": "/api/v1/discovery/searches",
    "/api/v1/discovery/searches/{search_id}": "/api/v1/discovery/searches/search-secret-ward",
    "/api/v1/drills": "/api/v1/drills",
    "/api/v1/drills/{drill_id}": "/api/v1/drills/secret-drill",
    "/api/v1/events": "/api/v1/events",
    "/api/v1/events/counts": "/api/v1/events/counts?by=rule.id",
    "/api/v1/events/{source}/{offset}": "/api/v1/events/src-secret-ward/0",
    "/api/v1/flows/percentile": "/api/v1/flows/percentile?by=unit",
    "/api/v1/flows/top": "/api/v1/flows/top",
    "/api/v1/heartbeats": "/api/v1/heartbeats",
    "/api/v1/incidents": "/api/v1/incidents",
    "/api/v1/incidents/{incident_id}": "/api/v1/incidents/inc-secret-ward",
    "/api/v1/ledger": "/api/v1/ledger",
    "/api/v1/maintenance": "/api/v1/maintenance",
    "/api/v1/notifications": "/api/v1/notifications",
    "/api/v1/parts": "/api/v1/parts",
    "/api/v1/rejected": "/api/v1/rejected",
    "/api/v1/rejected/{source}/{offset}": "/api/v1/rejected/src-an-phu/90",
    "/api/v1/search": "/api/v1/search?q=ward",
    "/api/v1/services": "/api/v1/services",
    "/api/v1/services/availability": "/api/v1/services/availability",
    "/api/v1/services/{service_id}": "/api/v1/services/svc-secret-ward",
    "/api/v1/suppressions": "/api/v1/suppressions",
    "/api/v1/topology": "/api/v1/topology",
    "/api/v1/topology/hosts": "/api/v1/topology/hosts",
    "/api/v1/topology/links/{link_id}": "/api/v1/topology/links/link-secret-ward",
    "/api/v1/units": "/api/v1/units",
    "/api/v1/units/{unit_id}": "/api/v1/units/secret-ward",
    "/api/v1/wall": "/api/v1/wall",
}
# Without a unit's things: whose session it is, texts of rules, rotas; the stream and hits of rules have own tests.
OTHERS = {
    "/api/v1/heartbeats/beat/{token}",
    "/api/v1/rota",
    "/api/v1/rules",
    "/api/v1/rules/candidate",
    "/api/v1/rules/versions",
    "/api/v1/rules/{sid}",
    "/api/v1/session",
    "/api/v1/sigma/rules",
    "/api/v1/stream",
    "/healthz",
    "/metrics",
}
WHOLE_CITY = {
    "/api/v1/audit",
    "/api/v1/ledger",
    "/api/v1/parts",
    "/api/v1/rejected",
    "/api/v1/rejected/{source}/{offset}",
}
FILTERED = (
    "/api/v1/devices?unit=secret-ward",
    "/api/v1/events?unit=secret-ward",
    "/api/v1/alert-groups?unit=secret-ward",
    "/api/v1/incidents?unit=secret-ward",
    "/api/v1/flows/top?unit=secret-ward",
    "/api/v1/flows/percentile?unit=secret-ward",
    "/api/v1/discovery/candidates?unit=secret-ward",
    "/api/v1/topology?unit=secret-ward",
    "/api/v1/certificates?unit=secret-ward",
    "/api/v1/services?unit=secret-ward",
    "/api/v1/services/availability?unit=secret-ward",
)


@pytest.fixture(scope="module")
def mine(site: Any) -> Iterator[httpx.Client]:
    with site.client("an") as client:
        yield client


@pytest.fixture(scope="module")
def everything(site: Any) -> Iterator[httpx.Client]:
    with site.client("admin") as client:
        yield client


def test_every_route_is_looked_at() -> None:
    asked = {path for path, operations in document()["paths"].items() if "get" in operations}
    assert asked == set(URLS) | OTHERS


@pytest.mark.parametrize("path", sorted(URLS))
def test_another_unit_is_out_of_sight(path: str, mine: httpx.Client, everything: httpx.Client) -> None:
    url = URLS[path]
    shown = everything.get(url)
    assert shown.status_code == 200
    if "/interfaces" not in path:
        assert "secret" in shown.text, "the administrator must see it, else this test proves nothing"
    hidden = mine.get(url)
    if path in WHOLE_CITY:
        assert hidden.status_code == 403
    elif "{" in path:
        assert hidden.status_code == 404
    else:
        assert hidden.status_code == 200
        assert "secret" not in hidden.text


@pytest.mark.parametrize("path", sorted(path for path in URLS if "drills" not in path and path not in WHOLE_CITY))
def test_the_own_unit_is_in_sight(path: str, mine: httpx.Client) -> None:
    answer = mine.get(URLS[path].replace("secret-ward", "an-phu").replace("q=ward", "q=an-phu"))
    assert answer.status_code == 200
    assert "an-phu" in answer.text or "wan0" in answer.text


@pytest.mark.parametrize("url", FILTERED)
def test_a_filter_is_no_way_round(url: str, mine: httpx.Client) -> None:
    assert mine.get(url).status_code == 404


@pytest.mark.parametrize("url", [*sorted(URLS.values()), "/api/v1/session", "/api/v1/stream"])
def test_nothing_without_a_login(url: str, site: Any) -> None:
    with site.client(None) as stranger:
        answer = stranger.get(url)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_wall_counts_only_what_is_in_sight(mine: httpx.Client, everything: httpx.Client) -> None:
    narrow, wide = mine.get("/api/v1/wall").json(), everything.get("/api/v1/wall").json()
    assert [tile["unit"] for tile in narrow["tiles"]] == ["an-phu"]
    assert narrow["tiles"][0]["status"] == "down"
    assert (narrow["totals"]["devices"]["total"], wide["totals"]["devices"]["total"]) == (1, 2)
    assert (narrow["totals"]["public_services_hurt"], wide["totals"]["public_services_hurt"]) == (1, 2)
    assert narrow["freshness"]["devices_polled"] == 1
    assert not narrow["freshness"]["stale"]


def test_an_incident_over_two_units_names_the_things_of_ones_own(mine: httpx.Client) -> None:
    shown = mine.get("/api/v1/incidents/inc-an-phu")
    assert shown.json()["timeline"][0]["detail"] == {"units": ["an-phu"], "devices": ["rt-an-phu"], "services": []}
    assert "secret" not in shown.text
