"""The demo's traffic comes from the city's own addresses and documentation networks, and repeats with its seed."""

import ipaddress
from pathlib import Path

import pytest

from drills.generators.catalogue import ACTIONS
from wardwatch.demo.city import build_city
from wardwatch.demo.prepare import demo_faults
from wardwatch.demo.sensor import append_lines
from wardwatch.demo.traffic import SCOPE, DemoTraffic, Period
from wardwatch.inventory.addresses import Addresses
from wardwatch.model.inventory import Inventory

NETWORKS = [ipaddress.ip_network(network) for network in SCOPE]


@pytest.fixture(scope="module")
def city() -> Inventory:
    return build_city(1)


def test_a_seed_repeats(city: Inventory) -> None:
    first, again = (DemoTraffic(city, 3, Period()).actions(17) for _ in range(2))
    assert first == again
    assert DemoTraffic(city, 4, Period()).actions(17) != first


def test_an_attack_can_be_had_for_certain(city: Inventory) -> None:
    quiet = DemoTraffic(city, 1, Period(attack_probability=0.0))
    for number in range(5):
        assert len(quiet.actions(number, attacked=True)) == len(quiet.actions(number)) + 1


def test_every_action_is_known_and_in_scope(city: Inventory) -> None:
    traffic = DemoTraffic(city, 1, Period(attack_probability=1.0))
    actions = [action for number in range(60) for action in traffic.actions(number)]
    assert {action.action for action in actions} >= {"browse", "tcp_scan", "ssh_attempts", "http_request"}
    for action in actions:
        assert action.action in ACTIONS
        assert action.at_s < Period().length_s
        for address in action.hosts.values():
            assert any(ipaddress.ip_address(address) in network for network in NETWORKS), address


def test_one_end_of_each_visit_belongs_to_the_city(city: Inventory) -> None:
    addresses = Addresses(city)
    for action in DemoTraffic(city, 1, Period(attack_probability=1.0)).actions(5):
        ends = [action.hosts["source"], action.hosts["destination"]]
        assert any(addresses.locate(end) for end in ends), action


def test_faults_name_devices_of_the_city(city: Inventory) -> None:
    faults = demo_faults(city, 1)
    assert {str(fault["kind"]) for fault in faults} == {"dead", "slow", "endless-walk", "malformed", "reboot"}
    assert {str(fault["device"]) for fault in faults} <= set(city.devices)
    assert demo_faults(Inventory(), 1) == []


def test_lines_are_appended_whole_and_the_file_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wardwatch.demo.sensor.ROTATE_BYTES", 10)
    source, target = tmp_path / "new", tmp_path / "eve.json"
    for number in range(6):
        source.write_text(f'{{"line": {number}}}\n')
        append_lines(source, target)
    kept = [path.read_text() for path in sorted(tmp_path.glob("eve.json*"))]
    assert kept == [f'{{"line": {number}}}\n' for number in (5, 4, 3, 2)]
