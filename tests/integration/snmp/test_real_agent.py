"""The poller against a real net-snmp snmpd."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from collectors.snmp.poll import DeviceReading, Poller, PollSettings, Target
from collectors.snmp.rounds import RoundSettings, SnmpCollector
from collectors.snmp.session import SessionSettings
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory
from wardwatch.model.records import DeviceFacts, Outcome, PollOutcome, SampleBlock
from wardwatch.model.time import utc_now

QUICK = PollSettings(
    session=SessionSettings(timeout_s=0.4, attempts=2), knock=SessionSettings(timeout_s=0.3, attempts=1)
)


def target(agent: Any, credential: Credential, port: int | None = None) -> Target:
    return Target("switch-1", "ward-1", "site-1", agent.address, port or agent.port, credential)


def poll(*targets: Target) -> list[DeviceReading]:
    """Polls one device over and over, each time with the memory of the last."""

    async def story() -> list[DeviceReading]:
        poller = Poller(QUICK, lambda secret: secret, utc_now)
        readings: list[DeviceReading] = []
        for at in targets:
            readings.append(await poller.poll_device(at, readings[-1].memory if readings else None))
        return readings

    return asyncio.run(story())


@pytest.mark.parametrize("version", ["v2c", "v3"])
def test_system_and_interfaces_are_read(snmpd: Any, version: str) -> None:
    first, second = poll(*[target(snmpd, getattr(snmpd, version))] * 2)
    assert first.outcome.outcome is Outcome.OK, first.outcome.detail
    system = next(facts for facts in first.facts if facts.kind == "system").rows[0]
    assert system["sys_name"] == "phường-đống-đa"
    assert system["sys_location"] == "Trung tâm dữ liệu"
    rows = next(facts for facts in first.facts if facts.kind == "interfaces").rows
    assert {row["name"] for row in rows} == {name for _, name in socket.if_nameindex()}
    loopback = next(row for row in rows if row["name"] == "lo")
    assert (loopback["oper"], loopback["admin"], loopback["type"]) == ("up", "up", 24)
    block = next(block for block in second.blocks if block.measurement == "interface")
    assert block.index == tuple(str(index) for index, _ in socket.if_nameindex())
    assert block.columns["in_bps"][block.index.index("1")] is not None
    assert second.facts == ()
    assert second.outcome.varbinds < first.outcome.varbinds


def test_the_device_row_says_it_is_up(snmpd: Any) -> None:
    (reading,) = poll(target(snmpd, snmpd.v2c))
    (block,) = (block for block in reading.blocks if block.measurement == "device")
    assert block.columns["up"] == (1.0,)
    assert block.columns["uptime_s"][0] is not None
    assert block.columns["varbinds"] == (reading.outcome.varbinds,)


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({"auth_key": "wrongpassword"}, Outcome.AUTHENTICATION, "refused the SNMPv3 login"),
        ({"user": "nobody"}, Outcome.AUTHENTICATION, "refused the SNMPv3 login"),
        ({"privacy_key": "wrongpassword"}, Outcome.TIMEOUT, "timeout or wrong privacy key"),
    ],
)
def test_a_wrong_v3_login_is_told(snmpd: Any, change: dict[str, str], outcome: Outcome, words: str) -> None:
    (reading,) = poll(target(snmpd, replace(snmpd.v3, **change)))
    assert reading.outcome.outcome is outcome
    assert words in reading.outcome.detail
    assert "switch-1 at 127.0.0.1" in reading.outcome.detail


def test_a_wrong_community_is_silence_that_names_where_it_stopped(snmpd: Any) -> None:
    (reading,) = poll(target(snmpd, replace(snmpd.v2c, community="wrong")))
    assert reading.outcome.outcome is Outcome.TIMEOUT
    assert "1.3.6.1.2.1.1.3.0 (sysUpTime)" in reading.outcome.detail


def test_authentication_without_privacy(snmpd: Any) -> None:
    reader = Credential("r", "snmp-v3", user="reader", auth_protocol="sha", auth_key="authpassword")
    (reading,) = poll(target(snmpd, reader))
    assert reading.outcome.outcome is Outcome.OK, reading.outcome.detail


def test_a_closed_port_is_refused_at_once(snmpd: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    (reading,) = poll(target(snmpd, snmpd.v2c, port))
    assert reading.outcome.outcome is Outcome.REFUSED
    assert reading.outcome.duration_ms < 200
    assert reading.blocks[0].columns["up"] == (0.0,)


def test_a_remembered_engine_is_forgotten_when_another_box_answers(snmpd: Any) -> None:
    first, *_ = poll(target(snmpd, snmpd.v3))
    other = replace(first.memory, engine_id=b"\x80\x00\x1f\x88\x04replaced")

    async def again() -> DeviceReading:
        return await Poller(QUICK, lambda secret: secret, utc_now).poll_device(target(snmpd, snmpd.v3), other)

    other = asyncio.run(again()).memory
    second = asyncio.run(again())
    assert second.outcome.outcome is Outcome.OK, second.outcome.detail
    assert second.memory.engine_id == first.memory.engine_id


class Taken:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.blocks: list[SampleBlock] = []
        self.outcomes: list[PollOutcome] = []
        self.facts: list[DeviceFacts] = []

    async def __call__(
        self, blocks: Sequence[SampleBlock], outcomes: Sequence[PollOutcome], facts: Sequence[DeviceFacts]
    ) -> None:
        self.blocks += blocks
        self.outcomes += outcomes
        self.facts += facts


def city(agent: Any, dead_port: int) -> Inventory:
    switch = Device("good", "good", DeviceRole.ACCESS_SWITCH, "ward-1", "s", "z", "127.0.0.1", agent.port, "v2c")
    devices = (
        switch,
        replace(switch, id="dead", snmp_port=dead_port),
        replace(switch, id="badly-configured", credential="missing-secret"),
        replace(switch, id="not-polled", credential=None),
        replace(switch, id="elsewhere", zone="other"),
    )
    credentials = (agent.v2c, Credential("missing-secret", "snmp-v2c", community=""))
    return Inventory(
        devices={device.id: device for device in devices}, credentials={item.id: item for item in credentials}
    )


def test_a_round_gives_each_device_its_outcome(snmpd: Any, hostile: Any) -> None:
    silent = hostile(lambda _: None)
    taken, registry = Taken(), CollectorRegistry()
    settings = RoundSettings(zones=frozenset({"z"}), poll=QUICK)

    async def story() -> None:
        inventory = city(snmpd, silent.port)
        collector = SnmpCollector(settings, inventory, lambda secret: secret, taken, utc_now, registry)
        await collector.poll_all()

    asyncio.run(story())
    assert {outcome.device: outcome.outcome for outcome in taken.outcomes} == {
        "good": Outcome.OK,
        "dead": Outcome.TIMEOUT,
        "badly-configured": Outcome.AUTHENTICATION,
    }
    assert {(facts.device, facts.kind) for facts in taken.facts} == {("good", "system"), ("good", "interfaces")}
    assert registry.get_sample_value("wardwatch_snmp_polls_total", {"outcome": "timeout"}) == 1
    assert registry.get_sample_value("wardwatch_snmp_silent_devices") == 1


def test_scheduled_rounds_deliver_and_follow_the_inventory(snmpd: Any) -> None:
    taken = Taken()
    settings = RoundSettings(interval_s=0.3, gather_s=0.05, poll=QUICK)
    both = city(snmpd, snmpd.port)
    one = replace(both, devices={"good": both.devices["good"]})

    async def enough(device: str, count: int) -> None:
        async with asyncio.timeout(20):
            while sum(outcome.device == device for outcome in taken.outcomes) < count:
                await asyncio.sleep(0.02)

    async def story() -> None:
        async with SnmpCollector(settings, one, lambda secret: secret, taken, utc_now) as collector:
            await enough("good", 3)
            collector.reload(both)
            await enough("dead", 1)

    asyncio.run(story())
    good = [block for block in taken.blocks if (block.measurement, block.device) == ("interface", "good")]
    assert any(value is not None for value in good[-1].columns["in_bps"])
