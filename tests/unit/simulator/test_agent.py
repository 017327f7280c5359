"""The agent: order of GETNEXT, cutting of GETBULK, and what it does with hostile bytes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.snmp.simulator import ber, pdu
from collectors.snmp.simulator.agent import DeviceAgent, respond

City = Callable[..., tuple[dict[str, DeviceAgent], Any]]
NOW_S = 1_795_489_200.0
SYSTEM = (1, 3, 6, 1, 2, 1, 1)


def message(kind: int, *oids: ber.Oid, first: int = 0, second: int = 0, community: bytes = b"city") -> bytes:
    varbinds = b"".join(pdu.write_varbind(ber.encode_oid(oid), ber.NULL_VALUE) for oid in oids)
    body = b"\x02\x01\x07" + ber.encode_integer(first) + ber.encode_integer(second) + ber.encode(0x30, varbinds)
    return ber.encode(0x30, b"\x02\x01\x01" + ber.encode_octets(community) + ber.encode(kind, body))


def varbinds(reply: bytes) -> tuple[int, list[tuple[ber.Oid, int, bytes]]]:
    """Error status, and (OID, tag, contents) of each varbind."""
    at, end = ber.read(reply, 0, len(reply), ber.SEQUENCE)
    _, at = ber.read_integer(reply, at, end)
    _, at = ber.read_octets(reply, at, end)
    at, end = ber.read(reply, at, end, pdu.RESPONSE)
    _, at = ber.read_integer(reply, at, end)
    error, at = ber.read_integer(reply, at, end)
    _, at = ber.read_integer(reply, at, end)
    at, end = ber.read(reply, at, end, ber.SEQUENCE)
    found = []
    while at < end:
        inner, stop = ber.read(reply, at, end, ber.SEQUENCE)
        start, name_end = ber.read(reply, inner, stop, ber.OBJECT)
        tag, value, value_end = ber.read_header(reply, name_end, stop)
        found.append((ber.decode_oid(reply[start:name_end]), tag, reply[value:value_end]))
        at = stop
    return error, found


def ask(agent: DeviceAgent, *args: Any, **named: Any) -> tuple[int, list[tuple[ber.Oid, int, bytes]]]:
    reply = respond(message(*args, **named), agent, NOW_S)
    assert reply is not None
    assert len(reply) <= agent.max_reply_bytes
    return varbinds(reply)


def test_getnext_visits_every_oid_in_order(city: City) -> None:
    agent = city()[0]["SW"]
    walked = []
    oid: ber.Oid = (1, 0)
    while True:
        _, [(oid, tag, _)] = ask(agent, pdu.GET_NEXT, oid)
        if tag == ber.END_OF_MIB_VIEW[0]:
            break
        walked.append(oid)
    assert walked == sorted(walked) == agent.tree.oids()
    assert len(set(walked)) == len(walked) > 28 * 30


def test_getnext_of_an_oid_between_two_finds_the_later(city: City) -> None:
    assert ask(city()[0]["SW"], pdu.GET_NEXT, (*SYSTEM, 4, 0, 9))[1][0][0] == (*SYSTEM, 5, 0)


def test_bulk_gives_columns_in_turn_and_stays_in_a_frame(city: City) -> None:
    agent = city()[0]["SW"]
    name, alias = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 15)
    _, found = ask(agent, pdu.GET_BULK, (*SYSTEM, 5), name, alias, first=1, second=3)
    expected = [(*SYSTEM, 5, 0), (*name, 1), (*alias, 1), (*name, 2), (*alias, 2), (*name, 3), (*alias, 3)]
    assert [oid for oid, _, _ in found] == expected
    _, many = ask(agent, pdu.GET_BULK, name, second=10_000)
    assert 20 < len(many) < 60


def test_bulk_past_the_end_says_so_once(city: City) -> None:
    assert [tag for _, tag, _ in ask(city()[0]["SW"], pdu.GET_BULK, (2, 5), second=50)[1]] == [0x82]


def test_a_get_too_big_for_a_frame_is_refused(city: City) -> None:
    error, found = ask(city()[0]["SW"], pdu.GET, *[(*SYSTEM, 1, 0)] * 40)
    assert (error, found) == (pdu.TOO_BIG, [])


def test_what_is_not_answered_is_counted(city: City) -> None:
    agent = city()[0]["SW"]
    assert respond(message(pdu.GET, (*SYSTEM, 1, 0), community=b"public"), agent, NOW_S) is None
    assert respond(message(pdu.RESPONSE, (*SYSTEM, 1, 0)), agent, NOW_S) is None
    assert respond(b"\x30\x03\x02\x01\x00", agent, NOW_S) is None
    assert agent.counts.snapshot() == {
        "dropped_no_request": 1,
        "dropped_unsupported_version": 1,
        "dropped_wrong_community": 1,
    }


@pytest.fixture
def ups(city: City) -> DeviceAgent:
    return city()[0]["UPS"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(st.data())
def test_hostile_bytes_are_a_counted_drop_or_an_answer(ups: DeviceAgent, data: st.DataObject) -> None:
    agent = ups
    good = bytearray(message(data.draw(st.sampled_from(sorted(pdu.REQUESTS))), (*SYSTEM, 1, 0), (1, 3), second=3))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    before = sum(agent.counts.snapshot().values())
    reply = respond(bytes(good), agent, NOW_S)
    assert (reply is None) == (sum(agent.counts.snapshot().values()) == before + 1)
