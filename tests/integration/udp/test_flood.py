"""A real loopback socket, flooded until the kernel drops: what was sent is what was received and what was counted."""

import asyncio
import os
import socket
import threading

import pytest

from collectors.udp import Datagram, UdpCounts, UdpSettings, UdpSocket
from wardwatch.errors import UserError

pytestmark = pytest.mark.anyio
SMALL = UdpSettings("127.0.0.1", 0, receive_buffer_bytes=8192, at_once=16)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Sender:
    """Sends to one port; counts."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._to = (address, port)
        self.sent = 0

    def send(self, data: bytes = b"<13>hello", times: int = 1) -> None:
        for _ in range(times):
            self._socket.sendto(data, self._to)
            self.sent += 1

    def close(self) -> None:
        self._socket.close()


async def drained(listening: UdpSocket) -> int:
    taken = 0
    while found := listening.take_now():
        taken += len(found)
    return taken


async def test_what_the_kernel_drops_is_counted_although_nothing_comes_after_it() -> None:
    async with UdpSocket(SMALL) as listening:
        sender = Sender(listening.port)
        for burst in (2000, 1, 3000, 0, 500):
            sender.send(times=burst)
            await drained(listening)
            assert listening.received + listening.dropped == sender.sent
        sender.close()
        assert listening.dropped > 0
        assert listening.received > 0
        counted = listening.counts()
        assert (counted.sent, counted.dropped) == (sender.sent, listening.dropped)
        assert listening.counts().sent == 0


async def test_exact_while_others_flood() -> None:
    async with UdpSocket(SMALL) as listening:
        senders = [Sender(listening.port) for _ in range(4)]
        threads = [threading.Thread(target=each.send, args=(os.urandom(300), 5000)) for each in senders]
        for thread in threads:
            thread.start()
        received = dropped = 0
        while any(thread.is_alive() for thread in threads):
            await drained(listening)
            told = listening.counts()
            received, dropped = received + told.received, dropped + told.dropped
            await asyncio.sleep(0)
        for thread, sender in zip(threads, senders, strict=True):
            thread.join()
            sender.close()
        await drained(listening)
        told = listening.counts()
        assert received + dropped + told.sent == 20_000
        assert listening.dropped > 0


async def test_exact_up_to_the_end_while_somebody_goes_on_sending() -> None:
    async with UdpSocket(SMALL) as listening:
        sender = Sender(listening.port)
        sender.send(times=1000)
        taken = len(listening.take_now())
        left = len(listening.finish())
        sender.send(times=1000)
        assert listening.finish() == []
        assert taken == 16
        assert left > 0
        assert listening.counts() == UdpCounts(taken + left, sender.sent - taken - left)
        sender.close()


async def test_whole_cut_and_empty_datagrams() -> None:
    async with UdpSocket(UdpSettings("127.0.0.1", 0, largest_bytes=100)) as listening:
        sender = Sender(listening.port)
        for data in (b"", b"x" * 100, b"y" * 101, b"z" * 60_000):
            sender.send(data)
        found: list[Datagram] = []
        while len(found) < 4:
            found += await asyncio.wait_for(listening.take(), 5)
        assert [(len(each.data), each.cut) for each in found] == [(0, False), (100, False), (100, True), (100, True)]
        assert {each.address for each in found} == {"127.0.0.1"}
        sender.close()


async def test_both_families_on_one_socket() -> None:
    try:
        async with UdpSocket(UdpSettings("::", 0)) as listening:
            senders = [Sender(listening.port, address) for address in ("127.0.0.1", "::1")]
            for sender in senders:
                sender.send()
            found: list[Datagram] = []
            while len(found) < 2:
                found += await asyncio.wait_for(listening.take(), 5)
            assert {each.address for each in found} == {"::ffff:127.0.0.1", "::1"}
            for sender in senders:
                sender.close()
    except UserError as error:
        pytest.skip(f"no IPv6 here: {error}")


async def test_taking_waits_and_can_be_cancelled() -> None:
    async with UdpSocket(SMALL) as listening:
        waiting = asyncio.create_task(listening.take())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        sender = Sender(listening.port)
        sender.send(b"later")
        assert [each.data for each in await asyncio.wait_for(listening.take(), 5)] == [b"later"]
        sender.close()


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1", 70_000), ("192.0.2.1", 0), ("no address", 0)])
async def test_an_impossible_address_is_said_in_words(address: str, port: int) -> None:
    with pytest.raises(UserError, match="cannot be listened on"):
        async with UdpSocket(UdpSettings(address, port)):
            pass


async def test_a_port_that_is_taken() -> None:
    async with UdpSocket(SMALL) as first:
        with pytest.raises(UserError, match="in use"):
            async with UdpSocket(UdpSettings("127.0.0.1", first.port)):
                pass
