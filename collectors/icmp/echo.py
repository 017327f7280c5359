"""Echo requests and replies (RFC 792, RFC 4443): pure bytes."""

import struct
from dataclasses import dataclass

REQUEST: dict[int, int] = {4: 8, 6: 128}
REPLY: dict[int, int] = {4: 0, 6: 129}
"""ICMP types by IP version."""

_HEADER = struct.Struct("!BBHHH")
_TOKEN = struct.Struct("!8sIH")
PAYLOAD_BYTES = 56
"""As `ping` sends, so that nobody's filter wonders."""


@dataclass(frozen=True, slots=True)
class Echo:
    """What a reply brings back: which round (a nonce of 8 bytes), which target of it and which try."""

    nonce: bytes
    target: int
    attempt: int


def request(version: int, identifier: int, echo: Echo) -> bytes:
    """A request. Its checksum is left to the kernel for IPv6 and for sockets of its own kind, and made for raw IPv4."""
    payload = _TOKEN.pack(echo.nonce, echo.target, echo.attempt).ljust(PAYLOAD_BYTES, b"\0")
    sequence = (echo.target * 8 + echo.attempt) & 0xFFFF
    head = _HEADER.pack(REQUEST[version], 0, 0, identifier, sequence)
    if version == 6:
        return head + payload
    return _HEADER.pack(REQUEST[version], 0, checksum(head + payload), identifier, sequence) + payload


def reply(version: int, data: bytes) -> Echo | None:
    """What an ICMP message brings back; None for everything that is no whole reply. A raw IPv4 socket hands over the IP
    header too."""
    if version == 4 and data and data[0] >> 4 == 4:
        data = data[(data[0] & 0x0F) * 4 :]
    if len(data) < _HEADER.size + _TOKEN.size or data[0] != REPLY[version] or data[1] != 0:
        return None
    return Echo(*_TOKEN.unpack_from(data, _HEADER.size))


def checksum(data: bytes) -> int:
    """RFC 1071, of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
