"""Bad packets: refused or passed to the real decoder, counted with their source, and never the end of anything."""

import asyncio
import random
import socket
from typing import Any

from collectors.flows.listener import FlowListener
from collectors.flows.simulator.flow import Flow
from collectors.flows.simulator.netflow5 import NetFlow5
from collectors.flows.simulator.sflow import SFlow
from collectors.flows.simulator.templated import Ipfix, NetFlow9

WARD, CENTRE, STRANGER = "127.70.0.1", "127.70.0.2", "127.99.0.1"
AT_S = 1_790_000_000
GOOD = Flow("10.1.0.9", "198.51.100.7", 40_009, 443, 6, 1000, 2)
FLOW = Flow("10.1.0.1", "198.51.100.7", 40_000, 443, 6, 1000, 2)


def send(datagrams: list[bytes], source: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", port))


def test_missing_templates_and_strangers_are_counted_with_their_source(listening: Any, received: Any) -> None:
    nine, other = NetFlow9(), Ipfix()

    async def run() -> FlowListener:
        async with listening() as listener:
            port = listener.ways[0].port
            send(nine.tell([FLOW], AT_S), WARD, port)
            send([*other.announce(AT_S), *other.tell([FLOW], AT_S)], STRANGER, port)
            send([b"", b"\x00\x05", NetFlow5().tell([FLOW], AT_S)[0][:-1]], WARD, port)
            # Its templates come at last: what follows is understood.
            send([*nine.announce(AT_S), *nine.tell([FLOW], AT_S)], WARD, port)
        found: FlowListener = listener
        return found

    listener = asyncio.run(run())
    assert received.drops() == {
        f"flows_template_missing@{WARD}": 1,
        f"flows_stranger@{STRANGER}": 2,
        f"flows_malformed@{WARD}": 3,
    }
    assert received.sums("traffic") == {"out web w1": 1000.0}
    (health,) = listener.health()
    assert health.figures["templates_missing"] == 1
    assert WARD in health.detail.en


def test_mutated_packets_end_nothing(listening: Any, received: Any) -> None:
    chance = random.Random(11)
    makers = (NetFlow5(9), NetFlow9(9), Ipfix(9), SFlow("192.0.2.1", 9))
    packets = [each for maker in makers for each in (*maker.announce(AT_S), *maker.tell([FLOW] * 4, AT_S))]
    bad = []
    for _ in range(3000):
        packet = bytearray(chance.choice(packets))
        for _ in range(chance.randint(1, 6)):
            packet[chance.randrange(len(packet))] = chance.randrange(256)
        bad.append(bytes(packet[: chance.choice((len(packet), chance.randrange(len(packet) + 1)))]))
    good = NetFlow5()

    async def run() -> FlowListener:
        async with listening() as listener:
            port = listener.ways[0].port
            for first in range(0, len(bad), 100):
                send(bad[first : first + 100], WARD, port)
                await asyncio.sleep(0.01)
            send(good.tell([GOOD], AT_S), CENTRE, port)
        found: FlowListener = listener
        return found

    listener = asyncio.run(run())
    (health,) = listener.health()
    assert health.figures["received"] == 3001
    assert health.figures["decoder_restarts"] == 0
    assert health.figures["malformed"] > 300
    by_core = [block for batch in received.batches for block in batch.blocks if block.device == "core"]
    assert sum(value or 0 for block in by_core for value in block.columns["bytes"]) == 2 * 1000.0
