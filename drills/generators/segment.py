"""TCP segments as bytes (RFC 791, RFC 9293). Floods and uploads have them by the thousand, where scapy takes half a
millisecond for each."""

import hashlib
import socket
import struct
from functools import lru_cache

_FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10}
_TCP = 6
_IP = struct.Struct(">BBHHHBBH4s4s")
_SEGMENT = struct.Struct(">HHIIBBHHH")
_WINDOW, _HOPS = 64240, 64


def mac(address: str) -> str:
    """A stable, locally administered MAC for an address."""
    digest = hashlib.sha256(address.encode()).digest()
    return "02:" + ":".join(f"{byte:02x}" for byte in digest[:5])


def tcp_frame(
    ends: tuple[str, str],
    identification: int,
    ports: tuple[int, int],
    flags: str,
    sequence: tuple[int, int],
    payload: bytes,
) -> bytes:
    """An Ethernet frame with one segment from the first end to the second; `sequence` is its own and what it
    acknowledges; `flags` are letters of FSRPA."""
    source, destination = (socket.inet_aton(end) for end in ends)
    bits = sum(_FLAGS[letter] for letter in flags)
    size = _SEGMENT.size + len(payload)
    segment = _SEGMENT.pack(*ports, *sequence, 5 << 4, bits, _WINDOW, 0, 0) + payload
    summed = _checksum(source + destination + struct.pack(">HH", _TCP, size) + segment)
    segment = segment[:16] + summed.to_bytes(2, "big") + segment[18:]
    header = _IP.pack(0x45, 0, _IP.size + size, identification, 0, _HOPS, _TCP, 0, source, destination)
    header = header[:10] + _checksum(header).to_bytes(2, "big") + header[12:]
    return _ethernet(*ends) + header + segment


@lru_cache(maxsize=1024)
def _ethernet(source: str, destination: str) -> bytes:
    """The first 14 bytes of a frame that carries IPv4."""
    ends = (bytes.fromhex(mac(end).replace(":", "")) for end in (destination, source))
    return b"".join(ends) + b"\x08\x00"


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    even = data + b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f">{len(even) // 2}H", even))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
