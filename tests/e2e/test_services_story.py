"""Whoever answers for the city's services sees them tried, how available they were, and what ends soon."""

from collections.abc import Callable
from typing import Any

import httpx

LogIn = Callable[..., httpx.Client]
Eventually = Callable[..., Any]


def test_services_of_the_running_city_are_tried(log_in: LogIn, eventually: Eventually) -> None:
    client = log_in()

    def tried() -> Any:
        found = client.get("/api/v1/services/portal").json()
        return found if any(check["up"] for check in found["check_results"]) else None

    portal = eventually(tried, "the portal's page is fetched over TLS", 150.0)
    (check,) = [each for each in portal["check_results"] if each["id"] == "portal-page"]
    assert check["certificate_days"] > 250
    assert portal["availability"]["percent"] == 100

    def measured() -> Any:
        levels = client.get("/api/v1/services/availability").json()["levels"]
        return levels if all(each["measured"] for each in levels) else None

    levels = eventually(measured, "what public services lean on was tried", 150.0)
    assert [each["level"] for each in levels] == [3, 4]
    assert sum(each["services"] for each in levels) >= 50


def test_a_certificate_that_ends_is_in_the_list_and_in_the_inbox(log_in: LogIn, eventually: Eventually) -> None:
    client = log_in()

    def seen() -> Any:
        rows = client.get("/api/v1/certificates", params={"kind": "server", "within_days": 20}).json()["items"]
        return [row for row in rows if row["service"]["id"] == "payment"]

    (row,) = eventually(seen, "the payment server's certificate was seen", 150.0)
    assert (row["warning"], row["found"]) == (True, True)

    def told() -> Any:
        groups = client.get("/api/v1/alert-groups", params={"limit": 500}).json()["items"]
        return [group for group in groups if group["rule_id"] == "service.certificate.payment-certificate"]

    assert eventually(told, "it is an alert", 60.0)


def test_devices_are_reached(log_in: LogIn, eventually: Eventually) -> None:
    client = log_in()

    def reached() -> Any:
        parts = {part["part"]: part for part in client.get("/api/v1/parts").json()["items"]}
        figures = parts.get("reachability", {}).get("figures", {})
        return figures if figures.get("rounds") else None

    figures = eventually(reached, "a round of ICMP", 150.0)
    assert figures["requests"] >= 4 * (figures["devices"] - figures["silent_devices"])
