"""Profiles over small trees: choosing, reading strictly, and each piece of the language."""

import json
from pathlib import Path
from typing import Any

import pytest

from collectors.snmp.profiles.catalogue import columns, load_catalogue
from collectors.snmp.profiles.facts import facts
from collectors.snmp.profiles.language import Profile
from collectors.snmp.profiles.tree import Tree, columns_of
from wardwatch.errors import DocumentError

NET_SNMP = "1.3.6.1.4.1.8072.3.2.10"
SYNOLOGY_MODEL = "1.3.6.1.4.1.6574.1.5.1.0"


def test_a_shared_object_id_needs_a_second_look() -> None:
    catalogue = load_catalogue()
    assert catalogue.choose(NET_SNMP, "Linux nas 4.4", {}).name == "linux"
    assert catalogue.choose(NET_SNMP, "FreeBSD host", {}).name == "generic"
    assert catalogue.choose("." + NET_SNMP, "Linux nas 4.4", {SYNOLOGY_MODEL: b"DS920+"}).name == "synology"


def test_an_object_id_is_a_prefix_by_whole_numbers() -> None:
    catalogue = load_catalogue()
    assert catalogue.choose("1.3.6.1.4.1.2636.1.1", "", {}).name == "junos"
    assert catalogue.choose("1.3.6.1.4.1.26361.1", "", {}).name == "generic"


def test_a_sensor_is_scaled_by_its_own_row() -> None:
    sensor = "1.3.6.1.2.1.99.1.1.1"
    tree = Tree(
        {
            f"{sensor}.1": {"5": 8, "6": 4, "7": 8},
            f"{sensor}.2": {"5": 9, "6": 8, "7": 9},
            f"{sensor}.3": {"5": 1, "6": 0, "7": 0},
            f"{sensor}.4": {"5": 365, "6": 3300, "7": 99},
            f"{sensor}.5": {"5": 1, "6": 1, "7": 3},
            "1.3.6.1.2.1.47.1.1.1.1.7": {"5": b"Inlet", "6": b"Rail"},
        }
    )
    assert facts(load_catalogue().profiles["generic"], tree)["sensors"] == [
        {"class": "temperature", "oid": f"{sensor}.4.5", "value": 36.5, "label": "Inlet"},
        {"class": "voltage", "oid": f"{sensor}.4.6", "value": 3.3, "label": "Rail"},
    ], "the third is not operational"


def test_volumes_are_told_apart_by_type_and_counted_in_units() -> None:
    storage = "1.3.6.1.2.1.25.2.3.1"
    tree = Tree(
        {
            f"{storage}.2": {"1": "1.3.6.1.2.1.25.2.1.2", "31": "1.3.6.1.2.1.25.2.1.4"},
            f"{storage}.3": {"1": b"Physical memory", "31": b"/"},
            f"{storage}.4": {"1": 1024, "31": 4096},
            f"{storage}.5": {"1": 2000, "31": 1000},
            f"{storage}.6": {"1": 500, "31": 250},
        }
    )
    found = facts(load_catalogue().profiles["generic"], tree)
    assert found["memory"] == [
        {"oid": f"{storage}.5.1", "label": "Physical memory", "used_pct": 25.0, "total_bytes": 2_048_000}
    ]
    assert found["storage"] == [{"oid": f"{storage}.5.31", "label": "/", "used_pct": 25.0, "total_bytes": 4_096_000}]


def test_neighbours_take_the_port_from_a_part_of_their_index() -> None:
    tree = Tree(
        {
            "1.0.8802.1.1.2.1.4.1.1.5": {"0.3.1": b"\x00\x11\x22\x33\x44\x55"},
            "1.0.8802.1.1.2.1.4.1.1.7": {"0.3.1": b"Gi0/1"},
            "1.0.8802.1.1.2.1.4.1.1.9": {"0.3.1": b"ward-switch"},
            "1.3.6.1.2.1.31.1.1.1.1": {"3": b"ge-0/0/3"},
        }
    )
    assert facts(load_catalogue().profiles["generic"], tree)["neighbours"] == [
        {"protocol": "lldp", "local_port": "ge-0/0/3", "remote_system": "ward-switch", "remote_port": "Gi0/1"}
    ]


def test_a_peer_has_its_address_in_its_index() -> None:
    peer = "1.3.6.1.2.1.15.3.1"
    tree = Tree({f"{peer}.2": {"192.0.2.1": 6}, f"{peer}.9": {"192.0.2.1": 64500}})
    assert facts(load_catalogue().profiles["generic"], tree)["bgp_peers"] == [
        {"remote_address": "192.0.2.1", "remote_as": 64500, "state": "established"}
    ]


def test_recorded_values_become_columns() -> None:
    tree = columns_of({"1.3.6.1.2.1.1.1.0": b"x", "1.3.6.1.9.1.2": 3}, ["1.3.6.1.2.1.1.1"])
    assert tree.columns == {"1.3.6.1.2.1.1.1": {"0": b"x"}}


def test_a_profile_asks_for_each_column_once() -> None:
    for profile in load_catalogue().profiles.values():
        asked = columns(profile)
        assert len(asked) == len(set(asked))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("name: x\nsystem: {versoin: a}\n", "did you mean 'version'?"),
        ("name: x\nincludes: [nothing]\n", "includes 'nothing'"),
        ("name: x\nincludes: [x]\n", "includes itself: x > x"),
        ("name: y\n", "is called 'y' inside"),
        ("name: x\nsystem: {version: {oid: 1.3.6.1.2, take: '('}}\n", "no regular expression"),
        ("name: x\nprocessors: [{usage_pct: {oid: cpu}}]\n", "'cpu' is no OID"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, body: str, sentence: str) -> None:
    (tmp_path / "x.yaml").write_text(body, encoding="utf-8")
    with pytest.raises(DocumentError, match=r"x\.yaml") as caught:
        load_catalogue(tmp_path)
    assert sentence in str(caught.value)


def test_the_published_schema_is_current() -> None:
    published = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "profile.json").read_text("utf-8"))
    assert published == Profile.model_json_schema(), (
        "write it again: python -m collectors.snmp.profiles > docs/schemas/profile.json"
    )


def read(profile: str, columns: dict[str, dict[str, int | str | bytes]]) -> dict[str, Any]:
    return facts(load_catalogue().profiles[profile], Tree(columns))


def test_what_is_only_cached_counts_as_free() -> None:
    storage = "1.3.6.1.2.1.25.2.3.1"
    agent: dict[str, dict[str, int | str | bytes]] = {
        f"{storage}.2": {"1": "1.3.6.1.2.1.25.2.1.2", "6": "1.3.6.1.2.1.25.2.1.1", "7": "1.3.6.1.2.1.25.2.1.1"},
        f"{storage}.3": {"1": b"Physical memory", "6": b"Memory buffers", "7": b"Cached memory"},
        f"{storage}.4": {"1": 1024, "6": 1024, "7": 1024},
        f"{storage}.5": {"1": 1000, "6": 1000, "7": 300},
        f"{storage}.6": {"1": 900, "6": 100, "7": 300},
    }
    memory = {row["label"]: (row["used_pct"], row["total_bytes"]) for row in read("linux", agent)["memory"]}
    assert memory == {
        "Physical memory": (50.0, 1_024_000),
        "Memory buffers": (10.0, 1_024_000),
        "Cached memory": (30.0, 1_024_000),
    }
    agent[f"{storage}.6"]["1"] = 350
    assert read("linux", agent)["memory"][0]["used_pct"] == 35.0, "an agent that does not count its cache as used"


def test_microwatts_and_hundredths_of_dbm_are_both_dbm() -> None:
    rx = "1.3.6.1.4.1.2011.5.25.31.1.1.3.1.8"
    values = {row["oid"]: row["value"] for row in read("huawei-vrp", {rx: {"1": 1000, "2": -849, "3": 0}})["sensors"]}
    assert values == {f"{rx}.1": 0.0, f"{rx}.2": -8.49}


def test_a_local_port_of_lldp_is_told_by_name_or_by_ifindex() -> None:
    remote, local = "1.0.8802.1.1.2.1.4.1.1.9", "1.0.8802.1.1.2.1.3.7.1.3"
    found = read(
        "lldp",
        {
            remote: {"0.7.1": b"core", "0.8.1": b"edge", "0.9.1": b"far"},
            "1.0.8802.1.1.2.1.4.1.1.5": {"0.7.1": b"a", "0.8.1": b"b", "0.9.1": b"c"},
            local: {"7": b"GigabitEthernet0/0/7", "8": b"521", "9": bytes.fromhex("001122334455")},
            "1.3.6.1.2.1.31.1.1.1.1": {"7": b"wrong", "521": b"ge-0/0/1", "9": b"gi9"},
        },
    )
    ports = {row["remote_system"]: row["local_port"] for row in found["neighbours"]}
    assert ports == {"core": "GigabitEthernet0/0/7", "edge": "ge-0/0/1", "far": "gi9"}


def test_an_older_column_is_read_only_where_the_newer_one_is_missing() -> None:
    newer, older = "1.3.6.1.4.1.9.9.109.1.1.1.1.8", "1.3.6.1.4.1.9.9.109.1.1.1.1.5"
    usage = {
        row["oid"]: row["usage_pct"]
        for row in read("cisco-ios", {newer: {"1": 5}, older: {"1": 6, "2": 7}})["processors"]
    }
    assert usage == {f"{newer}.1": 5.0, f"{older}.2": 7.0}


def test_words_of_an_agent_become_states() -> None:
    (state,) = read("palo-alto", {"1.3.6.1.4.1.25461.2.1.2.1.11": {"0": b"passive"}})["sensors"]
    assert (state["class"], state["state"], state["label"]) == ("state", "passive", "HA of this unit")


def test_a_table_leaves_out_what_the_agent_does_not_tell() -> None:
    found = read(
        "entity",
        {
            "1.3.6.1.2.1.47.1.1.1.1.5": {"1": 3, "2": 6, "3": 10},
            "1.3.6.1.2.1.47.1.1.1.1.2": {"1": b"Chassis", "2": b"Supply", "3": b"Port"},
            "1.3.6.1.2.1.47.1.1.1.1.11": {"1": b"FOC1", "2": b"", "3": b"FOC3"},
        },
    )
    (entity,) = found["entities"]
    assert entity == {"index": "1", "class": "chassis", "name": "Chassis", "description": "Chassis", "serial": "FOC1"}
    assert "vlans" not in found
