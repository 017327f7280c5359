"""What happens inside one broadcast domain: a DHCP server that is nobody's, addresses that are claimed by another."""

import random
from collections.abc import Iterator

from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from drills.generators.conversation import ROUND_TRIP_US
from drills.generators.plan import Action, Frame
from drills.generators.segment import mac

_EVERYBODY = "ff:ff:ff:ff:ff:ff"
_CLIENT, _SERVER = 68, 67


def rogue_dhcp(action: Action, random_: random.Random) -> Iterator[Frame]:
    """A stranger offers leases with itself as gateway and resolver (T1557.003): `src` offers to `dst`; `count`,
    `every` seconds. Clients ask from 0.0.0.0 to everybody on the wire (RFC 2131), the offer goes to one host."""
    server, client = action.host("src"), action.host("dst")
    every_s = action.number("every", 5, 0.1, 3600)
    for index in range(int(action.number("count", 3, 1, 1000))):
        at_us = int((action.at_s + index * every_s) * 1e6)
        number, hardware = random_.getrandbits(32), mac(client)
        raw = bytes.fromhex(hardware.replace(":", ""))
        asked = Ether(src=hardware, dst=_EVERYBODY) / IP(src="0.0.0.0", dst="255.255.255.255", id=index)
        question = BOOTP(op=1, xid=number, chaddr=raw) / DHCP(options=[("message-type", "discover"), "end"])
        yield Frame(at_us, bytes(asked / UDP(sport=_CLIENT, dport=_SERVER) / question))
        offer = BOOTP(op=2, xid=number, yiaddr=client, siaddr=server, chaddr=raw) / DHCP(options=[
            ("message-type", "offer"), ("server_id", server), ("lease_time", 3600), ("subnet_mask", "255.255.255.0"),
            ("router", server), ("name_server", server), "end",
        ])  # fmt: skip
        told = Ether(src=mac(server), dst=hardware) / IP(src=server, dst=client, id=index + 1)
        yield Frame(at_us + ROUND_TRIP_US, bytes(told / UDP(sport=_SERVER, dport=_CLIENT) / offer))


def arp_spoof(action: Action, _random: random.Random) -> Iterator[Frame]:
    """`src` tells `dst` that the address of `gateway` is its own (T1557.002): `count` answers, `every` seconds."""
    liar, victim, gateway = action.host("src"), action.host("dst"), action.host("gateway")
    every_s = action.number("every", 2, 0.01, 3600)
    for index in range(int(action.number("count", 20, 1, 10_000))):
        answer = ARP(op=2, hwsrc=mac(liar), psrc=gateway, hwdst=mac(victim), pdst=victim)
        frame = Ether(src=mac(liar), dst=mac(victim)) / answer
        yield Frame(int((action.at_s + index * every_s) * 1e6), bytes(frame))
