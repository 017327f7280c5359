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
_UPS = ("1.3.6.1.4.1.318.0.5", "1.3.6.1.4.1.318.0.9")
_UPS_WORDS = "1.3.6.1.4.1.318.2.3.3.0"
_COMMUNITY = b"public"


def traps(seed: int, count: int, ports: int = 48, alerts: bool = True) -> list[bytes]:
    """So many traps with five variables: of a port going down and up in turn, or of ports coming up only."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        port = chance.randrange(1, ports + 1)
        found.append(link_trap(chance, port, f"GigabitEthernet0/{port}", bool(number % 2) or not alerts))
    return found


def link_trap(chance: random.Random, port: int, name: str, is_up: bool) -> bytes:
    """linkUp or linkDown of a port (RFC 2863), with its name."""
    return notification(
        chance,
        _LINK[is_up],
        varbind(f"{_IF}.1.{port}", encode_integer(port)),
        varbind(f"{_IF}.2.{port}", encode_octets(name.encode())),
        varbind(f"{_IF}.8.{port}", encode_integer(1 if is_up else 2)),
    )


def ups_trap(chance: random.Random, is_mains: bool) -> bytes:
    """APC's upsOnBattery or powerRestored (PowerNet-MIB)."""
    said = b"Utility power restored." if is_mains else b"UPS: On battery power in response to an input power problem."
    return notification(chance, _UPS[is_mains], varbind(_UPS_WORDS, encode_octets(said)))


def notification(chance: random.Random, oid: str, *variables: bytes) -> bytes:
    """A trap of this name with these variables."""
    uptime = varbind(_UPTIME, encode_integer(chance.randrange(1, 2**31), TIME_TICKS))
    found = b"".join((uptime, varbind(_TRAP, _oid(oid)), *variables))
    head = encode_integer(chance.randrange(1, 2**31)) + encode_integer(0) + encode_integer(0)
    pdu = encode(_TRAP_V2, head + encode(SEQUENCE, found))
    return encode(SEQUENCE, encode_integer(1) + encode_octets(_COMMUNITY) + pdu)


def varbind(name: str, value: bytes) -> bytes:
    """One variable; the value is encoded already."""
    return encode(SEQUENCE, _oid(name) + value)


def _oid(text: str) -> bytes:
    return encode(OBJECT, encode_oid(parse_oid(text)))
