"""The keeper works again only for news, forgets gone devices, and tells when the store is away."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import StoreFault
from wardwatch.inventory.directory import Directory
from wardwatch.model.access import Actor, Scope
from wardwatch.model.health import PartState
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Link
from wardwatch.model.records import DeviceFacts
from wardwatch.model.status import Status
from wardwatch.model.topology import SightingQuery
from wardwatch.ports import StateStore
from wardwatch.topology.keeper import TopologyKeeper

ACTOR = Actor.system("test")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL = Scope.everything()


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> None:
        self.now += timedelta(**span)


def city(*links: Link) -> Inventory:
    roles = {"core": DeviceRole.CORE_ROUTER, "rt": DeviceRole.ROUTER, "sw": DeviceRole.ACCESS_SWITCH}
    devices = {
        name: Device(name, name, role, "u", "s", "z", f"10.0.0.{n}") for n, (name, role) in enumerate(roles.items())
    }
    return Inventory(devices=devices, links={link.id: link for link in links})


def ports(device: str, oper: str) -> DeviceFacts:
    row: dict[str, Any] = {
        "index": "1",
        "name": "g1",
        "descr": "g1",
        "alias": "",
        "mac": f"02000000000{len(device)}",
        "oper": oper,
    }
    return DeviceFacts(device, "interfaces", NOW, (row,))


def neighbour(device: str, far: str) -> DeviceFacts:
    row: dict[str, Any] = {"protocol": "lldp", "local_port": "g1", "remote_system": far, "remote_port": "g2"}
    return DeviceFacts(device, "neighbours", NOW, (row,))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes() -> list[Directory]:
    return []


@pytest.fixture
def keeper(state: StateStore, clock: Clock, changes: list[Directory]) -> TopologyKeeper:
    state.inventory.replace(ACTOR, city())
    statuses = [DeviceStatus(name, "u", Status.OK, NOW, NOW) for name in ("core", "rt", "sw")]
    state.devices.put_statuses(ACTOR, statuses)
    return TopologyKeeper(state, changes.append, clock)


def test_it_works_for_news_and_not_for_a_port_that_goes_up_and_down(
    keeper: TopologyKeeper, clock: Clock, changes: list[Directory]
) -> None:
    assert keeper.renew() is not None
    keeper.learn([ports("rt", "up"), neighbour("sw", "rt")])
    assert keeper.renew() is None, "half a minute is waited"
    clock.on(seconds=31)
    found = keeper.renew()
    assert found is not None
    assert [(link.upper.device, link.lower.device) for link in found.links] == [("rt", "sw")]
    assert [directory.topology.upstream_of("sw") for directory in changes] == [("rt",)]
    clock.on(seconds=31)
    keeper.learn([ports("rt", "down")])
    assert keeper.renew() is None
    clock.on(minutes=11)
    assert keeper.renew() is not None, "links age without news"


def test_a_new_inventory_counts_at_once_and_its_links_win(
    keeper: TopologyKeeper, state: StateStore, clock: Clock, changes: list[Directory]
) -> None:
    keeper.learn([neighbour("sw", "rt")])
    keeper.renew()
    state.inventory.replace(ACTOR, city(Link("l-1", "core", "sw", None, "g1")))
    found = keeper.renew()
    assert found is not None
    assert {link.id: bool(link.conflict) for link in found.links} == {"l-1": True, "rt:g2--sw:g1": True}
    assert changes[-1].topology.upstream_of("sw") == ("core",)
    assert keeper.health().figures["link_conflicts"] == 2


def test_after_a_restart_what_is_kept_counts_before_anything_is_worked_out(
    keeper: TopologyKeeper, state: StateStore, clock: Clock
) -> None:
    keeper.learn([neighbour("sw", "rt")])
    keeper.renew()
    again = TopologyKeeper(state, lambda directory: None, clock)
    assert again.directory(city()).topology.upstream_of("sw") == ("rt",)


def test_hosts_are_noted_when_their_switch_answers(keeper: TopologyKeeper, state: StateStore, clock: Clock) -> None:
    def hosts() -> list[str]:
        return [each.mac for each in state.sightings.find(ALL, SightingQuery()).items]

    state.devices.put_statuses(ACTOR, [DeviceStatus("sw", "u", Status.DOWN, NOW, NOW)])
    keeper.learn([DeviceFacts("sw", "fdb", NOW, ({"mac": "06:00:00:00:00:01", "port": "g3", "vlan": 10},))])
    keeper.renew()
    assert hosts() == []
    state.devices.put_statuses(ACTOR, [DeviceStatus("sw", "u", Status.OK, NOW, NOW)])
    clock.on(minutes=11)
    keeper.renew()
    assert hosts() == ["06:00:00:00:00:01"]


def test_a_store_that_is_away_is_told_and_met_again(
    keeper: TopologyKeeper, state: StateStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.learn([neighbour("sw", "rt")])

    def away(*_: object) -> None:
        raise StoreFault("the state store failed: disk full")

    state.devices.put_facts(ACTOR, [neighbour("sw", "rt")])
    with monkeypatch.context() as broken:
        broken.setattr(state.topology, "replace", away)
        assert keeper.renew() is None
        assert (keeper.health().state, keeper.health().detail.en) == (
            PartState.FAILED,
            "the state store failed: disk full",
        )
    clock.on(minutes=11)
    found = keeper.renew()
    assert found is not None
    assert len(found.links) == 1
    assert keeper.health().state is PartState.RUNNING
