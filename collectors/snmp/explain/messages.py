"""The few messages of a diagnosis, for each version of SNMP, and what an agent's answer to them means. Pure.

The polling client hides reports and error statuses, which are what a diagnosis lives on: so these are written and read
here, by the same modules the simulated agents use.
"""

from dataclasses import dataclass
from enum import Enum

from collectors.snmp.simulator import ber, pdu
from collectors.snmp.simulator.ber import Malformed
from collectors.snmp.simulator.keys import Privacy
from collectors.snmp.simulator.usm import Header, Stat, UsmEngine, UsmUser, read_header

SYS_UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
USM_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
AUTH, PRIV, REPORTABLE = 1, 2, 4
NO_ACCESS = 6
AUTHORIZATION_ERROR = pdu.AUTHORIZATION_ERROR
_EXCEPTIONS = frozenset({0x80, 0x81, 0x82})


class Answer(Enum):
    """What an agent's reply says."""

    VALUE = "value"
    NO_OBJECT = "no such object"
    DENIED = "access denied"
    ERROR = "error status"
    UNSUPPORTED_LEVEL = "unsupported security level"
    NOT_IN_TIME_WINDOW = "not in time window"
    UNKNOWN_USER = "unknown user name"
    UNKNOWN_ENGINE = "unknown engine"
    WRONG_DIGEST = "wrong digest"
    DECRYPTION_ERROR = "decryption error"
    GARBAGE = "not an SNMP reply"


_REPORTS: dict[int, Answer] = {
    Stat.UNSUPPORTED_LEVEL: Answer.UNSUPPORTED_LEVEL,
    Stat.NOT_IN_TIME_WINDOW: Answer.NOT_IN_TIME_WINDOW,
    Stat.UNKNOWN_USER: Answer.UNKNOWN_USER,
    Stat.UNKNOWN_ENGINE: Answer.UNKNOWN_ENGINE,
    Stat.WRONG_DIGEST: Answer.WRONG_DIGEST,
    Stat.DECRYPTION_ERROR: Answer.DECRYPTION_ERROR,
}


@dataclass(frozen=True, slots=True)
class Engine:
    """An agent's engine as it told of it (RFC 3411 SnmpEngineID, RFC 3414 boots and time)."""

    id: bytes
    boots: int = 0
    time_s: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply says, and by v3 the engine it came from."""

    answer: Answer
    engine: Engine | None = None


def community_request(version: int, community: bytes, number: int) -> bytes:
    """A GET of sysUpTime; `version` 0 is SNMPv1, 1 is SNMPv2c."""
    head = ber.encode_integer(version) + ber.encode_octets(community)
    return ber.encode(ber.SEQUENCE, head + _get(number))


def community_reply(data: bytes) -> Reply:
    """What a v1 or v2c reply says."""
    try:
        at, end = ber.read(data, 0, len(data), ber.SEQUENCE)
        _, at = ber.read_integer(data, at, end)
        _, at = ber.read_octets(data, at, end)
        return Reply(_pdu(data, at, end))
    except Malformed:
        return Reply(Answer.GARBAGE)


def discovery_request(number: int) -> bytes:
    """RFC 3414 section 4: a request without an engine, which an agent answers by a report that names its own."""
    nobody = UsmUser(b"", None, None)
    return UsmEngine(b"", nobody).seal(_header(number, b""), _get(number), 0, 0, REPORTABLE)


def user_request(engine: Engine, user: UsmUser, level: int, number: int) -> bytes:
    """A GET of sysUpTime as that user, at a level of `AUTH` and `PRIV`."""
    sealing = UsmEngine(engine.id, user)
    header = _header(number, user.name)
    return sealing.seal(header, _get(number), engine.boots, engine.time_s, level | REPORTABLE)


def user_reply(data: bytes, privacy: Privacy | None) -> Reply:
    """What a v3 reply says; an encrypted one is read with `privacy`."""
    try:
        header = read_header(data)
        engine = Engine(header.engine_id, header.boots, header.time_s)
        plain, at, end = data, header.body_at, header.end
        if header.flags & PRIV:
            start, stop = ber.read(data, header.body_at, header.end, ber.OCTETS)
            if privacy is None:
                return Reply(Answer.GARBAGE, engine)
            plain = privacy.decrypt(data[start:stop], header.salt, header.boots, header.time_s)
            at, end = 0, len(plain)
        at, end = ber.read(plain, at, end, ber.SEQUENCE)
        _, at = ber.read_octets(plain, at, end)
        _, at = ber.read_octets(plain, at, end)
        return Reply(_pdu(plain, at, end), engine)
    except Malformed:
        return Reply(Answer.GARBAGE)


def _header(number: int, user: bytes) -> Header:
    return Header(ber.encode_integer(number), 65_507, 0, b"", 0, 0, user, 0, b"", b"", 0, 0)


def _get(number: int) -> bytes:
    varbind = pdu.write_varbind(ber.encode_oid(SYS_UPTIME), ber.NULL_VALUE)
    return pdu.write_response(ber.encode_integer(number), varbind, kind=pdu.GET)


def _pdu(data: bytes, at: int, end: int) -> Answer:
    kind, start, stop = ber.read_header(data, at, end)
    _, at = ber.read_integer(data, start, stop)
    status, at = ber.read_integer(data, at, stop)
    _, at = ber.read_integer(data, at, stop)
    at, stop = ber.read(data, at, stop, ber.SEQUENCE)
    if kind == pdu.REPORT:
        return _report(data, at, stop)
    if kind != pdu.RESPONSE:
        return Answer.GARBAGE
    if status:
        return Answer.DENIED if status in {NO_ACCESS, AUTHORIZATION_ERROR} else Answer.ERROR
    at, stop = ber.read(data, at, stop, ber.SEQUENCE)
    _, after = ber.read(data, at, stop, ber.OBJECT)
    tag, _, _ = ber.read_header(data, after, stop)
    return Answer.NO_OBJECT if tag in _EXCEPTIONS else Answer.VALUE


def _report(data: bytes, at: int, end: int) -> Answer:
    at, end = ber.read(data, at, end, ber.SEQUENCE)
    start, stop = ber.read(data, at, end, ber.OBJECT)
    name = ber.decode_oid(data[start:stop])
    if name[: len(USM_STATS)] != USM_STATS or len(name) <= len(USM_STATS):
        return Answer.ERROR
    return _REPORTS.get(name[len(USM_STATS)], Answer.ERROR)
