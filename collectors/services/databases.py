"""PostgreSQL (protocol 3.0) and MySQL: the server's side of a handshake, which needs no account."""

import struct

from collectors.services.failures import CheckFailed
from collectors.services.line import Line
from wardwatch.model.text import Words, visible

_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_PROTOCOL_3 = 196608
_UNABLE = ("53", "57P", "58", "XX")
"""Classes of SQLSTATE that say the server cannot serve; others only say that nobody knows us."""


async def postgresql(line: Line) -> None:
    await line.connect()
    if line.check.starttls:
        with line.step("starttls"):
            line.send(_SSL_REQUEST)
            if await line.exactly(1, "PostgreSQL") != b"S":
                raise CheckFailed("Máy chủ không có TLS", "The server offers no TLS")
        await line.secure()
    with line.step("request") as said:
        parameters = b"user\0wardwatch\0database\0postgres\0\0"
        line.send(struct.pack("!II", 8 + len(parameters), _PROTOCOL_3) + parameters)
        kind, length = struct.unpack("!cI", await line.exactly(5, "PostgreSQL"))
        if kind not in (b"R", b"E") or not 8 <= length <= 30_000:
            raise CheckFailed("Trả lời không phải PostgreSQL", "The answer is no PostgreSQL")
        body = await line.exactly(length - 4, "PostgreSQL")
        if kind == b"E":
            _judge_postgresql(body)
        said.append(Words("Máy chủ hỏi đăng nhập", "The server asks for a login"))


def _judge_postgresql(body: bytes) -> None:
    fields = {part[:1]: visible(part[1:].decode("utf-8", "replace")) for part in body.split(b"\0") if part}
    code, message = fields.get(b"C", ""), fields.get(b"M", "")
    if code.startswith(_UNABLE) or not code:
        raise CheckFailed(f"Máy chủ báo lỗi {code}: {message}", f"The server says {code}: {message}")


async def mysql(line: Line) -> None:
    await line.connect()
    with line.step("request") as said:
        header = await line.exactly(4, "MySQL")
        packet = await line.exactly(int.from_bytes(header[:3], "little"), "MySQL")
        if packet[:1] == b"\xff":
            message = visible(packet[3:].decode("utf-8", "replace"))
            raise CheckFailed(f"Máy chủ báo lỗi: {message}", f"The server says: {message}")
        version, found, _ = packet[1:].partition(b"\0")
        if packet[:1] not in (b"\x09", b"\x0a") or not found:
            raise CheckFailed("Trả lời không phải MySQL", "The answer is no MySQL")
        said.append(Words.same(f"MySQL {visible(version.decode('utf-8', 'replace'))[:80]}"))
