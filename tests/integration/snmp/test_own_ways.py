"""Devices in their own ways: an interval of their own, and manners that outlive the collector."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from collectors.snmp.poll import PollSettings
from collectors.snmp.quirks import Quirks
from collectors.snmp.rounds import RoundSettings, SnmpCollector
from collectors.snmp.session import SessionSettings
from tests.integration.snmp.conftest import Agent, Answer, Request
from wardwatch.model.inventory import Device, DeviceRole, Inventory
from wardwatch.model.records import DeviceFacts, Outcome, PollOutcome, SampleBlock
from wardwatch.model.time import utc_now

QUICK = PollSettings(session=SessionSettings(timeout_s=0.3, attempts=2, deadline_s=10.0))


class Polled:
    """A sink that counts."""

    def __init__(self) -> None:
        self.outcomes: list[PollOutcome] = []

    async def __call__(
        self, blocks: Sequence[SampleBlock], outcomes: Sequence[PollOutcome], facts: Sequence[DeviceFacts]
    ) -> None:
        self.outcomes += [outcome for outcome in outcomes if outcome.outcome is not Outcome.OVERLAPPED]

    def times(self, device: str) -> int:
        return sum(outcome.device == device for outcome in self.outcomes)


def of(agent: Agent, **intervals: float | None) -> Inventory:
    devices = {
        name: Device(
            name, name, DeviceRole.SERVER, "u", "s", "z", agent.address, agent.port, "v2c", poll_interval_s=interval
        )
        for name, interval in intervals.items()
    }
    return Inventory(devices=devices, credentials={"v2c": agent.v2c})


def test_a_device_is_polled_at_its_own_interval_and_at_a_new_one_after_a_change(snmpd: Agent) -> None:
    sink = Polled()

    async def story() -> None:
        settings = RoundSettings(interval_s=0.2, gather_s=0.02, poll=QUICK)
        inventory = of(snmpd, often=None, rarely=3600.0)
        async with SnmpCollector(settings, inventory, lambda secret: secret, sink, utc_now) as collector:
            async with asyncio.timeout(20):
                while sink.times("often") < 4:
                    await asyncio.sleep(0.02)
            assert sink.times("rarely") <= 1
            rarely = replace(inventory.devices["rarely"], poll_interval_s=0.2)
            collector.reload(replace(inventory, devices=dict(inventory.devices) | {"rarely": rarely}))
            async with asyncio.timeout(20):
                while sink.times("rarely") < 3:
                    await asyncio.sleep(0.02)

    asyncio.run(story())


STATUS = (1, 3, 6, 1, 2, 1, 2, 2, 1, 8)


def test_an_agent_that_knows_getnext_only_is_not_asked_for_more_after_a_restart(
    hostile: Callable[[Answer], Agent], tmp_path: Path
) -> None:
    asked: list[str] = []

    def simple(request: Request) -> bytes | None:
        asked.append(request.kind)
        if request.kind == "bulk":
            return None
        (oid,) = request.oids[:1]
        if request.kind == "next" and oid == STATUS:
            return request.reply(((*STATUS, 1), 1))
        return request.reply((oid, None))

    agent = hostile(simple)

    async def run() -> None:
        kept = Quirks(tmp_path / "quirks.json")
        settings = RoundSettings(interval_s=0.2, gather_s=0.02, poll=QUICK)
        sink = Polled()
        collector = SnmpCollector(settings, of(agent, d=None), lambda secret: secret, sink, utc_now, quirks=kept)
        async with collector, asyncio.timeout(20):
            while not sink.times("d"):
                await asyncio.sleep(0.02)

    asyncio.run(run())
    assert "bulk" in asked, "at first it is asked as any other"
    asked.clear()
    asyncio.run(run())
    assert "next" in asked
    assert "bulk" not in asked
