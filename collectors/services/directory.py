"""LDAP (RFC 4511): an anonymous bind and a search of the root entry."""

from collectors.services.failures import CheckFailed
from collectors.services.line import MOST_BYTES, Line
from wardwatch.model.text import Words

_BIND = bytes.fromhex("300c020101600702010304008000")
_STARTTLS = b"\x30\x1d\x02\x01\x02\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
_ROOT = (
    b"\x30\x25\x02\x01\x03\x63\x20\x04\x00\x0a\x01\x00\x0a\x01\x00\x02\x01\x01\x02\x01\x05\x01\x01\x00"
    b"\x87\x0bobjectClass\x30\x00"
)
_BIND_ANSWER, _ENTRY, _DONE, _EXTENDED = 0x61, 0x64, 0x65, 0x78
_MOST_ANSWERS = 50


async def ldap(line: Line) -> None:
    await line.connect()
    if line.check.starttls:
        with line.step("starttls"):
            line.send(_STARTTLS)
            await _succeed(line, _EXTENDED, "StartTLS")
        await line.secure()
    await _ask(line)


async def ldaps(line: Line) -> None:
    await line.connect()
    await line.secure()
    await _ask(line)


async def _ask(line: Line) -> None:
    with line.step("request") as said:
        line.send(_BIND)
        await _succeed(line, _BIND_ANSWER, "bind")
        said.append(Words("Đăng nhập ẩn danh được", "The anonymous bind was accepted"))
    with line.step("match") as said:
        line.send(_ROOT)
        for _ in range(_MOST_ANSWERS):
            kind, body = await _message(line)
            if kind == _ENTRY:
                said.append(Words("Đọc được mục gốc", "The root entry can be read"))
            elif kind == _DONE:
                _judge(body, "search")
                if not said:
                    raise CheckFailed("Không có mục gốc", "There is no root entry")
                return
        raise CheckFailed("Kết quả tìm kiếm không kết thúc", "The search does not end")


async def _succeed(line: Line, expected: int, doing: str) -> None:
    kind, body = await _message(line)
    if kind != expected:
        raise _no_ldap()
    _judge(body, doing)


def _judge(body: bytes, doing: str) -> None:
    """The result code, an ENUMERATED of one byte, comes first."""
    if len(body) < 3 or body[0] != 0x0A or body[1] != 1:
        raise _no_ldap()
    if body[2]:
        raise CheckFailed(f"LDAP {doing} bị từ chối, mã {body[2]}", f"LDAP {doing} was refused, result {body[2]}")


async def _message(line: Line) -> tuple[int, bytes]:
    """The tag of the next operation and its contents."""
    if (await line.exactly(1, "LDAP"))[0] != 0x30:
        raise _no_ldap()
    length = await _length(line)
    if not 5 <= length <= MOST_BYTES:
        raise _no_ldap()
    envelope = await line.exactly(length, "LDAP")
    if envelope[0] != 2 or not 1 <= envelope[1] <= 4:
        raise _no_ldap()
    operation = envelope[2 + envelope[1] :]
    if len(operation) < 2:
        raise _no_ldap()
    long = operation[1] & 0x7F if operation[1] & 0x80 else 0
    return operation[0], operation[2 + long :]


async def _length(line: Line) -> int:
    first = (await line.exactly(1, "LDAP"))[0]
    if first < 0x80:
        return first
    if not 1 <= first & 0x7F <= 4:
        raise _no_ldap()
    return int.from_bytes(await line.exactly(first & 0x7F, "LDAP"), "big")


def _no_ldap() -> CheckFailed:
    return CheckFailed("Trả lời không phải LDAP", "The answer is no LDAP")
