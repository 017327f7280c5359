"""What exporters send is what is stored, byte by byte, whatever the protocol and the sampling rate."""

import asyncio
import random
import socket
from collections.abc import Iterable
from typing import Any

from collectors.flows.listener import FlowListener
from collectors.flows.simulator.flow import Exporter, Flow
from collectors.flows.simulator.netflow5 import NetFlow5
from collectors.flows.simulator.sflow import SFlow
from collectors.flows.simulator.templated import Ipfix, NetFlow9

WARD, CENTRE = "127.70.0.1", "127.70.0.2"
AT_S = 1_790_000_000
EXPORTERS: dict[str, tuple[Exporter, int]] = {
    "e1": (NetFlow5(100), 100),
    "e2": (NetFlow9(1000), 1000),
    "e3": (NetFlow9(), 1),
    "e4": (Ipfix(512), 512),
    "e5": (SFlow("192.0.2.1", 64), 64),
}
"""By the device that exports; `eN` stands at 127.70.1.N."""


def send(datagrams: Iterable[bytes], source: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", port))


def talks(chance: random.Random, count: int, third: int = 0) -> list[Flow]:
    """Flows out of the ward 1: to the Internet, to ward 2, to the land database."""
    found = []
    for number in range(count):
        destination, port = chance.choice([("198.51.100.7", 443), ("10.2.0.5", 22), ("10.0.0.9", 5432)])
        packets = chance.randint(1, 20)
        octets = packets * chance.randint(60, 1500)
        found.append(Flow(f"10.1.{third}.{1 + number}", destination, 40_000 + number, port, 6, octets, packets))
    return found


def test_bytes_sent_are_bytes_stored(listening: Any, received: Any) -> None:
    sent: dict[str, tuple[float, float]] = {}

    async def run() -> FlowListener:
        async with listening() as listener:
            for number, (name, (exporter, sampling)) in enumerate(EXPORTERS.items(), start=1):
                flows = talks(random.Random(number), 200, number)
                # sFlow tells of whole frames: an Ethernet header more a packet.
                frames = 14 if isinstance(exporter, SFlow) else 0
                octets = sum(flow.octets + frames * flow.packets for flow in flows) * sampling
                sent[name] = float(octets), float(sum(flow.packets for flow in flows) * sampling)
                datagrams = [*exporter.announce(AT_S), *exporter.tell(flows, AT_S)]
                send(datagrams, f"127.70.1.{number}", listener.ways[0].port)
        found: FlowListener = listener
        return found

    listener = asyncio.run(run())
    for measurement in ("traffic", "flow"):
        assert received.out_of(measurement) == sent
    assert set(received.sums("traffic")) == {
        *("out web w1", "out remote w1", "in remote w2", "out @land w1", "in @land city"),
    }
    assert listener.counts["talkers_merged"] > 0
    assert received.drops() == {}


def test_a_conversation_of_two_exporters_is_counted_once(listening: Any, received: Any) -> None:
    flows = talks(random.Random(3), 40)

    async def run() -> FlowListener:
        async with listening() as listener:
            for source, exporter in ((WARD, NetFlow9()), (CENTRE, Ipfix())):
                send([*exporter.announce(AT_S), *exporter.tell(flows, AT_S)], source, listener.ways[0].port)
        found: FlowListener = listener
        return found

    listener = asyncio.run(run())
    out = sum(n for index, n in received.sums("traffic").items() if index.startswith("out "))
    assert out == sum(flow.octets for flow in flows)
    assert listener.counts["told_twice_bytes"] == out


def test_ipv6_is_told(listening: Any, received: Any) -> None:
    flow = Flow("2001:db8:1::5", "2001:db8:ffff::1", 40_000, 53, 17, 900, 3)
    exporter = Ipfix(10)

    async def run() -> FlowListener:
        async with listening() as listener:
            send([*exporter.announce(AT_S), *exporter.tell([flow], AT_S)], WARD, listener.ways[0].port)
        found: FlowListener = listener
        return found

    asyncio.run(run())
    assert received.sums("flow") == {"out dns w1 2001:db8:1::5 2001:db8:ffff::1": 9000.0}
