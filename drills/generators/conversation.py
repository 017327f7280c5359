"""Both sides of TCP and UDP conversations, with exact sequence numbers, so that an IDS reassembles them."""

import random
from collections.abc import Iterator

from scapy.layers.dns import DNS, DNSQR, DNSRR
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from drills.generators.plan import Frame
from drills.generators.segment import mac, tcp_frame

SEGMENT_BYTES = 1400
ROUND_TRIP_US = 4_000


class TcpConversation:
    """A conversation of a client and a server: each call yields frames and moves the clock on."""

    def __init__(self, client: str, server: str, port: int, at_us: int, random_: random.Random) -> None:
        self._ends = ((client, random_.randint(32768, 60999)), (server, port))
        self._sequence = [random_.getrandbits(31), random_.getrandbits(31)]
        self._identification = random_.getrandbits(15)
        self.now_us = at_us

    def open(self) -> Iterator[Frame]:
        """The three-way handshake."""
        yield self._segment(0, "S")
        yield self._segment(1, "SA")
        yield self._segment(0, "A")

    def refused(self) -> Iterator[Frame]:
        """A SYN that a closed port answers with RST."""
        yield self._segment(0, "S")
        yield self._segment(1, "RA")

    def say(self, side: int, payload: bytes) -> Iterator[Frame]:
        """Side 0 is the client, 1 the server; the other side acknowledges each segment."""
        for start in range(0, len(payload), SEGMENT_BYTES):
            yield self._segment(side, "PA", payload[start : start + SEGMENT_BYTES])
            yield self._segment(1 - side, "A")

    def pause(self, seconds: float) -> None:
        """Nothing is said for a while."""
        self.now_us += int(seconds * 1e6)

    def close(self) -> Iterator[Frame]:
        """Both sides end in order."""
        yield self._segment(0, "FA")
        yield self._segment(1, "FA")
        yield self._segment(0, "A")

    def _segment(self, side: int, flags: str, payload: bytes = b"") -> Frame:
        (source, source_port), (destination, destination_port) = (
            self._ends[side],
            self._ends[1 - side],
        )
        self._identification = (self._identification + 1) & 0xFFFF
        acknowledge = self._sequence[1 - side] if "A" in flags else 0
        ports = (source_port, destination_port)
        packet = tcp_frame(
            (source, destination), self._identification, ports, flags, (self._sequence[side], acknowledge), payload
        )
        grown = len(payload) + (1 if "S" in flags or "F" in flags else 0)
        self._sequence[side] = (self._sequence[side] + grown) & 0xFFFFFFFF
        frame = Frame(self.now_us, packet)
        self.now_us += ROUND_TRIP_US // 2
        return frame


def dns_lookup(
    client: str,
    server: str,
    name: str,
    kind: str,
    answer: str | None,
    at_us: int,
    random_: random.Random,
) -> Iterator[Frame]:
    """A question and its answer (`answer` None is NXDOMAIN)."""
    port, number = random_.randint(32768, 60999), random_.getrandbits(16)
    question = DNSQR(qname=name, qtype=kind)
    answers = DNSRR(rrname=name, type=kind, ttl=60, rdata=answer) if answer else None
    reply = DNS(id=number, qr=1, rd=1, ra=1, rcode=0 if answer else 3, qd=question, an=answers)
    asked = Ether(src=mac(client), dst=mac(server)) / IP(src=client, dst=server, id=random_.getrandbits(16))
    told = Ether(src=mac(server), dst=mac(client)) / IP(src=server, dst=client, id=random_.getrandbits(16))
    yield Frame(
        at_us,
        bytes(asked / UDP(sport=port, dport=53) / DNS(id=number, rd=1, qd=question)),
    )
    yield Frame(at_us + ROUND_TRIP_US, bytes(told / UDP(sport=53, dport=port) / reply))
