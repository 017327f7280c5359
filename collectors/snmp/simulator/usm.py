"""An SNMPv3 engine with one user (RFC 3412 section 7.2, RFC 3414 section 3.2), as an agent has it.

`open` checks a message in the order of the RFC; a check that fails gives the report that lets a client discover the
engine, correct its clock or see its mistake. `seal` wraps a response at the level of the request.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from collectors.snmp.simulator import ber, pdu
from collectors.snmp.simulator.ber import Malformed
from collectors.snmp.simulator.keys import Authentication, Privacy

TIME_WINDOW_S = 150

_AUTH, _PRIV, _REPORTABLE = 1, 2, 4
_USM = 3


class Stat(IntEnum):
    """The last arc of the usmStats counter that a report carries (1.3.6.1.6.3.15.1.1.x.0)."""

    UNSUPPORTED_LEVEL = 1
    NOT_IN_TIME_WINDOW = 2
    UNKNOWN_USER = 3
    UNKNOWN_ENGINE = 4
    WRONG_DIGEST = 5
    DECRYPTION_ERROR = 6


@dataclass(frozen=True, slots=True)
class UsmUser:
    """The one user an agent knows, with keys localised to its engine; absent keys make the lower security levels."""

    name: bytes
    authentication: Authentication | None
    privacy: Privacy | None

    @property
    def level(self) -> int:
        return (_AUTH if self.authentication else 0) | (_PRIV if self.privacy else 0)


class Header(NamedTuple):
    """What a v3 message says before its PDU; positions point into the datagram."""

    message_id: bytes
    max_bytes: int
    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes
    digest_at: int
    digest: bytes
    salt: bytes
    body_at: int
    end: int

    @property
    def level(self) -> int:
        return self.flags & (_AUTH | _PRIV)


class Refused(Exception):
    """The message fails a check of USM: the report to send, or None where none may be sent."""

    def __init__(self, stat: Stat, report: bytes | None) -> None:
        super().__init__(stat.name)
        self.stat = stat
        self.report = report


class Opened(NamedTuple):
    """A message that passed: its header, the context it asks for, and its PDU's place in `plain`."""

    header: Header
    context_engine: bytes
    context_name: bytes
    plain: bytes
    pdu_at: int
    pdu_end: int


class UsmEngine:
    """One device's engine. Boots and time are arguments: they follow from the simulated clock."""

    def __init__(self, engine_id: bytes, user: UsmUser) -> None:
        self.engine_id = engine_id
        self.user = user
        self._stats: dict[Stat, int] = dict.fromkeys(Stat, 0)
        self._salt = int.from_bytes(engine_id[-8:], "big")

    def open(self, data: bytes, boots: int, time_s: int) -> Opened:
        """Raises `Refused` with the report to send, or `Malformed`."""
        header = read_header(data)
        if header.engine_id != self.engine_id:
            raise self._refusal(Stat.UNKNOWN_ENGINE, header, boots, time_s)
        if header.user != self.user.name:
            raise self._refusal(Stat.UNKNOWN_USER, header, boots, time_s)
        if header.level & ~self.user.level:
            raise self._refusal(Stat.UNSUPPORTED_LEVEL, header, boots, time_s)
        if header.flags & _AUTH:
            self._authenticate(data, header, boots, time_s)
        if header.flags & _PRIV and self.user.privacy:
            start, stop = ber.read(data, header.body_at, header.end, ber.OCTETS)
            try:
                plain = self.user.privacy.decrypt(data[start:stop], header.salt, header.boots, header.time_s)
                return _scoped(header, plain, 0, len(plain))
            except Malformed:
                raise self._refusal(Stat.DECRYPTION_ERROR, header, boots, time_s) from None
        return _scoped(header, data, header.body_at, header.end)

    def seal(
        self,
        opened: Header,
        response: bytes,
        boots: int,
        time_s: int,
        level: int | None = None,
        context: bytes = b"",
    ) -> bytes:
        """The whole message around a PDU, signed and encrypted as the request was (or at another level)."""
        flags = opened.level if level is None else level
        body = ber.encode(ber.SEQUENCE, ber.encode_octets(self.engine_id) + ber.encode_octets(context) + response)
        salt = b""
        if flags & _PRIV and self.user.privacy:
            self._salt = (self._salt + 1) & 0xFFFF_FFFF_FFFF_FFFF
            salt = self._salt.to_bytes(8, "big")
            if self.user.privacy.protocol == "des":
                # RFC 3414 8.1.1.1: engine boots, then a counter.
                salt = boots.to_bytes(4, "big") + salt[4:]
            body = ber.encode_octets(self.user.privacy.encrypt(body, salt, boots, time_s))
        signer = self.user.authentication if flags & _AUTH else None
        blank = bytes(signer.digest_octets) if signer else b""
        # The digest's place is found from the end: the privacy parameters and the body follow it.
        tail = ber.encode_octets(salt)
        security = (
            ber.encode_octets(self.engine_id)
            + ber.encode_integer(boots)
            + ber.encode_integer(time_s)
            + ber.encode_octets(opened.user)
            + ber.encode_octets(blank)
            + tail
        )
        # msgMaxSize 65,507, the flags, and the security model of USM.
        head = opened.message_id + b"\x02\x03\x00\xff\xe3\x04\x01" + bytes((flags,)) + b"\x02\x01\x03"
        message = ber.encode(
            ber.SEQUENCE,
            b"\x02\x01\x03"
            + ber.encode(ber.SEQUENCE, head)
            + ber.encode_octets(ber.encode(ber.SEQUENCE, security))
            + body,
        )
        if signer is None:
            return message
        end = len(message) - len(body) - len(tail)
        return message[: end - len(blank)] + signer.digest(message) + message[end:]

    def _authenticate(self, data: bytes, header: Header, boots: int, time_s: int) -> None:
        signer = self.user.authentication
        after = header.digest_at + len(header.digest)
        if (
            signer is None
            or len(header.digest) != signer.digest_octets
            or not signer.verifies(
                data[: header.digest_at] + bytes(len(header.digest)) + data[after : header.end], header.digest
            )
        ):
            raise self._refusal(Stat.WRONG_DIGEST, header, boots, time_s)
        if header.boots != boots or abs(header.time_s - time_s) > TIME_WINDOW_S:
            # RFC 3414 3.2 (7a): this report is signed, so that the client may trust our boots and time.
            raise self._refusal(Stat.NOT_IN_TIME_WINDOW, header, boots, time_s, _AUTH)

    def _refusal(self, stat: Stat, header: Header, boots: int, time_s: int, level: int = 0) -> Refused:
        self._stats[stat] = (self._stats[stat] + 1) & 0xFFFF_FFFF
        if not header.flags & _REPORTABLE:
            return Refused(stat, None)
        name = ber.encode_oid((1, 3, 6, 1, 6, 3, 15, 1, 1, int(stat), 0))
        varbind = pdu.write_varbind(name, ber.encode_integer(self._stats[stat], ber.COUNTER32))
        # The request id cannot be read yet; that of a report may be zero (RFC 3412 section 7.1).
        report = pdu.write_response(b"\x02\x01\x00", varbind, kind=pdu.REPORT)
        return Refused(stat, self.seal(header, report, boots, time_s, level))


def read_header(data: bytes) -> Header:
    """The parts of a v3 message (RFC 3412 section 6, RFC 3414 section 2.4). Raises `Malformed`."""
    at, end = ber.read(data, 0, len(data), ber.SEQUENCE)
    _, at = ber.read_integer(data, at, end)
    global_at, global_end = ber.read(data, at, end, ber.SEQUENCE)
    _, id_end = ber.read_integer(data, global_at, global_end)
    max_bytes, next_at = ber.read_integer(data, id_end, global_end)
    flags, next_at = ber.read_octets(data, next_at, global_end)
    model, next_at = ber.read_integer(data, next_at, global_end)
    if len(flags) != 1 or model != _USM or flags[0] & (_AUTH | _PRIV) == _PRIV or max_bytes < 484:
        raise Malformed("bad_v3_header")
    security_at, security_end = ber.read(data, global_end, end, ber.OCTETS)
    at, inner_end = ber.read(data, security_at, security_end, ber.SEQUENCE)
    engine_id, at = ber.read_octets(data, at, inner_end)
    boots, at = ber.read_integer(data, at, inner_end)
    time_s, at = ber.read_integer(data, at, inner_end)
    user, at = ber.read_octets(data, at, inner_end)
    digest_at, digest_end = ber.read(data, at, inner_end, ber.OCTETS)
    salt, _ = ber.read_octets(data, digest_end, inner_end)
    if not (0 <= boots < 1 << 31 and 0 <= time_s < 1 << 31) or len(user) > 32:
        raise Malformed("bad_v3_header")
    return Header(
        message_id=data[global_at:id_end],
        max_bytes=max_bytes,
        flags=flags[0],
        engine_id=engine_id,
        boots=boots,
        time_s=time_s,
        user=user,
        digest_at=digest_at,
        digest=data[digest_at:digest_end],
        salt=salt,
        body_at=security_end,
        end=end,
    )


def _scoped(header: Header, plain: bytes, at: int, end: int) -> Opened:
    """DES pads the plain text, so bytes after the scoped PDU are allowed."""
    inner, inner_end = ber.read(plain, at, end, ber.SEQUENCE)
    engine, inner = ber.read_octets(plain, inner, inner_end)
    name, inner = ber.read_octets(plain, inner, inner_end)
    return Opened(header, engine, name, plain, inner, inner_end)
