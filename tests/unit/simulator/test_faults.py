"""Faults: who is silent, which ports are down, and what becomes of uptime and counters."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.snmp.simulator.agent import DeviceAgent
from collectors.snmp.simulator.fault_calendar import FaultCalendar
from collectors.snmp.simulator.faults import Fault, FaultKind
from collectors.snmp.simulator.tree import Late

City = Callable[..., tuple[dict[str, DeviceAgent], FaultCalendar]]
START = datetime(2026, 11, 24, 3, tzinfo=UTC)
T = int(START.timestamp())
HC_IN = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6)
IN32 = (1, 3, 6, 1, 2, 1, 2, 2, 1, 10)
OPER = (1, 3, 6, 1, 2, 1, 2, 2, 1, 8)
UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)


def fault(kind: FaultKind, device: str, after_s: int, for_s: int, **more: Any) -> Fault:
    begin = START + timedelta(seconds=after_s)
    return Fault(kind, device, more.get("port"), begin, begin + timedelta(seconds=for_s), more.get("value"))


def value(agent: DeviceAgent, oid: tuple[int, ...], second: int) -> int:
    node = agent.tree.node(oid)
    varbind = agent.live.varbind(node, second) if isinstance(node, Late) else node
    inner = varbind[2:] if varbind[1] < 0x80 else varbind[3:]
    return int.from_bytes(inner[2 + inner[1] + 2 :], "big")


def test_death_silences_the_device_and_all_behind_it_and_nobody_else(city: City) -> None:
    _, calendar = city(fault(FaultKind.DEAD, "RT", 60, 30))
    assert calendar.at(T + 59).silent == frozenset()
    assert calendar.at(T + 60).silent == {"RT", "SW", "UPS"}
    assert calendar.at(T + 90).silent == frozenset()


def test_a_mute_agent_still_carries_traffic(city: City) -> None:
    agents, calendar = city(fault(FaultKind.MUTE, "RT", 60, 30))
    assert calendar.at(T + 60).silent == {"RT"}
    assert value(agents["CORE"], (*OPER, 1), T + 70) == 1


def test_a_cut_link_is_down_at_both_ends_and_carries_nothing(city: City) -> None:
    agents, calendar = city(fault(FaultKind.LINK_DOWN, "RT", 60, 30))
    assert calendar.at(T + 60).silent == {"RT", "SW", "UPS"}
    for device, row in (("CORE", 1), ("RT", 4)):
        seen = [value(agents[device], (*OPER, row), T + after) for after in (59, 60, 89, 90)]
        assert seen == [1, 2, 2, 1]
        octets = [value(agents[device], (*HC_IN, row), T + after) for after in (0, 60, 75, 90, 120)]
        assert octets == sorted(octets)
        assert octets[1] == octets[2] == octets[3] < octets[4]
        changed_cs = value(agents[device], (1, 3, 6, 1, 2, 1, 2, 2, 1, 9, row), T + 100)
        assert value(agents[device], UPTIME, T + 90) - changed_cs < 100


def test_a_reboot_restarts_uptime_counters_and_engine(city: City) -> None:
    agents, _ = city(fault(FaultKind.REBOOT, "SW", 60, 30))
    switch = agents["SW"]
    assert value(switch, UPTIME, T + 59) > 100 * 60
    assert value(switch, UPTIME, T + 100) < 100 * 11
    assert value(switch, (*HC_IN, 28), T + 100) < value(switch, (*HC_IN, 28), T + 59)
    boots = [switch.live.engine(T + after)[0] for after in (0, 59, 100)]
    assert boots[0] == boots[1] == boots[2] - 1


def test_a_counter_wraps_at_its_second_without_a_jump(city: City) -> None:
    agents, _ = city(fault(FaultKind.COUNTER_WRAP, "SW", 600, 1, value=64))
    plain, _ = city()
    wrapping, row = agents["SW"], (*HC_IN, 28)
    before, after = value(wrapping, row, T + 599), value(wrapping, row, T + 600)
    assert after == 0 < before
    assert 2**64 - before == value(plain["SW"], row, T + 600) - value(plain["SW"], row, T + 599)
    assert value(wrapping, row, T + 700) == value(plain["SW"], row, T + 700) - value(plain["SW"], row, T + 600)


def test_a_32_bit_wrap_is_that_of_a_device_without_64_bit_counters(city: City) -> None:
    agents, _ = city(fault(FaultKind.COUNTER_WRAP, "SW", 600, 1))
    assert value(agents["SW"], (*IN32, 28), T + 600) == 0
    assert not [oid for oid in agents["SW"].tree.oids() if oid[:-1] == HC_IN]


def test_both_ends_of_a_link_count_the_same(city: City) -> None:
    agents, _ = city()
    out = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 10, 1)
    moved = [value(agents["CORE"], out, T + after) for after in (0, 3600)]
    same = [value(agents["RT"], (*HC_IN, 4), T + after) for after in (0, 3600)]
    assert moved[1] > moved[0]
    # Each end counts whole octets from its own start.
    assert abs((moved[1] - moved[0]) - (same[1] - same[0])) <= 1


def test_slow_and_astray_agents_are_told(city: City) -> None:
    _, calendar = city(
        fault(FaultKind.SLOW, "SW", 0, 10, value=1.5),
        fault(FaultKind.ENDLESS_WALK, "RT", 5, 10),
        fault(FaultKind.MALFORMED, "SRV", 5, 10),
    )
    state = calendar.at(T + 5)
    assert state.delay_s == {"SW": 1.5}
    assert state.walks == {"RT": FaultKind.ENDLESS_WALK}
    assert state.malformed == {"SRV"}
    assert calendar.at(T + 15).walks == {}
