"""Look-ups: the tree, whose an address is, and what is cut off by what."""

import time
from dataclasses import replace
from datetime import date

import pytest

from wardwatch.inventory.addresses import Addresses, Location
from wardwatch.inventory.topology import Topology
from wardwatch.inventory.tree import UnitTree, within
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Link, Service, Unit, Zone

UNITS = {
    "city": Unit("city", "C", "city", "0", networks=("10.0.0.0/8", "fd00::/8")),
    "district": Unit("district", "D", "district", "1", "city", networks=("10.32.0.0/16",)),
    "old": Unit("old", "O", "ward", "2", "district", valid_to=date(2025, 6, 30), networks=("10.32.10.0/24",)),
    "ward": Unit("ward", "W", "ward", "3", "district", networks=("10.32.10.0/24",)),
}


def device(ident: str, unit: str = "ward", role: DeviceRole = DeviceRole.ROUTER, **more: object) -> Device:
    return replace(Device(ident, ident, role, unit, "s", "lan", "127.16.0.1"), **more)  # type: ignore[arg-type]


def linked(*pairs: tuple[str, str]) -> Inventory:
    names = {name for pair in pairs for name in pair}
    roles = {name: DeviceRole.CORE_ROUTER if name.startswith("core") else DeviceRole.ROUTER for name in names}
    devices = {name: device(name, role=roles[name]) for name in sorted(names)}
    return Inventory(devices=devices, links={f"{up}-{low}": Link(f"{up}-{low}", up, low) for up, low in pairs})


def test_the_tree_knows_who_is_above_and_below() -> None:
    tree = UnitTree(UNITS)
    assert tree.roots == ("city",)
    assert tree.subtree("district") == {"district", "old", "ward"}
    assert tree.subtree("nowhere") == frozenset()
    assert tree.ancestors("ward") == ("district", "city")
    assert tree.children("city") == ("district",)


def test_an_address_belongs_to_a_device_a_service_or_the_longest_prefix() -> None:
    addresses = Addresses(
        Inventory(
            units=UNITS,
            zones={"lan": Zone("lan", "LAN", networks=("10.32.0.0/16", "172.16.0.0/12"))},
            devices={"r1": device("r1", addresses=("10.32.10.1", "fd00::1"))},
            services={
                "portal": Service("portal", "P", "information-system", "city", addresses=("10.32.10.9",)),
                "dns": Service("dns", "P", "information-system", "city", addresses=("10.32.10.1",)),
            },
        )
    )
    assert addresses.locate("10.32.10.1") == Location("ward", "s", "lan", "r1", "dns")
    assert addresses.locate("fd00:0::1") == Location("ward", "s", "lan", "r1")
    assert addresses.locate("10.32.10.9") == Location("city", None, "lan", None, "portal")
    assert addresses.locate("10.32.10.7") == Location("ward", None, "lan"), "the unit that is still valid, not the old"
    assert addresses.locate("::ffff:10.32.11.7") == Location("district", None, "lan")
    assert addresses.locate("10.1.1.1") == Location("city")
    assert addresses.locate("172.16.1.1") == Location(None, None, "lan")
    assert addresses.locate("127.16.0.1") is None, "where a simulated device answers is nobody's address"
    assert addresses.locate("203.0.113.1") is None
    assert addresses.locate("no address") is None


def test_tens_of_thousands_of_addresses_a_second() -> None:
    addresses = Addresses(Inventory(units=UNITS))
    started = time.perf_counter()
    for number in range(20_000):
        addresses.locate(f"10.32.{number >> 8}.{number & 255}")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("down", "behind"),
    [
        (set(), {}),
        ({"d1"}, {"w1": "d1", "s1": "d1"}),
        ({"d1", "w1", "s1"}, {"w1": "d1", "s1": "d1"}),
        ({"core1"}, {}),
        ({"core1", "core2"}, {"d1": "core1", "w1": "core1", "s1": "core1"}),
        ({"core1", "w1"}, {"s1": "w1"}),
        ({"s1"}, {}),
        ({"stranger"}, {}),
    ],
)
def test_cut_off_names_the_silent_device_in_front(down: set[str], behind: dict[str, str]) -> None:
    topology = Topology(linked(("core1", "d1"), ("core2", "d1"), ("d1", "w1"), ("w1", "s1")))
    assert topology.cut_off(down) == behind


def test_links_in_a_circle_without_a_core_are_never_cut_off() -> None:
    assert Topology(linked(("a", "b"), ("b", "a"))).cut_off({"a"}) == {}


def test_services_on_devices_take_along_what_depends_on_them() -> None:
    services = {
        "db": Service("db", "DB", "core-database", "city", devices=("srv",)),
        "portal": Service("portal", "P", "information-system", "city", devices=("web",), depends_on=("db",)),
        "permit": Service("permit", "S", "public-service", "city", depends_on=("portal", "db")),
        "other": Service("other", "O", "information-system", "city", devices=("web",)),
    }
    topology = Topology(Inventory(devices={"srv": device("srv"), "web": device("web", "district")}, services=services))
    assert topology.services_on(["srv"]) == {"db", "portal", "permit"}
    assert topology.services_on([]) == frozenset()
    assert topology.units_of(["srv", "web", "stranger"]) == {"ward", "district"}


def test_the_part_below_a_unit() -> None:
    whole = replace(linked(("d1", "w1"), ("w1", "s1")), units=UNITS)
    whole.devices["d1"] = device("d1", "city")
    part = within(whole, "district")
    assert (set(part.units), set(part.devices)) == ({"district", "old", "ward"}, {"w1", "s1"})
    assert set(part.links) == {"d1-w1", "w1-s1"}, "the line to the part belongs to it"
