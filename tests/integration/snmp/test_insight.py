"""What a vendor's profile finds goes out as samples and facts, round after round, also of agents that hang."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from collectors.snmp.insight import InsightSettings
from collectors.snmp.poll import DeviceReading, Poller, PollSettings, Target
from collectors.snmp.profiles.catalogue import load_catalogue
from collectors.snmp.session import SessionSettings
from tests.integration.snmp.conftest import Agent, Answer, Request
from wardwatch.model.records import DeviceFacts, Outcome
from wardwatch.model.time import utc_now

QUICK = SessionSettings(timeout_s=0.3, attempts=2, deadline_s=10.0)
EVERY_ROUND = PollSettings(session=QUICK, look=QUICK, insight=InsightSettings(values_every=1, spread=1))


def rounds(agent: Agent, number: int, settings: PollSettings = EVERY_ROUND) -> list[DeviceReading]:
    async def poll() -> list[DeviceReading]:
        poller = Poller(settings, lambda secret: secret, utc_now, catalogue=load_catalogue())
        target = Target("d1", "ward", "site", agent.address, agent.port, agent.v2c)
        readings: list[DeviceReading] = []
        for _ in range(number):
            readings.append(await poller.poll_device(target, readings[-1].memory if readings else None))
        return readings

    return asyncio.run(poll())


def fact(readings: list[DeviceReading], kind: str) -> DeviceFacts | None:
    found = [facts for reading in readings for facts in reading.facts if facts.kind == kind]
    return found[-1] if found else None


def test_a_real_server_has_its_memory_and_storage_measured_every_round(snmpd: Agent) -> None:
    first, second, third = rounds(snmpd, 3)
    assert {block.measurement for block in first.blocks} == {"device", "interface"}
    measured = {block.measurement: block for block in third.blocks}
    storage, memory = measured["storage"], measured["memory"]
    assert all(value is not None and 0 <= value <= 100 for value in storage.columns["used_pct"])
    assert max(total or 0 for total in memory.columns["total_bytes"]) > 64 * 2**20
    labels = fact([second], "memory")
    assert labels is not None
    assert {row["oid"] for row in labels.rows} == set(memory.index)
    assert all("used_pct" not in row for row in labels.rows)
    system = fact([second], "system")
    assert system is not None
    assert system.rows[0]["profile"] == "linux"
    assert system.rows[0]["sys_name"] == "phường-đống-đa"
    assert not third.facts, "nothing but values moved"
    assert third.outcome.varbinds < second.outcome.varbinds, "labels and scales are not walked again"


def test_a_full_reading_goes_on_where_its_time_ended(snmpd: Agent) -> None:
    hasty = replace(EVERY_ROUND, insight=InsightSettings(values_every=1, spread=1, budget_s=0.0))
    _, second = rounds(snmpd, 2, hasty)
    left = second.memory.known.left
    assert left, "nothing was begun"
    slow = replace(EVERY_ROUND, insight=InsightSettings(values_every=1, spread=1, budget_s=0.002))
    readings = rounds(snmpd, 60, slow)
    assert not readings[-1].memory.known.left
    assert any(block.measurement == "memory" for block in readings[-1].blocks)


SENSORS = (1, 3, 6, 1, 4, 1, 9, 9, 91, 1, 1, 1, 1)
"""CISCO-ENTITY-SENSOR-MIB entSensorValueEntry."""


def hanging(request: Request) -> bytes | None:
    """A switch whose agent knows who it is and one port, and hangs on sensors."""
    (asked,) = request.oids[:1]
    if asked[: len(SENSORS)] == SENSORS:
        return None
    if request.kind == "get":
        known: dict[tuple[int, ...], object] = {
            (1, 3, 6, 1, 2, 1, 1, 1, 0): b"Cisco IOS Software, Version 15.2(7)E10",
            (1, 3, 6, 1, 2, 1, 1, 2, 0): (1, 3, 6, 1, 4, 1, 9, 1, 1208),
        }
        return request.reply(*((oid, known[oid]) for oid in request.oids if oid in known))
    if asked == (1, 3, 6, 1, 2, 1, 2, 2, 1, 8):
        return request.reply(((*asked, 1), 1), ((1, 3, 6, 1, 2, 1, 2, 2, 1, 9, 1), 0))
    if asked == (1, 3, 6, 1, 2, 1, 2, 2, 1, 2):
        return request.reply(((*asked, 1), b"Gi0/1"), ((1, 3, 6, 1, 2, 1, 2, 2, 1, 3, 1), 6))
    return request.reply((asked, None))


def test_a_column_that_hangs_is_named_and_the_rest_is_read(hostile: Callable[[Answer], Agent]) -> None:
    brief = replace(EVERY_ROUND, look=replace(QUICK, attempts=1))
    readings = rounds(hostile(hanging), 8, brief)
    assert all(reading.outcome.outcome is Outcome.OK for reading in readings), readings[-1].outcome.detail
    slow = fact(readings, "slow")
    assert slow is not None
    assert {row["oid"] for row in slow.rows} == {".".join(map(str, (*SENSORS, column))) for column in range(1, 6)}
    assert {row["outcome"] for row in slow.rows} == {"timeout"}
    assert not readings[-1].memory.known.left, "the rest of the profile was read"
    system = fact(readings, "system")
    assert system is not None
    assert system.rows[0]["profile"] == "cisco-ios"
