"""Sweep and crawl of a simulated city find every device that nobody entered; an accepted one is in the inventory."""

import asyncio
from collections.abc import Sequence

from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.app.finding import finder
from wardwatch.demo.city import demo_secrets
from wardwatch.discovery.service import Discovery
from wardwatch.model.access import Actor, Scope
from wardwatch.model.discovery import (
    Candidate,
    CandidateQuery,
    CandidateState,
    Decision,
    Heard,
    Search,
    SearchState,
    Way,
)
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now

ADMIN = Actor("admin")
ALL = Scope.everything()


def secret(reference: str) -> str:
    return demo_secrets()[reference.removeprefix("secret://")]


async def searched(discovery: Discovery, city: Inventory, known: Inventory, way: Way, target: str) -> Search:
    async def report(search: Search, heard: Sequence[Heard]) -> Search:
        return await asyncio.to_thread(discovery.note, ADMIN, search, heard)

    discovery.ask(ADMIN, way, target, depth=6)
    taken = discovery.take(ADMIN)
    assert taken is not None
    async with Simulator(SimulatorSettings(seed=3), city, secret, FaultSchedule(), utc_now):
        return await finder(secret).run(taken, known, report)


def waiting(discovery: Discovery) -> tuple[Candidate, ...]:
    return discovery.candidates(ALL, CandidateQuery(limit=1000)).items


def test_a_sweep_finds_whoever_answers(discovery: Discovery, city: Inventory, known_part: Inventory) -> None:
    done = asyncio.run(searched(discovery, city, known_part, Way.SWEEP, "127.16.0.0/24"))
    missing = {device.address: device for name, device in city.devices.items() if name not in known_part.devices}
    found = {candidate.heard.address: candidate for candidate in waiting(discovery)}
    assert (done.state, done.asked, done.answered, done.found) == (
        SearchState.DONE,
        254,
        len(city.devices),
        len(missing),
    )
    assert found.keys() == missing.keys()
    assert all(found[at].heard.name == device.name for at, device in missing.items())
    assert all(found[at].heard.credential == device.credential for at, device in missing.items())
    assert all(found[at].proposal.role == device.role for at, device in missing.items())
    assert all(found[at].proposal.unit in (device.unit, None) for at, device in missing.items())


def test_what_a_crawl_finds_is_accepted_and_then_known(
    discovery: Discovery, city: Inventory, known_part: Inventory
) -> None:
    core = next(name for name, device in known_part.devices.items() if device.role == "core-router")
    done = asyncio.run(searched(discovery, city, known_part, Way.CRAWL, core))
    speakers = {device.address for device in city.devices.values() if device.role not in ("server", "storage", "ups")}
    entered = {device.address for device in known_part.devices.values()}
    found = {candidate.heard.address: candidate for candidate in waiting(discovery)}
    assert done.state is SearchState.DONE
    assert found.keys() == speakers - entered
    met = next(each for each in found.values() if each.proposal.unit and each.proposal.zone)
    settled = discovery.decide(ADMIN, ALL, met.id, met.version, Decision("accept"))
    assert settled.state is CandidateState.ACCEPTED
    again = discovery.note(ADMIN, done, [met.heard])
    assert again.known == done.known + 1
    assert met.id not in {candidate.id for candidate in waiting(discovery)}
