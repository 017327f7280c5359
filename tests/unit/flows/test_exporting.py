"""Simulated routers export flows from their own addresses, in four ways."""

import socket
from datetime import UTC, datetime

from collectors.flows.packets import Protocol, outside
from collectors.flows.simulator.exporting import Exporting, ExportingSettings
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Service, Site, Unit, Zone

WARDS = ("w1", "w2", "w3", "w4")


def city() -> Inventory:
    return Inventory(
        units={w: Unit(w, w, "ward", w, networks=(f"10.1.{n}.0/24",)) for n, w in enumerate(WARDS)},
        zones={"wan": Zone("wan", "WAN")},
        sites={f"s-{w}": Site(f"s-{w}", w, w) for w in WARDS},
        devices={
            f"rt-{w}": Device(f"rt-{w}", w, DeviceRole.ROUTER, w, f"s-{w}", "wan", f"127.0.0.{10 + n}")
            for n, w in enumerate(WARDS)
        },
        services={"mot-cua": Service("mot-cua", "Một cửa", "public-service", "w1", addresses=("10.9.0.5",))},
    )


def test_every_router_tells_from_its_own_address() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears:
        hears.bind(("127.0.0.1", 0))
        hears.settimeout(10)
        told: dict[str, set[Protocol]] = {}
        with Exporting(ExportingSettings(hears.getsockname()), city(), lambda: datetime(2026, 3, 2, tzinfo=UTC)) as way:
            while len(told) < len(WARDS):
                data, (sender, _) = hears.recvfrom(65_535)
                told.setdefault(sender, set()).add(outside(data).protocol)
    assert told == {
        "127.0.0.10": {Protocol.NETFLOW9},
        "127.0.0.11": {Protocol.IPFIX},
        "127.0.0.12": {Protocol.NETFLOW5},
        "127.0.0.13": {Protocol.SFLOW},
    }
    assert way.counts["flows"] >= len(WARDS)
    assert way.counts["flows_failed"] == 0
