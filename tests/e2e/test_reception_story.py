"""A device tells by a trap that a port went down; it stands in the inbox until the device tells that it is back."""

import socket
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from collectors.reception.simulator.traps import link_trap
from wardwatch.installation import read_reception
from wardwatch.settings import DataFolder, Listen

LogIn = Callable[..., httpx.Client]
Eventually = Callable[..., Any]


@pytest.fixture
def router(log_in: LogIn, eventually: Eventually) -> dict[str, Any]:
    """A router of the running city that has an address of its own on this machine, once somebody listens to it."""
    client = log_in()
    listens = 'wardwatch_part_received{edge="receive",part="syslog"}'
    eventually(lambda: listens in client.get("/metrics").text, "the receiver listens")
    devices = client.get("/api/v1/devices", params={"limit": 200}).json()["items"]
    return next(each for each in devices if each["role"] == "router")


def tell(device: dict[str, Any], to: Listen, data: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((device["address"], 0))
        sender.sendto(data, (to.host, to.port))


def test_a_link_trap_is_in_the_inbox_until_the_link_is_back(
    log_in: LogIn, eventually: Eventually, data: Path, router: dict[str, Any]
) -> None:
    client, traps = log_in(), read_reception(DataFolder(data)).traps[0]
    chance = Random(1)

    def group(state: str) -> Any:
        asked = {"state": state, "rule": "snmptrap.link:77"}
        return next(iter(client.get("/api/v1/alert-groups", params=asked).json()["items"]), None)

    tell(router, traps, link_trap(chance, 77, "GigabitEthernet0/0/77", False))
    raised = eventually(lambda: group("open"), "the inbox has the trap")
    assert (raised["device"]["id"], raised["count"]) == (router["id"], 1)
    assert "GigabitEthernet0/0/77" in raised["rule_name"]
    tell(router, traps, link_trap(chance, 77, "GigabitEthernet0/0/77", True))
    cleared = eventually(lambda: group("cleared"), "linkUp clears it")
    assert cleared["id"] == raised["id"]
    assert group("open") is None


def test_a_changed_configuration_names_device_user_and_source(
    log_in: LogIn, eventually: Eventually, data: Path, router: dict[str, Any]
) -> None:
    client, syslog = log_in(), read_reception(DataFolder(data)).syslog_udp[0]
    tell(router, syslog, b"<189>74: %SYS-5-CONFIG_I: Configured from console by lan.nguyen on vty0 (10.34.195.36)")
    asked = {"filter": ["event.action:configuration-changed", "user.name:lan.nguyen"]}
    (event,) = eventually(lambda: client.get("/api/v1/events", params=asked).json()["items"], "the event is stored")
    document = event["document"]
    assert document["user"]["name"] == "lan.nguyen"
    assert document["source"]["ip"] == "10.34.195.36"
    assert document["wardwatch"]["destination"]["device"] == router["id"]
