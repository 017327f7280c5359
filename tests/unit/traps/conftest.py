"""Datagrams of notifications, made by hand, and one device that sends them."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from collectors.reception.gathering import Mapped, Received
from collectors.reception.senders import Sender
from collectors.traps.catalogue_documents import load_catalogue
from collectors.traps.mapper import TrapMapper
from collectors.traps.v3 import V3Receiver
from wardwatch.model.records import Position

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SENDER = Sender("10.0.0.1", "Chuyển mạch 1", ("ward",), None, {"unit": "ward", "device": "sw1"})
ENGINE = bytes.fromhex("80001f880501020304aa")
UPTIME, TRAP = "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.1.0"


def tlv(tag: int, contents: bytes) -> bytes:
    size = len(contents)
    length = bytes((size,)) if size < 128 else bytes((0x82,)) + size.to_bytes(2, "big")
    return bytes((tag,)) + length + contents


def number(value: int, tag: int = 2) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    out = b""
    for part in (first * 40 + second, *rest):
        pieces = [part & 0x7F]
        while part := part >> 7:
            pieces.insert(0, part & 0x7F | 0x80)
        out += bytes(pieces)
    return tlv(6, out)


def varbind(name: str, value: bytes) -> bytes:
    return tlv(0x30, oid(name) + value)


def v2c(trap: str, *varbinds: bytes, tag: int = 0xA7, community: bytes = b"public") -> bytes:
    every = varbind(UPTIME, number(4200, 0x43)) + varbind(TRAP, oid(trap)) + b"".join(varbinds)
    pdu = tlv(tag, number(7) + number(0) + number(0) + tlv(0x30, every))
    return tlv(0x30, number(1) + tlv(4, community) + pdu)


def v1(enterprise: str, generic: int, specific: int, *varbinds: bytes, agent: bytes = b"\x0a\x01\x01\x01") -> bytes:
    head = oid(enterprise) + tlv(0x40, agent) + number(generic) + number(specific) + number(4200, 0x43)
    return tlv(0x30, number(0) + tlv(4, b"public") + tlv(0xA4, head + tlv(0x30, b"".join(varbinds))))


class Mapping:
    def __init__(self) -> None:
        self.catalogue = load_catalogue()
        self.mapper = TrapMapper(self.catalogue, V3Receiver((), ENGINE, 1))

    def map(self, *datagrams: bytes, sent: list[bytes] | None = None) -> Mapped:
        answer = sent.append if sent is not None else None
        return self.mapper.map(
            [(Position("traps", n), Received(data, SENDER, NOW, answer)) for n, data in enumerate(datagrams)]
        )

    def document(self, datagram: bytes) -> dict[str, Any]:
        mapped = self.map(datagram)
        assert not mapped.rejected, mapped.rejected
        document: dict[str, Any] = orjson.loads(mapped.events[0].document)
        return document


@pytest.fixture(scope="session")
def mapping() -> Mapping:
    return Mapping()
