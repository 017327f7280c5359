"""Guesses and searches: communities of SNMP, generated names, one port on many hosts."""

import random
from collections.abc import Iterator

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.snmp import SNMP, SNMPget, SNMPvarbind

from drills.generators.conversation import TcpConversation, dns_lookup
from drills.generators.plan import Action, Frame
from drills.generators.segment import mac

_SNMP = 161
_SYS_DESCR = "1.3.6.1.2.1.1.1.0"
_COMMUNITIES = ("public", "private", "cisco", "admin", "manager", "router", "snmp", "monitor", "default", "write")
_LETTERS = "bcdfghjklmnpqrstvwxz"


def snmp_guessing(action: Action, random_: random.Random) -> Iterator[Frame]:
    """SNMP v2c requests with one community after another, without an answer (T1602.001): `count`, `every` seconds."""
    source, target = action.host("src"), action.host("dst")
    every_s = action.number("every", 0.5, 0.01, 3600)
    for index in range(int(action.number("count", 40, 1, 10_000))):
        word = f"{_COMMUNITIES[index % len(_COMMUNITIES)]}{index // len(_COMMUNITIES) or ''}"
        pdu = SNMPget(id=random_.getrandbits(31), varbindlist=[SNMPvarbind(oid=_SYS_DESCR)])
        frame = Ether(src=mac(source), dst=mac(target)) / IP(src=source, dst=target, id=random_.getrandbits(16))
        asked = frame / UDP(sport=random_.randint(32768, 60999), dport=_SNMP) / SNMP(version=1, community=word, PDU=pdu)
        yield Frame(int((action.at_s + index * every_s) * 1e6), bytes(asked))


def generated_names(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Names that do not exist, one after another (T1568.002): `domain`, `count`, `every` seconds."""
    every_s = action.number("every", 1, 0.01, 3600)
    domain = action.text("domain", "drill.test")
    for index in range(int(action.number("count", 80, 1, 10_000))):
        name = "".join(random_.choices(_LETTERS, k=random_.randint(11, 17)))
        at_us = int((action.at_s + index * every_s) * 1e6)
        yield from dns_lookup(action.host("src"), action.host("dst"), f"{name}.{domain}", "A", None, at_us, random_)


def address_sweep(action: Action, random_: random.Random) -> Iterator[Frame]:
    """One port tried on many named hosts, all of which refuse (T1018, T1046): `targets`, `port`, `rate` a second."""
    port = int(action.number("port", 1433, 1, 65535))
    gap_us = int(1e6 / action.number("rate", 5, 0.1, 10_000))
    for index, target in enumerate(action.hosts_of("targets")):
        at_us = int(action.at_s * 1e6) + index * gap_us
        yield from TcpConversation(action.host("src"), target, port, at_us, random_).refused()
