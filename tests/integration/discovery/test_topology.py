"""A simulated city is polled and surveyed: the links that come out are the cabling, the hosts those at the desks, and
the outage detector follows links that nobody wrote down."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from collectors.discovery.survey import Surveyor, SurveySettings
from collectors.snmp.profiles.catalogue import load_catalogue
from collectors.snmp.rounds import RoundSettings, SnmpCollector
from collectors.snmp.simulator.cabling import cable
from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.products import Products
from collectors.snmp.simulator.simulator import Simulator
from detectors.outages.detector import OutageDetector
from detectors.outages.judge import OutageSettings
from wardwatch.demo.city import demo_secrets
from wardwatch.inventory.directory import Directory
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.inventory import DeviceRole, Inventory
from wardwatch.model.records import DeviceFacts, Outcome, PollOutcome, SampleBlock
from wardwatch.model.status import Status
from wardwatch.model.time import utc_now
from wardwatch.model.topology import Found, SightingQuery
from wardwatch.ports import StateStore
from wardwatch.topology.keeper import TopologyKeeper

ACTOR = Actor.system("test")
ALL = Scope.everything()


def secret(reference: str) -> str:
    return demo_secrets()[reference.removeprefix("secret://")]


async def told(city: Inventory) -> list[DeviceFacts]:
    """Every fact that the collector and the surveyor deliver of a city."""
    facts: list[DeviceFacts] = []

    async def polled(
        blocks: Sequence[SampleBlock], outcomes: Sequence[PollOutcome], news: Sequence[DeviceFacts]
    ) -> None:
        facts.extend(news)

    async def surveyed(news: Sequence[DeviceFacts]) -> None:
        facts.extend(news)

    async with Simulator(SimulatorSettings(seed=3), city, secret, FaultSchedule(), utc_now):
        collector = SnmpCollector(RoundSettings(), city, secret, polled, utc_now, None, load_catalogue())
        # The vendor's profile is read from the second round on.
        for _ in range(2):
            await collector.poll_all()
        surveyor = Surveyor(SurveySettings(), city, None, secret, surveyed, utc_now)
        await asyncio.gather(*(surveyor.survey(device) for device in city.devices))
        count = len(facts)
        await asyncio.gather(*(surveyor.survey(device) for device in city.devices))
        assert len(facts) == count, "what is the same is told once"
        assert surveyor.failed == 0
    return facts


def kept(state: StateStore, inventory: Inventory, facts: list[DeviceFacts]) -> tuple[Found, Directory]:
    now, changed = utc_now(), list[Directory]()
    state.inventory.replace(ACTOR, inventory)
    state.devices.put_statuses(
        ACTOR, [DeviceStatus(each.id, each.unit, Status.OK, now, now) for each in inventory.devices.values()]
    )
    state.devices.put_facts(ACTOR, facts)
    keeper = TopologyKeeper(state, changed.append, utc_now)
    found = keeper.renew()
    assert found is not None
    assert keeper.renew() is None, "there is no news"
    assert found == state.topology.read(ALL)
    return found, changed[-1]


def test_the_links_are_the_cabling_and_the_hosts_sit_at_their_desks(city: Inventory, state: StateStore) -> None:
    facts = asyncio.run(told(city))
    bare = replace(city, links={}, circuits=city.circuits)
    found, directory = kept(state, bare, facts)
    cabling = cable(city, Products.shipped())
    cables = {
        frozenset((device, cabling.sockets[device][row].name) for device, row in ends) for ends in cabling.ends.values()
    }
    links = {frozenset((end.device, end.port) for end in (link.upper, link.lower)): link for link in found.links}
    assert links.keys() == cables
    above = {link.downstream: link.upstream for link in city.links.values()}
    assert all(link.upper.device == above[link.lower.device] for link in found.links)
    assert {link.circuit for link in found.links} - {None} == {link.circuit for link in city.links.values()} - {None}
    _examine_detector(bare, directory, above)
    _examine_hosts(city, state)


def _examine_detector(bare: Inventory, directory: Directory, above: dict[str, str]) -> None:
    """With a router dead, what hangs from it by discovered links alone is behind it."""
    dead = next(
        each.id for each in bare.devices.values() if each.role is DeviceRole.ROUTER and each.id in above.values()
    )
    below = set(directory.topology.cut_off({dead}))
    assert below == {name for name in above if _hangs_from(name, dead, above)} != set()
    now, detector = utc_now(), OutageDetector((), bare, directory.topology, lambda device: None, OutageSettings())
    for turn in range(2):
        at = now + timedelta(minutes=turn)
        silent = [PollOutcome(name, bare.devices[name].unit, at, Outcome.TIMEOUT, 1.0) for name in (dead, *below)]
        detector.observe((), (), silent)
    assert detector.statuses[dead].status is Status.DOWN
    assert {detector.statuses[name].status for name in below} == {Status.BEHIND}
    assert {detector.statuses[name].behind for name in below} == {dead}


def _hangs_from(name: str, dead: str, above: dict[str, str]) -> bool:
    while name in above:
        name = above[name]
        if name == dead:
            return True
    return False


def _examine_hosts(city: Inventory, state: StateStore) -> None:
    seen = state.sightings.find(ALL, SightingQuery(limit=1000)).items
    assert len(seen) > 50
    assert {city.devices[each.device].role for each in seen} <= {DeviceRole.ACCESS_SWITCH, DeviceRole.CORE_SWITCH}
    assert {each.vlan for each in seen} == {10}, "of Cisco switches by community@10, or by the context vlan-10"
    assert {city.devices[each.device].credential for each in seen} == {"snmp-v2c-read", "snmp-v3-read"}
    desks = [each for each in seen if each.mac.startswith("06:")]
    assert all(each.ip for each in desks)
    assert len({(each.device, each.port) for each in desks}) == len(desks), "one at each desk, not at every uplink"
