"""Traps of v2c as devices send them."""

import random

from collectors.snmp.simulator.ber import (
    OBJECT,
    SEQUENCE,
    TIME_TICKS,
    encode,
    encode_integer,
    encode_octets,
    encode_oid,
    parse_oid,
)

_TRAP_V2 = 0xA7
_UPTIME, _TRAP = "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0"
_IF = "1.3.6.1.2.1.2.2.1"
_LINK = ("1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4")
_COMMUNITY = b"public"


def traps(seed: int, count: int, ports: int = 48, alerts: bool = True) -> list[bytes]:
    """So many traps with five variables: of a port going down and up in turn, or of ports coming up only."""
    chance = random.Random(seed)
    return [
        _trap(chance, number, chance.randrange(1, ports + 1), number % 2 if alerts else 1) for number in range(count)
    ]


def _trap(chance: random.Random, request: int, port: int, is_up: int) -> bytes:
    found = (
        _varbind(_UPTIME, encode_integer(chance.randrange(1, 2**31), TIME_TICKS)),
        _varbind(_TRAP, _oid(_LINK[is_up])),
        _varbind(f"{_IF}.1.{port}", encode_integer(port)),
        _varbind(f"{_IF}.2.{port}", encode_octets(b"GigabitEthernet0/%d" % port)),
        _varbind(f"{_IF}.8.{port}", encode_integer(2 - is_up)),
    )
    head = encode_integer(request) + encode_integer(0) + encode_integer(0)
    pdu = encode(_TRAP_V2, head + encode(SEQUENCE, b"".join(found)))
    return encode(SEQUENCE, encode_integer(1) + encode_octets(_COMMUNITY) + pdu)


def _varbind(name: str, value: bytes) -> bytes:
    return encode(SEQUENCE, _oid(name) + value)


def _oid(text: str) -> bytes:
    return encode(OBJECT, encode_oid(parse_oid(text)))
