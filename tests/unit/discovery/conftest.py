"""A ward, a district and a data centre with a few devices."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from wardwatch.model.discovery import Heard, Way
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory, Site, Unit, Zone

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def device(name: str, role: DeviceRole, unit: str, address: str, **more: Any) -> Device:
    return Device(name, name, role, unit, f"site-{unit}", "lan", address, credential="read", **more)


@pytest.fixture
def inventory() -> Inventory:
    units = [
        Unit("city", "City", "city", "01", networks=("10.0.0.0/16",)),
        Unit("ward-1", "Phường Đống Đa", "ward", "0101", "city", networks=("10.1.1.0/24", "2001:db8:1::/64")),
        Unit("gone", "Gone", "ward", "0109", "city", valid_to=date(2025, 7, 1), networks=("10.9.0.0/16",)),
    ]
    sites = [Site("site-city", "City hall", "city"), Site("site-ward-1", "Trụ sở Đống Đa", "ward-1")]
    devices = [
        device("core-r1", DeviceRole.CORE_ROUTER, "city", "10.0.0.1", serial="FCZ1000AAAA"),
        device("w1-sw1", DeviceRole.ACCESS_SWITCH, "ward-1", "10.1.1.2", model="S5720", addresses=("10.200.0.2",)),
    ]
    return Inventory(
        units={each.id: each for each in units},
        zones={"lan": Zone("lan", "LAN", networks=("10.1.0.0/16",)), "wan": Zone("wan", "WAN")},
        sites={each.id: each for each in sites},
        credentials={"read": Credential("read", "snmp-v2c", community="secret://ro")},
        devices={each.id: each for each in devices},
    )


@pytest.fixture
def heard() -> Callable[..., Heard]:
    def make(address: str = "10.1.1.9", **more: Any) -> Heard:
        said = {"name": "sw2.dong-da.example", "credential": "read"} | more
        return Heard(address, said.pop("at", NOW), said.pop("way", Way.SWEEP), "10.1.1.0/24", **said)

    return make
