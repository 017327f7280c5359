"""Echoes as bytes, and what tries say."""

import pytest

from collectors.icmp.echo import Echo, checksum, reply, request
from collectors.icmp.reachability import Reachability, Tries

ECHO = Echo(b"12345678", 70_000, 3)


@pytest.mark.parametrize(("version", "kind"), [(4, 0), (6, 129)])
def test_a_reply_brings_back_what_was_sent(version: int, kind: int) -> None:
    sent = request(version, 1, ECHO)
    came = bytes([kind]) + sent[1:]
    assert reply(version, came) == ECHO
    assert reply(version, sent) is None, "our own request, as loopback shows it to raw sockets"


def test_a_request_has_a_right_checksum() -> None:
    assert checksum(request(4, 0x5757, ECHO)) == 0


def test_a_raw_socket_shows_the_ip_header() -> None:
    came = b"\0" + request(4, 1, ECHO)[1:]
    assert reply(4, b"\x46" + bytes(23) + came) == ECHO


@pytest.mark.parametrize("data", [b"", b"\0", b"\x45", b"\x4f" + bytes(30), b"\0\0" + bytes(10), b"\3\1" + bytes(60)])
def test_what_is_no_reply_is_none(data: bytes) -> None:
    assert reply(4, data) is None


def test_loss_round_trip_and_jitter() -> None:
    tries = Tries("192.0.2.1")
    for attempt, sent in ((0, 0), (1, 1_000_000), (3, 3_000_000)):
        tries.sent_ns[attempt] = sent
    assert tries.heard(0, 10_000_000)
    assert tries.heard(1, 13_000_000)
    assert not tries.heard(1, 14_000_000), "a duplicate"
    assert not tries.heard(2, 14_000_000), "was never sent"
    assert tries.reachability(4) == Reachability(50.0, 11.0, 2.0)


def test_silence_has_no_times() -> None:
    assert Tries("192.0.2.1").reachability(4) == Reachability(100.0, None, None)
