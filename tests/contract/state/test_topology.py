"""The topology and who is on a port: seen by scope, widened and aged, the chain told of what changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wardwatch.model.access import Actor, Scope
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Site, Unit, Zone
from wardwatch.model.records import DeviceFacts
from wardwatch.model.time import TimeRange
from wardwatch.model.topology import (
    Evidence,
    Found,
    FoundLink,
    LinkEnd,
    Proof,
    RedundancyGroup,
    Sighting,
    SightingQuery,
)

CORE = Actor.system("core")
ALL = Scope.everything()
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def city(state: Any, *devices: str) -> None:
    """Each device in a unit of its name."""
    state.inventory.replace(
        CORE,
        Inventory(
            units={name: Unit(name, name, "ward", name) for name in devices},
            zones={"wan": Zone("wan", "WAN")},
            sites={name: Site(name, name, name) for name in devices},
            devices={
                name: Device(name, name, DeviceRole.ROUTER, name, name, "wan", f"10.0.0.{number}")
                for number, name in enumerate(devices, 1)
            },
        ),
    )


def link(upper: str, lower: str, at: datetime = AT) -> FoundLink:
    said = Evidence(Proof.LLDP, upper, f"port g1: {lower}", at)
    return FoundLink(f"{upper}-{lower}", LinkEnd(upper, "g1"), LinkEnd(lower), 0.9, (said,), AT, at)


def test_links_and_groups_come_back_as_they_were(engine: Any, state: Any) -> None:
    city(state, "a", "b")
    found = Found((link("a", "b"),), (RedundancyGroup("pair", ("a", "b"), "position", "both join c"),))
    state.topology.replace(CORE, found)
    assert engine.restart().topology.read(ALL) == found


def test_a_link_is_seen_from_either_end_and_a_group_by_each_member(state: Any) -> None:
    city(state, "a", "b", "c")
    groups = (RedundancyGroup("ab", ("a", "b"), "inventory"), RedundancyGroup("bc", ("b", "c"), "vrrp"))
    state.topology.replace(CORE, Found((link("a", "b"), link("b", "c")), groups))
    seen = state.topology.read(Scope.of("a"))
    assert ([each.id for each in seen.links], [each.id for each in seen.groups]) == (["a-b"], ["ab"])
    assert state.topology.read(Scope.of()) == Found()


def test_what_is_replaced_goes_and_the_chain_says_what_parted(state: Any) -> None:
    city(state, "a", "b", "c")
    state.topology.replace(CORE, Found((link("a", "b"),), (RedundancyGroup("pair", ("a", "b"), "position"),)))
    state.topology.replace(CORE, Found((link("a", "b", AT + timedelta(hours=1)),)))
    state.topology.replace(CORE, Found((link("b", "c"),)))
    assert [each.id for each in state.topology.read(ALL).links] == ["b-c"]
    entries = state.audit.entries(ALL, TimeRange(AT, AT + timedelta(days=1)), 20)
    told = [entry.detail for entry in entries if entry.action == "topology.change"]
    assert {"joined": ["b - c"], "parted": ["a - b"], "groups": []} in told
    assert len(told) == 3, "the second only lost the group, the confirmed link is no news"


def test_facts_of_all_devices_are_read_at_once_within_the_scope(state: Any) -> None:
    city(state, "a", "b")
    facts = [DeviceFacts(name, kind, AT, ({"mac": name},)) for name in ("a", "b") for kind in ("fdb", "arp", "system")]
    state.devices.put_facts(CORE, facts)
    found = state.topology.facts(ALL, ("arp", "fdb"))
    assert [(each.device, each.kind) for each in found] == [("a", "arp"), ("a", "fdb"), ("b", "arp"), ("b", "fdb")]
    assert [each.device for each in state.topology.facts(Scope.of("b"), ("arp",))] == ["b"]
    entries = state.audit.entries(ALL, TimeRange(AT, AT + timedelta(days=1)), 20)
    told = [entry.detail["changed"] for entry in entries if entry.action == "device.facts"]
    assert told == [["a/system", "b/system"]], "who is where changes all day: the chain is not told"


def seen(mac: str, minutes: int = 0, ip: str = "", device: str = "a", port: str = "g1") -> Sighting:
    at = AT + timedelta(minutes=minutes)
    return Sighting(mac, ip, device, port, 10, at, at)


def test_a_host_on_a_port_is_widened_and_named_once_its_address_is_known(state: Any) -> None:
    city(state, "a", "b")
    state.sightings.note(CORE, [seen("02:00:00:00:00:01")])
    state.sightings.note(CORE, [seen("02:00:00:00:00:01", 5, "10.1.0.9")])
    state.sightings.note(CORE, [seen("02:00:00:00:00:01", 9, "10.1.0.9")])
    state.sightings.note(CORE, [seen("02:00:00:00:00:01", 20, "10.1.0.77", port="g2")])
    found = state.sightings.find(ALL, SightingQuery(mac="02:00:00:00:00:01")).items
    assert [(each.ip, each.port, each.first_seen, each.last_seen) for each in found] == [
        ("10.1.0.77", "g2", AT + timedelta(minutes=20), AT + timedelta(minutes=20)),
        ("10.1.0.9", "g1", AT, AT + timedelta(minutes=9)),
    ]


def test_hosts_are_found_by_address_device_and_port_within_the_scope(state: Any) -> None:
    city(state, "a", "b")
    hosts = [seen(f"02:00:00:00:00:0{n}", ip=f"10.1.0.{n}", device="ab"[n % 2], port=f"g{n}") for n in range(1, 5)]
    state.sightings.note(CORE, hosts)
    assert [each.mac[-1] for each in state.sightings.find(ALL, SightingQuery(ip="10.1.0.3")).items] == ["3"]
    assert [each.mac[-1] for each in state.sightings.find(ALL, SightingQuery(device="a", port="g4")).items] == ["4"]
    assert {each.device for each in state.sightings.find(Scope.of("b"), SightingQuery()).items} == {"b"}


def test_pages_of_hosts_that_were_seen_at_one_instant_lose_none(state: Any) -> None:
    city(state, "a")
    state.sightings.note(CORE, [seen(f"02:00:00:00:00:{n:02x}") for n in range(7)])
    found, cursor = [], None
    while True:
        page = state.sightings.find(ALL, SightingQuery(limit=3, cursor=cursor))
        found += [each.mac for each in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(set(found)) == sorted(found)
    assert len(found) == page.total == 7


def test_old_hosts_those_of_gone_devices_and_the_oldest_beyond_the_bound_are_let_go(state: Any) -> None:
    city(state, "a", "b")
    state.sightings.note(CORE, [seen(f"02:00:00:00:00:0{n}", n) for n in range(6)])
    state.sightings.note(CORE, [replace(seen("02:00:00:00:00:09", 30), device="b")])
    city(state, "a")
    assert state.sightings.forget(CORE, AT + timedelta(minutes=2), most=3) == 4
    left = state.sightings.find(ALL, SightingQuery()).items
    assert [each.mac[-1] for each in left] == ["5", "4", "3"]
