"""The demo city has the reference figures, is the same for a seed, and could have been written by an operator."""

import time
from collections import Counter
from pathlib import Path

import pytest

from wardwatch.demo.city import build_city, demo_secrets
from wardwatch.demo.city_data import Variant
from wardwatch.inventory.addresses import Addresses
from wardwatch.inventory.exchange import export_inventory, import_inventory
from wardwatch.inventory.topology import Topology
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.inventory import DeviceRole, Inventory
from wardwatch.model.text import nfc
from wardwatch.secrets import Secrets, write_secrets


@pytest.fixture(scope="module")
def city() -> Inventory:
    return build_city(1)


def test_the_reference_figures(city: Inventory) -> None:
    assert Counter(unit.kind for unit in city.units.values()) == {
        "city": 1, "department": 22, "district": 30, "ward": 264, "coordination": 5, "centre": 1,
    }  # fmt: skip
    systems = [service for service in city.services.values() if service.kind != "public-service"]
    public = [service for service in city.services.values() if service.kind == "public-service"]
    assert (len(systems), len({service.owner for service in systems})) == (160, 60)
    assert sum(service.kind == "core-database" for service in systems) == 4
    assert Counter(service.level for service in public) == {3: 386, 4: 170}
    assert len(city.devices) == 1300
    assert len({service.name for service in public}) == 556


def test_wards_have_places_of_their_own_in_blocks_by_district(city: Inventory) -> None:
    wards = [unit for unit in city.units.values() if unit.kind == "ward"]
    tiles = {unit.id: unit.tile for unit in wards if unit.tile is not None}
    assert len(set(tiles.values())) == 264
    assert (max(tile[0] for tile in tiles.values()), max(tile[1] for tile in tiles.values())) == (23, 11)
    blocks = {(tile[0] // 3, tile[1] // 3): city.units[ward].parent for ward, tile in tiles.items()}
    assert all(blocks[tile[0] // 3, tile[1] // 3] == city.units[ward].parent for ward, tile in tiles.items())


def test_ports_are_true_to_the_role(city: Inventory) -> None:
    for device in city.devices.values():
        if city.units[device.unit].kind == "ward":
            low, high = {"router": (4, 8), "access-switch": (24, 48), "ups": (1, 1)}[device.role.value]
            assert low <= device.ports <= high, device
    used = Counter(end for link in city.links.values() for end in (link.upstream, link.downstream))
    assert all(used[device.id] <= device.ports for device in city.devices.values())
    named = [(link.upstream, link.upstream_port) for link in city.links.values()]
    named += [(link.downstream, link.downstream_port) for link in city.links.values()]
    assert len(set(named)) == len(named), "no port is used twice"


def test_each_device_answers_at_its_own_loopback_address(city: Inventory) -> None:
    places = [device.address for device in city.devices.values()]
    assert len(set(places)) == len(places)
    assert all(place.startswith("127.") and not place.startswith("127.0.") for place in places)
    assert {device.snmp_port for device in city.devices.values()} == {16161}
    share = Counter(device.credential for device in city.devices.values())["snmp-v3-read"] / len(places)
    assert 0.15 < share < 0.25


@pytest.mark.parametrize("variant", ["city", "small-province"])
def test_it_is_a_valid_inventory_that_comes_back(variant: Variant, tmp_path: Path) -> None:
    built = build_city(3, variant)
    export_inventory(built, tmp_path)
    started = time.perf_counter()
    assert import_inventory([tmp_path]) == built
    assert time.perf_counter() - started < 5
    assert build_city(3, variant) == built
    assert build_city(4, variant) != built
    assert all(unit.name == nfc(unit.name) for unit in built.units.values())


def test_a_silent_district_router_cuts_off_its_wards_only(city: Inventory) -> None:
    below = UnitTree(city.units).subtree("quan-hoa-lu")
    topology = Topology(city)
    assert set(topology.upstream_of("d01-r1")) == {"dc-core-r1", "dc-core-r2"}
    behind = topology.cut_off({"d01-r1"})
    assert behind.keys() == {key for key, each in city.devices.items() if each.unit in below} - {"d01-r1"}
    assert topology.cut_off({"dc-core-r1"}).keys().isdisjoint(topology.cut_off({"dc-core-r2"}))
    assert "portal" in topology.services_on(city.services["portal"].devices)
    assert len(topology.services_on(city.services["portal"].devices)) > 556


def test_addresses_lead_back_to_their_units(city: Inventory) -> None:
    addresses = Addresses(city)
    for device in city.devices.values():
        for address in device.addresses:
            located = addresses.locate(address)
            assert located is not None
            assert (located.unit, located.device) == (device.unit, device.id)
    portal = addresses.locate("10.10.1.10")
    assert portal is not None
    assert (portal.unit, portal.service, portal.zone) == ("city", "portal", "data-centre")


def test_a_small_province_has_thirteen_servers_and_one_firewall() -> None:
    province = build_city(1, "small-province")
    roles = Counter(device.role for device in province.devices.values())
    assert (roles[DeviceRole.SERVER], roles[DeviceRole.FIREWALL]) == (13, 1)
    assert province.services["portal"].devices


def test_the_demos_secrets_are_those_its_credentials_name(city: Inventory, tmp_path: Path) -> None:
    write_secrets(tmp_path, demo_secrets())
    secrets = Secrets(tmp_path, {})
    for credential in city.credentials.values():
        for reference in (credential.community, credential.auth_key, credential.privacy_key):
            if reference is not None:
                assert len(secrets.resolve(reference)) >= 8
