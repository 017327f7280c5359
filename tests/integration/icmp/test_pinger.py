"""Real echoes on loopback."""

import asyncio

import pytest

from collectors.icmp.pinger import Pinger, PingSettings
from collectors.icmp.socket import EchoSocket
from wardwatch.errors import SystemFault

QUICK = PingSettings(attempts=3, apart_s=0.01, per_second=20_000, patience_s=1.0)


@pytest.fixture(autouse=True)
def may_ping() -> None:
    async def try_it() -> None:
        opened = EchoSocket(4, lambda *_: None)
        opened.open()
        opened.close()

    try:
        asyncio.run(try_it())
    except SystemFault as fault:
        pytest.skip(str(fault))


def test_thousands_answer_from_one_socket() -> None:
    targets = {f"device-{number}": f"127.20.{number // 250}.{number % 250 + 1}" for number in range(2000)}
    pinger = Pinger(QUICK)
    found = asyncio.run(pinger.round(targets))
    assert found.keys() == targets.keys()
    assert sum(each.loss_pct for each in found.values()) == 0
    assert all(each.rtt_ms is not None and 0 <= each.rtt_ms < 1000 for each in found.values())
    assert pinger.sent == 6000


def test_both_families_and_the_unreachable() -> None:
    targets = {"four": "127.0.0.1", "six": "::1", "nobody": "240.0.0.1"}
    found = asyncio.run(Pinger(QUICK).round(targets))
    assert found["four"].loss_pct == 0
    assert found["nobody"].loss_pct == 100
    assert found["nobody"].rtt_ms is None
    assert "six" not in found or found["six"].loss_pct == 0, "a machine without IPv6 leaves it out"


def test_sends_are_paced() -> None:
    async def timed() -> float:
        began = asyncio.get_running_loop().time()
        targets = {str(number): f"127.21.0.{number + 1}" for number in range(100)}
        await Pinger(PingSettings(attempts=1, per_second=500)).round(targets)
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(timed()) >= 0.18
