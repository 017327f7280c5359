"""The last packet of a capture: a sensor that does not report it did not read, or did not judge, what came before."""

from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from drills.generators.plan import Frame, Plan
from drills.generators.segment import mac

AFTER_US = 1_000
PAYLOAD = b"WARDWATCH-CANARY"
_DISCARD = 9


def canary(plan: Plan, last_us: int) -> Frame:
    """A datagram to the discard service (RFC 863) between hosts of the drill, one millisecond after the last packet."""
    hosts = sorted(plan.actions[0].hosts.values())
    source, target = hosts[0], hosts[-1]
    packet = Ether(src=mac(source), dst=mac(target)) / IP(src=source, dst=target, id=1, ttl=64)
    return Frame(last_us + AFTER_US, bytes(packet / UDP(sport=_DISCARD, dport=_DISCARD) / PAYLOAD))
