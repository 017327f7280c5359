"""The poller against agents that loop, lie, flood and say nothing: real bytes on a real socket."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from collectors.snmp.poll import DeviceReading, Poller, PollSettings, Target
from collectors.snmp.session import SessionSettings
from wardwatch.model.records import Outcome
from wardwatch.model.time import utc_now

Oid = tuple[int, ...]
IF_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
ROWS = (1, 2, 3)
QUICK = PollSettings(session=SessionSettings(timeout_s=0.3, attempts=2, deadline_s=4.0))


def poll(agent: Any, settings: PollSettings = QUICK) -> DeviceReading:
    target = Target("switch-1", "ward-1", "site-1", agent.address, agent.port, agent.v2c)
    return asyncio.run(Poller(settings, lambda secret: secret, utc_now).poll_device(target, None))


def following(oid: Oid, rows: tuple[int, ...] = ROWS) -> tuple[Oid, object]:
    """What a small honest agent answers to GETNEXT: ifTable only, every value 1, with these rows."""
    column = oid[len(IF_ENTRY)] if oid[: len(IF_ENTRY)] == IF_ENTRY and len(oid) > len(IF_ENTRY) else 0
    if column < 1 or column > 22:
        return ((*IF_ENTRY, 1, rows[0]), 1) if oid < IF_ENTRY else (oid, None)
    row = oid[len(IF_ENTRY) + 1] if len(oid) > len(IF_ENTRY) + 1 else 0
    later = [known for known in rows if known > row]
    if later:
        return (*IF_ENTRY, column, later[0]), 1
    return ((*IF_ENTRY, column + 1, rows[0]), 1) if column < 22 else (oid, None)


def honest(request: Any, most: int = 100) -> bytes:
    """GET knows sysUpTime and sysName; the rest is `following`, at most `most` rows a reply."""
    if request.kind == "get":
        known = {(1, 3, 6, 1, 2, 1, 1, 3, 0): 4711, (1, 3, 6, 1, 2, 1, 1, 5, 0): b"honest"}
        return bytes(request.reply(*((oid, known.get(oid)) for oid in request.oids)))
    found = [following(request.oids[0])]
    while request.kind == "bulk" and len(found) < min(request.repetitions, most) and found[-1][1] is not None:
        found.append(following(found[-1][0]))
    return bytes(request.reply(*found))


def walks(answer: Callable[[Any], bytes | None]) -> Callable[[Any], bytes | None]:
    """An agent whose GETs are honest and whose walks are as given."""
    return lambda request: honest(request) if request.kind == "get" else answer(request)


def test_the_honest_agent_is_read_whole(hostile: Any) -> None:
    reading = poll(hostile(honest))
    assert reading.outcome.outcome is Outcome.OK, reading.outcome.detail
    assert [row["index"] for row in reading.facts[1].rows] == list(ROWS)


def test_an_endless_walk_ends(hostile: Any) -> None:
    def endless(request: Any) -> bytes:
        oid = request.oids[0]
        column, row = (oid[:10], oid[10]) if len(oid) > 10 else (oid, 0)
        return bytes(request.reply(*(((*column, row + n), 1) for n in range(1, request.repetitions + 1))))

    reading = poll(hostile(walks(endless)), PollSettings(session=SessionSettings(0.3, 2, 30.0)))
    assert reading.outcome.outcome is Outcome.LOOP
    assert "endless walk" in reading.outcome.detail
    assert "ifAdminStatus" in reading.outcome.detail or "ifOperStatus" in reading.outcome.detail


def test_an_agent_that_answers_the_same_for_ever_is_a_loop(hostile: Any) -> None:
    same = walks(lambda request: bytes(request.reply(((*IF_ENTRY, 8, 1), 1), ((*IF_ENTRY, 8, 1), 1))))
    reading = poll(hostile(same))
    assert reading.outcome.outcome is Outcome.LOOP
    assert "do not increase" in reading.outcome.detail
    assert reading.outcome.duration_ms < 2000


def test_one_column_out_of_order_costs_only_itself(hostile: Any) -> None:
    def crooked(request: Any) -> bytes:
        if request.oids[0][:10] == (*IF_ENTRY, 20):
            return bytes(request.reply(((*IF_ENTRY, 20, 2), 1), ((*IF_ENTRY, 20, 1), 1)))
        return honest(request)

    reading = poll(hostile(walks(crooked)))
    assert reading.outcome.outcome is Outcome.LOOP
    assert "ifOutErrors" in reading.outcome.detail
    assert reading.blocks[0].columns["up"] == (1.0,)
    assert reading.blocks[1].columns["oper"] == (1, 1, 1)


@pytest.mark.parametrize(
    "garbage", [b"", b"\x00", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x30\x84\xff\xff\xff\xff", b"\xff" * 1400]
)
def test_garbage_is_malformed(hostile: Any, garbage: bytes) -> None:
    reading = poll(hostile(lambda _: garbage))
    assert reading.outcome.outcome is Outcome.MALFORMED, reading.outcome
    assert "no SNMP reply" in reading.outcome.detail


def test_silence_is_a_timeout_within_its_bound(hostile: Any) -> None:
    begin = time.monotonic()
    reading = poll(hostile(lambda _: None))
    assert reading.outcome.outcome is Outcome.TIMEOUT
    assert 0.8 < time.monotonic() - begin < 2.5


def test_an_agent_that_dies_in_the_middle_is_partial(hostile: Any) -> None:
    def dying(request: Any) -> bytes | None:
        return None if request.oids[0][:10] == (*IF_ENTRY, 16) else honest(request)

    reading = poll(hostile(walks(dying)))
    assert reading.outcome.outcome is Outcome.PARTIAL
    assert "ifOutOctets" in reading.outcome.detail
    assert reading.blocks[0].columns["up"] == (1.0,)
    assert reading.blocks[1].columns["oper"] == (1, 1, 1)


def test_a_slow_agent_is_given_up_at_the_deadline(hostile: Any) -> None:
    def slow(request: Any) -> bytes:
        time.sleep(0.2)
        return honest(request)

    begin = time.monotonic()
    reading = poll(hostile(slow), PollSettings(session=SessionSettings(0.5, 2, 1.0)))
    assert reading.outcome.outcome is Outcome.PARTIAL
    assert time.monotonic() - begin < 2.0


def test_a_reply_of_five_kilobytes_is_told_by_its_size(hostile: Any) -> None:
    def large(request: Any) -> bytes:
        if request.oids[0][:10] == (*IF_ENTRY, 2):
            return bytes(request.reply(((*IF_ENTRY, 2, 1), b"x" * 5000)))
        return honest(request)

    reading = poll(hostile(walks(large)))
    assert reading.outcome.outcome is Outcome.TOO_LARGE
    assert "more than the 4080" in reading.outcome.detail
    assert "ifDescr" in reading.outcome.detail
    assert reading.blocks[1].columns["oper"] == (1, 1, 1)


def test_replies_too_large_together_are_asked_in_halves(hostile: Any) -> None:
    def fat(request: Any) -> bytes:
        if request.kind == "bulk" and request.repetitions > 6:
            return bytes(request.reply(*(((*request.oids[0][:10], n), b"y" * 300) for n in range(1, 25))))
        return honest(request)

    reading = poll(hostile(walks(fat)))
    assert reading.outcome.outcome is Outcome.OK, reading.outcome.detail
    assert reading.memory.manners.repetitions <= 6


def test_too_big_as_an_error_status_is_asked_smaller(hostile: Any) -> None:
    def strict(request: Any) -> bytes:
        if request.kind == "bulk" and request.repetitions > 4:
            return bytes(request.reply(status=1))
        return honest(request)

    reading = poll(hostile(walks(strict)))
    assert reading.outcome.outcome is Outcome.OK, reading.outcome.detail
    assert [row["index"] for row in reading.facts[1].rows] == list(ROWS)


def test_an_agent_without_getbulk_is_read_by_getnext(hostile: Any) -> None:
    reading = poll(
        hostile(lambda request: None if request.kind == "bulk" else honest(request)),
        PollSettings(session=SessionSettings(0.3, 2, 10.0)),
    )
    assert reading.outcome.outcome is Outcome.OK, reading.outcome.detail
    assert not reading.memory.manners.bulk
    assert [row["index"] for row in reading.facts[1].rows] == list(ROWS)


def test_text_where_a_number_belongs_is_no_number(hostile: Any) -> None:
    def liar(request: Any) -> bytes:
        if request.oids[0][:10] == (*IF_ENTRY, 10):
            return bytes(request.reply(*(((*IF_ENTRY, 10, row), b"many") for row in ROWS), ((*IF_ENTRY, 11, 1), 1)))
        return honest(request)

    reading = poll(hostile(walks(liar)))
    assert reading.outcome.outcome is Outcome.OK, reading.outcome.detail
    assert reading.blocks[1].columns["in_bps"] == (None, None, None)


def test_what_answers_but_shows_nothing_is_unsupported(hostile: Any) -> None:
    reading = poll(hostile(lambda request: bytes(request.reply(*((oid, None) for oid in request.oids)))))
    assert reading.outcome.outcome is Outcome.UNSUPPORTED
    assert "switch-1" in reading.outcome.detail


def test_cancelling_a_poll_ends_it_at_once(hostile: Any) -> None:
    agent = hostile(lambda _: None)
    patient = PollSettings(session=SessionSettings(timeout_s=60.0, attempts=1, deadline_s=100.0))

    async def story() -> float:
        target = Target("switch-1", "ward-1", "site-1", agent.address, agent.port, agent.v2c)
        begin = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await Poller(patient, lambda secret: secret, utc_now).poll_device(target, None)
        return time.monotonic() - begin

    assert asyncio.run(story()) < 1.0
