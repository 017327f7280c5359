"""A trap or inform of v1 or v2c taken apart; a v1 trap as v2 would have it (RFC 3584 section 3.1)."""

from typing import NamedTuple

from collectors.traps.ber import (
    COUNTER64,
    INFORM,
    IP_ADDRESS,
    OBJECT,
    OCTETS,
    RESPONSE,
    SEQUENCE,
    TIME_TICKS,
    TRAP_V1,
    TRAP_V2,
    Malformed,
    Varbind,
    element,
    header,
    integer,
    object_id,
    octets,
    varbinds,
)

V1, V2C, V3 = 0, 1, 3
SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
TRAP_ENTERPRISE = "1.3.6.1.6.3.1.1.4.3.0"
TRAP_ADDRESS = "1.3.6.1.6.3.18.1.3.0"
_GENERIC = "1.3.6.1.6.3.1.1.5"
_SPECIFIC = 6
_IPV4_BYTES = 4


class Notification(NamedTuple):
    """What a device says: `oid` says what happened, `varbinds` are the others (without sysUpTime and snmpTrapOID).
    `community` is where in the datagram the community stands, which nobody should read; (0, 0) for v3. `answer` is
    what an inform is answered with."""

    version: str
    oid: str
    uptime_ticks: int | None
    varbinds: tuple[Varbind, ...]
    community: tuple[int, int] = (0, 0)
    answer: bytes | None = None
    user: str | None = None


def version_of(data: bytes) -> int:
    """0 is v1, 1 is v2c, 3 is v3. Raises `Malformed`."""
    begin, end = element(data, 0, len(data), SEQUENCE)
    return integer(data, begin, end)[0]


def decode(data: bytes) -> Notification:
    """A v1 or v2c notification. Raises `Malformed`."""
    at, end = element(data, 0, len(data), SEQUENCE)
    version, at = integer(data, at, end)
    if version not in (V1, V2C):
        raise Malformed(f"it is of the unknown version {version}")
    begin, at = element(data, at, end, OCTETS)
    community = (begin, at)
    tag, begin, stop = header(data, at, end)
    if version == V1:
        if tag != TRAP_V1:
            raise Malformed(f"it is no trap of v1, but a message {tag:#04x}")
        return _v1(data, begin, stop)._replace(community=community)
    if tag not in (TRAP_V2, INFORM):
        raise Malformed(f"it is no notification, but a message {tag:#04x}")
    # An inform is answered by itself as a response: the same request id, no error, the same variables (RFC 3416 4.2.7).
    answer = data[:at] + bytes((RESPONSE,)) + data[at + 1 :] if tag == INFORM else None
    return decode_pdu(data, begin, stop)._replace(version="v2c", community=community, answer=answer)


def decode_pdu(data: bytes, at: int, end: int) -> Notification:
    """The contents of a v2 notification. Raises `Malformed`."""
    for _ in ("request-id", "error-status", "error-index"):
        at = integer(data, at, end)[1]
    found = tuple(varbinds(data, at, end))
    uptime, oid, others = None, None, found
    if found and found[0].oid == SYS_UPTIME and isinstance(found[0].value, int):
        uptime, others = found[0].value, found[1:]
    if others and others[0].oid == TRAP_OID and others[0].tag == OBJECT:
        oid, others = others[0].value, others[1:]
    if not isinstance(oid, str):
        raise Malformed("it does not say what happened: snmpTrapOID.0 is missing")
    return Notification("v3", oid, uptime, others)


def _v1(data: bytes, at: int, end: int) -> Notification:
    enterprise, at = object_id(data, at, end)
    agent, at = octets(data, at, end, IP_ADDRESS)
    generic, at = integer(data, at, end)
    specific, at = integer(data, at, end)
    uptime, at = integer(data, at, end, TIME_TICKS)
    found = tuple(varbinds(data, at, end))
    if len(agent) != _IPV4_BYTES:
        raise Malformed("its agent's address has not four bytes")
    if not 0 <= generic <= _SPECIFIC:
        raise Malformed(f"its generic trap {generic} is none of v1's")
    if any(varbind.tag == COUNTER64 for varbind in found):
        raise Malformed("it is of v1 and has a counter of 64 bits")
    oid = f"{enterprise}.0.{specific}" if generic == _SPECIFIC else f"{_GENERIC}.{generic + 1}"
    address = Varbind(TRAP_ADDRESS, IP_ADDRESS, ".".join(map(str, agent)))
    return Notification("v1", oid, uptime, (*found, address, Varbind(TRAP_ENTERPRISE, OBJECT, enterprise)))
