"""TLS 1.2 as a sensor sees it (RFC 5246): hellos, a certificate, sealed records with random bytes in them."""

import random
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from drills.generators.conversation import TcpConversation
from drills.generators.plan import Action, Frame

_HANDSHAKE, _CHANGE, _DATA = 22, 20, 23
_HELLO, _HELLO_BACK, _CERTIFICATE, _DONE, _KEY = 1, 2, 11, 14, 16
_SUITES = (0xC02F, 0xC030, 0x009C)
_RECORD_BYTES = 16_000
_BORN = datetime(2026, 1, 1, tzinfo=UTC)


def tls_session(action: Action, random_: random.Random) -> Iterator[Frame]:
    """One session (T1573.002): `hostname`, `subject` of the certificate, `kilobytes` up, `port`."""
    yield from _session(action, action.at_s, action.number("kilobytes", 2, 0, 8192), random_)


def tls_beacon(action: Action, random_: random.Random) -> Iterator[Frame]:
    """Short sessions at a regular beat (T1573.002): as `tls_session`, with `count`, `every` seconds, `jitter`."""
    every_s, jitter = action.number("every", 60, 1, 86_400), action.number("jitter", 0.05, 0, 0.9)
    for index in range(int(action.number("count", 8, 1, 10_000))):
        offset_s = index * every_s + random_.uniform(-jitter, jitter) * every_s * (index > 0)
        yield from _session(action, action.at_s + offset_s, action.number("kilobytes", 1, 0, 64), random_)


def _session(action: Action, at_s: float, kilobytes: float, random_: random.Random) -> Iterator[Frame]:
    port = int(action.number("port", 443, 1, 65535))
    hostname = action.text("hostname", "c2.drill.test")
    talk = TcpConversation(action.host("src"), action.host("dst"), port, int(at_s * 1e6), random_)
    yield from talk.open()
    yield from talk.say(0, _record(_HANDSHAKE, _handshake(_HELLO, _client_hello(hostname, random_))))
    back = struct.pack(">H32sBHB", 0x0303, random_.randbytes(32), 0, _SUITES[0], 0)
    shown = _certificate(action.text("subject", hostname), hostname)
    chain = (len(shown) + 3).to_bytes(3, "big") + len(shown).to_bytes(3, "big") + shown
    flight = _handshake(_HELLO_BACK, back) + _handshake(_CERTIFICATE, chain) + _handshake(_DONE, b"")
    yield from talk.say(1, _record(_HANDSHAKE, flight))
    key = _record(_HANDSHAKE, _handshake(_KEY, b"\x41" + random_.randbytes(65)))
    yield from talk.say(0, key + _sealed_start(random_))
    yield from talk.say(1, _sealed_start(random_))
    left = int(kilobytes * 1024)
    while left > 0:
        yield from talk.say(0, _record(_DATA, random_.randbytes(min(left, _RECORD_BYTES))))
        left -= _RECORD_BYTES
    yield from talk.say(1, _record(_DATA, random_.randbytes(200)))
    yield from talk.close()


def _client_hello(hostname: str, random_: random.Random) -> bytes:
    name = hostname.encode()
    server_name = struct.pack(">HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    groups = struct.pack(">HHHHH", 10, 6, 4, 0x001D, 0x0017)
    extensions = server_name + groups
    suites = b"".join(suite.to_bytes(2, "big") for suite in _SUITES)
    start = struct.pack(">H32sBH", 0x0303, random_.randbytes(32), 0, len(suites)) + suites
    return start + b"\x01\x00" + len(extensions).to_bytes(2, "big") + extensions


def _handshake(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack(">BHH", kind, 0x0303, len(body)) + body


def _sealed_start(random_: random.Random) -> bytes:
    return _record(_CHANGE, b"\x01") + _record(_HANDSHAKE, random_.randbytes(40))


def _certificate(subject: str, hostname: str) -> bytes:
    """A certificate of its own issue. Ed25519 signs without chance (RFC 8032), so that its bytes repeat."""
    key = Ed25519PrivateKey.from_private_bytes(b"wardwatch-drill-key-of-no-secret"[:32])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1 + len(subject)).not_valid_before(_BORN)
    builder = builder.not_valid_after(_BORN + timedelta(days=365))
    names = x509.SubjectAlternativeName([x509.DNSName(hostname)])
    return builder.add_extension(names, critical=False).sign(key, None).public_bytes(Encoding.DER)
