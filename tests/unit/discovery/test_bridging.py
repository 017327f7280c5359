"""Tables of addresses as facts, and the survey's manners: what is told, once, and what a bad agent costs."""

import pytest

from collectors.discovery import bridging

NAMES = {"10101": "Gi0/1", "10102": "Gi0/2"}
BASE = {"1": 10101, "2": 10102}
MAC = "6.25.26.27.28.29"


def test_a_mac_address_in_an_index_is_on_the_port_that_the_bridge_names() -> None:
    fdb = {MAC: 2, "0.27.33.0.0.1": 0, "1.0.94.0.0.251": 1, "0.27.33.0.0": 1, "300.1.1.1.1.1": 1}
    assert bridging.fdb_rows(fdb, BASE, NAMES, 10) == [{"mac": "06:19:1a:1b:1c:1d", "port": "Gi0/2", "vlan": 10}]


def test_a_filtering_database_is_that_of_the_vlan_which_names_it() -> None:
    fdb = {f"1.{MAC}": 1, f"20.{MAC}": 2}
    rows = bridging.vlan_fdb_rows(fdb, {"0.100": 1}, BASE, NAMES)
    assert [(row["port"], row["vlan"]) for row in rows] == [("Gi0/1", 100), ("Gi0/2", 20)]


def test_a_bridge_that_names_no_interface_uses_its_own_numbers() -> None:
    rows = bridging.fdb_rows({MAC: 3, "0.27.33.0.0.1": 9}, {}, {"3": "lan3"})
    assert [row["port"] for row in rows] == ["lan3"]


def test_arp_of_both_families_and_both_tables() -> None:
    arp = {
        "10101.10.1.0.9": b"\x00\x1b\x21\x00\x00\x01",
        "10101.224.0.0.251": b"\x01\x00\x5e\x00\x00\xfb",
        "x.1": b"\0",
    }
    cache = {
        "10102.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.9": b"\x00\x1b\x21\x00\x00\x02",
        "7.1.4.10.1.0.8": b"\x00\x1b\x21\x00\x00\x03",
        "7.4.4.10.1.0.7": b"\x00\x1b\x21\x00\x00\x04",
    }
    assert bridging.arp_rows(arp, cache, NAMES) == [
        {"ip": "10.1.0.9", "mac": "00:1b:21:00:00:01", "port": "Gi0/1"},
        {"ip": "2001:db8::9", "mac": "00:1b:21:00:00:02", "port": "Gi0/2"},
        {"ip": "10.1.0.8", "mac": "00:1b:21:00:00:03", "port": "7"},
    ]


@pytest.mark.parametrize(("states", "vlans"), [({"1.10": 1, "1.20": 2, "1.1002": 1, "1.1": 1}, [1, 10]), ({}, [])])
def test_the_vlans_of_a_cisco_switch(states: dict[str, int], vlans: list[int]) -> None:
    assert bridging.vtp_vlans(dict(states)) == vlans
