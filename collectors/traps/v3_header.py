"""The header of an SNMPv3 message (RFC 3412 section 6, RFC 3414 section 2.4), read before anything is believed."""

from typing import NamedTuple

from collectors.traps.ber import OCTETS, SEQUENCE, Malformed, element, integer, octets

AUTHENTICATED, ENCRYPTED = 0x01, 0x02
USM = 3
_LONGEST_ENGINE = 32
_LONGEST_USER = 32


class Header(NamedTuple):
    """Who says to have sent it, and how it is protected (msgFlags)."""

    flags: int
    engine_id: bytes
    user: str


def read_header(data: bytes) -> Header:
    """Raises `Malformed`."""
    at, end = element(data, 0, len(data), SEQUENCE)
    version, at = integer(data, at, end)
    if version != USM:
        raise Malformed(f"it is of version {version}")
    begin, stop = element(data, at, end, SEQUENCE)
    for _ in ("msgID", "msgMaxSize"):
        begin = integer(data, begin, stop)[1]
    flags, begin = octets(data, begin, stop)
    model = integer(data, begin, stop)[0]
    if len(flags) != 1 or model != USM:
        raise Malformed(f"its security model {model} is not the user-based one")
    begin, end = element(data, stop, end, OCTETS)
    begin, end = element(data, begin, end, SEQUENCE)
    engine_id, begin = octets(data, begin, end)
    for _ in ("boots", "time"):
        begin = integer(data, begin, end)[1]
    user = octets(data, begin, end)[0]
    if len(engine_id) > _LONGEST_ENGINE or len(user) > _LONGEST_USER:
        raise Malformed("its engine or user has more than 32 bytes")
    return Header(flags[0], engine_id, user.decode("utf-8", "replace"))
