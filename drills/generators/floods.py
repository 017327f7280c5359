"""Floods at a rate that the scenario caps; each source is a named host, so that every alert can be accounted for."""

import random
from collections.abc import Iterator

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from drills.generators.actions import web_exchange
from drills.generators.conversation import TcpConversation
from drills.generators.plan import Action, Frame
from drills.generators.segment import mac

_MOST_PPS = 5_000


def syn_flood(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Connections that are begun and left (T1498.001): `sources`, `dst`, `port`, `rate` a second, `seconds`."""
    port = int(action.number("port", 443, 1, 65535))
    for source, at_us in _beats(action, random_):
        yield next(TcpConversation(source, action.host("dst"), port, at_us, random_).open())


def udp_flood(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Datagrams that nobody asked for (T1498.001): `sources`, `dst`, `port`, `rate`, `seconds`, `bytes` each."""
    port, size = int(action.number("port", 123, 1, 65535)), int(action.number("bytes", 468, 1, 1400))
    for source, at_us in _beats(action, random_):
        target = action.host("dst")
        frame = Ether(src=mac(source), dst=mac(target)) / IP(src=source, dst=target, id=random_.getrandbits(16))
        yield Frame(at_us, bytes(frame / UDP(sport=port, dport=random_.randint(1024, 65535)) / bytes(size)))


def http_flood(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Whole requests for a page that is dear to make (T1499.002): `sources`, `dst`, `uri`, `rate`, `seconds`."""
    for source, at_us in _beats(action, random_):
        yield from web_exchange(
            action, random_, source, at_us, "GET", action.text("uri", "/tra-cuu?q=a"), {"User-Agent": "drill-flood/1"}
        )


def _beats(action: Action, random_: random.Random) -> Iterator[tuple[str, int]]:
    """Who sends when (microseconds), evenly over the seconds."""
    sources = action.hosts_of("sources")
    rate = action.number("rate", 200, 1, _MOST_PPS)
    for index in range(int(rate * action.number("seconds", 10, 1, 3600))):
        yield random_.choice(sources), int((action.at_s + index / rate) * 1e6)
