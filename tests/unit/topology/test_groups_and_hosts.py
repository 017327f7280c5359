"""Who stands in for whom, and who is on which port."""

from dataclasses import replace
from datetime import UTC, datetime

from wardwatch.model.inventory import Device, DeviceRole, Inventory
from wardwatch.model.topology import FoundLink, LinkEnd
from wardwatch.topology.digests import Digest
from wardwatch.topology.groups import redundancy_groups
from wardwatch.topology.hosts import addresses, sightings, trunks

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def device(name: str, role: DeviceRole, site: str = "s", group: str | None = None) -> Device:
    return Device(name, name, role, "u", site, "z", "10.0.0.1", redundancy_group=group)


def inventory(*devices: Device) -> Inventory:
    return Inventory(devices={each.id: each for each in devices})


def joined(upper: str, lower: str, port: str = "g1") -> FoundLink:
    return FoundLink(f"{upper}-{lower}", LinkEnd(upper, port), LinkEnd(lower, "g9"), 0.99, (), NOW, NOW)


def test_two_of_a_kind_above_the_same_device_are_a_group() -> None:
    routers = [device("r1", DeviceRole.ROUTER), device("r2", DeviceRole.ROUTER)]
    city = inventory(*routers, device("sw", DeviceRole.ACCESS_SWITCH), device("fw", DeviceRole.FIREWALL))
    links = [joined("r1", "sw"), joined("r2", "sw"), joined("fw", "sw")]
    (group,) = redundancy_groups(city, links, {})
    assert (group.devices, group.derived_from, group.detail) == (("r1", "r2"), "position", "both carry sw")


def test_neither_another_site_nor_a_row_of_access_switches_makes_a_group() -> None:
    city = inventory(
        device("r1", DeviceRole.ROUTER),
        device("r2", DeviceRole.ROUTER, "elsewhere"),
        device("a1", DeviceRole.ACCESS_SWITCH),
        device("a2", DeviceRole.ACCESS_SWITCH),
        device("srv", DeviceRole.SERVER),
    )
    assert redundancy_groups(city, [joined(each, "srv") for each in ("r1", "r2", "a1", "a2")], {}) == ()


def test_a_persons_word_wins_over_everything() -> None:
    city = inventory(
        device("r1", DeviceRole.ROUTER, group="wan-pair"),
        device("r2", DeviceRole.ROUTER),
        device("r3", DeviceRole.ROUTER, group="wan-pair"),
        device("sw", DeviceRole.ACCESS_SWITCH),
    )
    (group,) = redundancy_groups(city, [joined("r1", "sw"), joined("r2", "sw")], {})
    assert (group.id, group.devices, group.derived_from) == ("wan-pair", ("r1", "r3"), "inventory")


def test_a_virtual_router_tells_who_shares_it() -> None:
    city = inventory(device("r1", DeviceRole.ROUTER), device("r2", DeviceRole.ROUTER), device("srv", DeviceRole.SERVER))
    vrrp = Digest(arp=(("10.1.0.1", "00:00:5e:00:01:07", "g1"),))
    (group,) = redundancy_groups(city, [], {"r1": vrrp, "r2": vrrp, "srv": vrrp})
    assert (group.devices, group.derived_from) == (("r1", "r2"), "vrrp")
    assert "10.1.0.1" in group.detail


def test_hosts_are_those_at_the_edge_with_the_addresses_routers_know() -> None:
    city = inventory(
        device("sw", DeviceRole.ACCESS_SWITCH), device("rt", DeviceRole.ROUTER), device("srv", DeviceRole.SERVER)
    )
    links = [joined("rt", "sw"), joined("sw", "srv", "g2")]
    digests = {
        "sw": Digest(
            fdb=(
                ("06:00:00:00:00:01", "g1", 10),
                ("06:00:00:00:00:02", "g3", 10),
                ("02:00:00:00:00:03", "g2", 10),
                ("06:00:00:00:00:04", "g9", 10),
            )
        ),
        "rt": Digest(
            arp=(
                ("10.1.0.50", "06:00:00:00:00:02", "g1"),
                *((f"10.1.0.{n}", "02:00:00:00:00:03", "g1") for n in range(9)),
            )
        ),
    }
    seen = sightings("sw", digests["sw"], addresses(digests), trunks(city, links, digests), NOW)
    assert [(each.mac[-2:], each.ip, each.port, each.vlan) for each in seen] == [
        ("01", "", "g1", 10),
        ("03", "", "g2", 10),
        ("02", "10.1.0.50", "g3", 10),
    ]


def test_an_aggregated_port_leads_where_its_members_do() -> None:
    city = inventory(device("sw", DeviceRole.ACCESS_SWITCH), device("ds", DeviceRole.DISTRIBUTION_SWITCH))
    digests = {"sw": Digest(lags=(("g9", "Po1"), ("g5", "Po2")))}
    assert trunks(city, [joined("ds", "sw")], digests) == {("ds", "g1"), ("sw", "g9"), ("sw", "Po1")}


def test_a_port_with_a_crowd_behind_it_leads_on() -> None:
    crowd = Digest(fdb=tuple((f"06:00:00:00:00:{n:02x}", "g1", 0) for n in range(65)))
    assert sightings("sw", crowd, {}, (), NOW) == []
    assert len(sightings("sw", replace(crowd, fdb=crowd.fdb[:64]), {}, (), NOW)) == 64
