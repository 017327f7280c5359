"""Links from what devices say: both ends together, the inventory first, conflicts told, old ones fading."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wardwatch.discovery.known import Known
from wardwatch.model.inventory import Circuit, Device, DeviceRole, Inventory, Link
from wardwatch.model.records import DeviceFacts
from wardwatch.model.topology import Found, FoundLink, Proof
from wardwatch.topology.building import build, counting
from wardwatch.topology.digests import Digest, learned

Rows = tuple[dict[str, str | int | float | bool | None], ...]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROLES = {
    "core": DeviceRole.CORE_ROUTER,
    "rt": DeviceRole.ROUTER,
    "rt2": DeviceRole.ROUTER,
    "sw": DeviceRole.ACCESS_SWITCH,
    "sw2": DeviceRole.ACCESS_SWITCH,
    "srv": DeviceRole.SERVER,
}


def city(*links: Link) -> Inventory:
    devices = {
        name: Device(name, f"{name}.example", role, "u", "s", "z", f"10.0.0.{n}")
        for n, (name, role) in enumerate(ROLES.items(), 1)
    }
    circuits = {"c-1": Circuit("c-1", "Line", "VNPT", "HNI-44120")}
    return Inventory(devices=devices, links={link.id: link for link in links}, circuits=circuits)


def mac(device: str, port: int) -> str:
    return f"02:00:00:00:{list(ROLES).index(device):02x}:{port:02x}"


def ports(device: str, alias: str = "") -> DeviceFacts:
    """Four ports, g1 to g4; `alias` is written on the first."""
    rows: Rows = tuple(
        {
            "index": str(n),
            "name": f"Gi0/{n}",
            "descr": f"GigabitEthernet0/{n}",
            "alias": alias if n == 1 else "",
            "mac": mac(device, n),
        }
        for n in range(1, 5)
    )
    return DeviceFacts(device, "interfaces", NOW, rows)


def lldp(device: str, port: str, system: str, far_port: str = "", **more: str) -> DeviceFacts:
    row = {"protocol": "lldp", "local_port": port, "remote_system": system, "remote_port": far_port} | more
    return DeviceFacts(device, "neighbours", NOW, (dict(row),))


def fdb(device: str, **seen: Iterable[str]) -> DeviceFacts:
    """MAC addresses by the number of the port (`p1`)."""
    rows: Rows = tuple(
        {"mac": each, "port": f"Gi0/{port[1:]}", "vlan": 10} for port, macs in seen.items() for each in macs
    )
    return DeviceFacts(device, "fdb", NOW, rows)


def found(inventory: Inventory, *facts: DeviceFacts, before: Found | None = None, at: datetime = NOW) -> Found:
    digests: dict[str, Digest] = {}
    for fact in (*(ports(name) for name in ROLES), *facts):
        digests[fact.device] = learned(digests.get(fact.device, Digest()), fact)
    return build(inventory, digests, Known(inventory, ()), dict.fromkeys(ROLES, NOW), before or Found(), at)


def ends(link: FoundLink) -> tuple[str, str | None, str, str | None]:
    return link.upper.device, link.upper.port, link.lower.device, link.lower.port


def test_two_that_name_each_other_are_one_sure_link() -> None:
    (link,) = found(
        city(), lldp("rt", "Gi0/2", "SW.example", "Gi0/1"), lldp("sw", "GigabitEthernet0/1", "rt", "Gi0/2")
    ).links
    assert ends(link) == ("rt", "Gi0/2", "sw", "Gi0/1")
    assert (link.confidence, link.stale, link.conflict) == (0.99, False, "")
    assert [each.device for each in link.evidence] == ["rt", "sw"]


@pytest.mark.parametrize(
    "said",
    [
        {"remote_chassis": mac("sw", 1), "remote_port": "g0/1"},
        {"remote_address": "10.0.0.4", "remote_port": mac("sw", 1)},
        {"remote_chassis": mac("sw", 1), "remote_system": "rt2.example", "remote_port": "Gi0/1"},
    ],
)
def test_a_neighbour_is_known_by_mac_address_or_name(said: dict[str, str]) -> None:
    system = said.pop("remote_system", "nobody knows")
    (link,) = found(city(), lldp("rt", "Gi0/2", system, said.pop("remote_port"), **said)).links
    assert ends(link) == ("rt", "Gi0/2", "sw", "Gi0/1")
    assert link.confidence == 0.9


def test_strangers_and_the_device_itself_make_no_link() -> None:
    assert found(city(), lldp("rt", "Gi0/1", "stranger"), lldp("sw", "Gi0/1", "sw")).links == ()


def test_a_server_that_says_nothing_is_found_behind_its_port() -> None:
    (link,) = found(city(), fdb("sw", p3=[mac("srv", 1)])).links
    assert ends(link) == ("sw", "Gi0/3", "srv", "Gi0/1")
    assert (link.confidence, link.evidence[0].proof) == (0.6, Proof.FDB)
    (shared,) = found(city(), fdb("sw", p3=[mac("srv", 1), "06:00:00:00:00:01"])).links
    assert shared.confidence == 0.3


def test_of_several_behind_a_port_the_switch_between_is_the_neighbour() -> None:
    links = found(
        city(),
        fdb("sw", p1=[mac("rt", 2)], p4=[mac("sw2", 1), mac("srv", 1)]),
        fdb("sw2", p1=[mac("sw", 1), mac("rt", 2)], p2=[mac("srv", 1)]),
    ).links
    assert {ends(link) for link in links} == {
        ("rt", "Gi0/2", "sw", "Gi0/1"),
        ("sw", "Gi0/4", "sw2", "Gi0/1"),
        ("sw2", "Gi0/2", "srv", "Gi0/1"),
    }


def test_the_inventory_wins_and_what_contradicts_it_is_told() -> None:
    written = Link("l-1", "rt", "sw", "GigabitEthernet0/2", "Gi0/1", circuit="c-1")
    agreed = found(city(written), lldp("sw", "Gi0/1", "rt", "Gi0/2")).links
    assert [(each.id, each.confidence, each.circuit, len(each.evidence)) for each in agreed] == [("l-1", 1.0, "c-1", 2)]
    by_id = {each.id: each for each in found(city(written), lldp("rt", "Gi0/2", "sw2", "Gi0/4")).links}
    assert by_id["l-1"].conflict == "port Gi0/2 of rt: lldp says that it leads to sw2"
    other = by_id.pop("rt:Gi0/2--sw2:Gi0/4")
    assert other.conflict == "port Gi0/2 of rt: the inventory says that it leads to sw"
    assert counting(city(written), Found((other,))) == ()


def test_a_guess_contradicts_nobody() -> None:
    written = Link("l-1", "sw", "srv", "Gi0/3")
    (link,) = found(city(written), fdb("sw", p3=[mac("sw2", 1), "06:00:00:00:00:01"])).links
    assert (link.id, link.conflict) == ("l-1", "")


def test_parallel_links_stay_two() -> None:
    links = found(
        city(Link("l-1", "rt", "sw", "Gi0/1", "Gi0/1")),
        DeviceFacts(
            "sw",
            "neighbours",
            NOW,
            tuple(
                {"protocol": "lldp", "local_port": f"Gi0/{n}", "remote_system": "rt", "remote_port": f"Gi0/{n}"}
                for n in (1, 2)
            ),
        ),
    ).links
    assert [(each.id, each.upper.port, each.lower.port) for each in links] == [
        ("l-1", "Gi0/1", "Gi0/1"),
        ("rt:Gi0/2--sw:Gi0/2", "Gi0/2", "Gi0/2"),
    ]


def test_a_line_is_joined_to_its_circuit_by_what_is_written_on_the_port() -> None:
    facts = (lldp("sw", "Gi0/1", "rt", "Gi0/2"), ports("sw", alias="WAN [VNPT HNI-44120]"))
    (link,) = found(city(), *facts).links
    assert link.circuit == "c-1"


def test_the_end_nearer_the_core_is_above() -> None:
    links = found(
        city(),
        lldp("sw", "Gi0/1", "rt", "Gi0/2"),
        lldp("rt", "Gi0/1", "core", "Gi0/4"),
        lldp("rt2", "Gi0/1", "sw2", "Gi0/1"),
    ).links
    assert {(each.upper.device, each.lower.device) for each in links} == {("rt", "sw"), ("core", "rt"), ("rt2", "sw2")}


def test_what_nobody_says_any_more_fades_and_goes() -> None:
    before = found(city(), lldp("sw", "Gi0/1", "rt", "Gi0/2"))
    later = found(city(), before=before, at=NOW + timedelta(hours=2)).links
    assert [(each.stale, each.confidence) for each in later] == [(True, 0.9)]
    (old,) = found(city(), before=before, at=NOW + timedelta(days=3)).links
    assert (old.stale, old.confidence, old.first_seen) == (True, 0.45, NOW)
    assert found(city(), before=Found((old,)), at=NOW + timedelta(days=8)).links == ()


def test_what_is_plugged_in_elsewhere_replaces_what_was_there() -> None:
    before = found(city(), lldp("sw", "Gi0/1", "rt", "Gi0/2"))
    now = found(city(), lldp("sw", "Gi0/1", "rt2", "Gi0/3"), before=before, at=NOW + timedelta(hours=2)).links
    assert [ends(each) for each in now] == [("rt2", "Gi0/3", "sw", "Gi0/1")]


def test_discovered_links_count_only_where_the_inventory_has_none() -> None:
    written = Link("l-1", "core", "rt", "Gi0/1", "Gi0/1")
    inventory = city(written)
    discovered = found(inventory, lldp("sw", "Gi0/1", "rt", "Gi0/2"), lldp("rt", "Gi0/4", "rt2", "Gi0/4"))
    counted = counting(inventory, discovered)
    assert {(each.upstream, each.downstream) for each in counted} == {("rt", "sw"), ("rt", "rt2")}
    assert counting(city(written, Link("l-2", "rt2", "sw")), discovered)[0].downstream == "rt2"
    unsure = Found(tuple(replace(each, confidence=0.3) for each in discovered.links))
    assert counting(inventory, unsure) == ()
