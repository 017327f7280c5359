"""The inventory: read back whole, replaced as a whole, and cut to the caller's units."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from wardwatch.model.access import Actor, Scope
from wardwatch.model.inventory import (
    Circuit,
    Credential,
    Device,
    DeviceRole,
    Inventory,
    Link,
    Service,
    Site,
    Unit,
    Zone,
)

ADMIN = Actor("an", "10.0.0.9")
ALL = Scope.everything()


def device(name: str, unit: str, site: str, **more: Any) -> Device:
    return Device(name, name.upper(), DeviceRole.ROUTER, unit, site, "wan", "127.0.0.1", **more)


def keyed(*things: Any) -> dict[str, Any]:
    return {thing.id: thing for thing in things}


@pytest.fixture
def city() -> Inventory:
    return Inventory(
        units=keyed(
            Unit("hn", "Thành phố", "city", "H26", tile=(0, 1), networks=("10.0.0.0/8",)),
            Unit(
                "dd", "Quận Đống Đa", "district", "H26.1", "hn", "Đ. Đa", date(2000, 1, 1), date(2025, 6, 30), ("w1",)
            ),
            Unit("w1", "Phường Cửa Đông", "ward", "H26.1.1", "dd"),
            Unit("w2", "Phường Láng Hạ", "ward", "H26.1.2", "dd"),
        ),
        zones=keyed(Zone("wan", "WAN", "wan", ("10.1.0.0/16",))),
        sites=keyed(Site("s1", "Trụ sở 1", "w1", latitude=21.0), Site("s2", "Trụ sở 2", "w2"), Site("s0", "DC", "hn")),
        credentials=keyed(
            Credential("c1", "snmp-v2c", community="secret://ward"), Credential("c0", "snmp-v3", user="core")
        ),
        devices=keyed(
            device("core", "hn", "s0", credential="c0"),
            device("r1", "w1", "s1", credential="c1", addresses=("10.1.1.1",)),
            device("sw1", "w1", "s0"),
            device("r2", "w2", "s2", credential="c1"),
        ),
        circuits=keyed(
            Circuit("k1", "Kênh 1", "VNPT", "HN-1", agreed_availability_pct=99.5),
            Circuit("k2", "Kênh 2", "Viettel", "2"),
        ),
        links=keyed(
            Link("l1", "core", "r1", circuit="k1"), Link("l2", "core", "r2", circuit="k2"), Link("l3", "r1", "sw1")
        ),
        services=keyed(
            Service("v0", "Một cửa", "information-system", "hn", level=3, devices=("core",)),
            Service("v1", "Hộ tịch", "public-service", "w1", depends_on=("v0",)),
        ),
    )


def test_it_comes_back_whole(engine: Any, state: Any, city: Inventory) -> None:
    assert state.inventory.read(ALL) == Inventory()
    state.inventory.replace(ADMIN, city)
    assert state.inventory.read(ALL) == city
    assert engine.restart().inventory.read(ALL) == city


def test_a_scope_sees_its_units_and_what_they_hang_on(state: Any, city: Inventory) -> None:
    state.inventory.replace(ADMIN, city)
    seen = state.inventory.read(Scope.of("w1"))
    assert set(seen.units) == {"w1", "dd", "hn"}
    assert set(seen.sites) == {"s1", "s0"}
    assert set(seen.devices) == {"r1", "sw1"}
    assert set(seen.links) == {"l1", "l3"}
    assert set(seen.circuits) == {"k1"}
    assert set(seen.credentials) == {"c1"}
    assert set(seen.services) == {"v1"}
    assert set(seen.zones) == {"wan"}
    nothing = state.inventory.read(Scope.of())
    assert nothing == Inventory(zones=city.zones)


def test_replacing_makes_it_equal_and_grows_the_version(state: Any, city: Inventory) -> None:
    before = state.inventory.version()
    state.inventory.replace(ADMIN, city)
    first = state.inventory.version()
    assert first > before
    state.inventory.replace(ADMIN, city)
    assert state.inventory.version() == first
    moved = replace(city.units["w2"], parent="hn")
    smaller = replace(
        city,
        units={**city.units, "w2": moved},
        devices={name: device for name, device in city.devices.items() if name != "sw1"},
        links={"l1": city.links["l1"]},
    )
    state.inventory.replace(ADMIN, smaller)
    assert state.inventory.read(ALL) == smaller
    assert state.inventory.version() > first
    assert set(state.inventory.read(Scope.of("w2")).units) == {"w2", "hn"}


def test_names_are_searched_without_their_marks(engine: Any, state: Any, city: Inventory) -> None:
    state.inventory.replace(ADMIN, city)
    database = create_engine(engine.url)
    with database.connect() as connection:
        found = (
            connection.execute(text("SELECT id FROM inventory_unit WHERE searchable LIKE '%dong da%'")).scalars().all()
        )
    database.dispose()
    assert found == ["dd"]
