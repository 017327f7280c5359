"""HTTP: one GET (RFC 9112), its status and what must be in its body."""

import h11

from collectors.services.failures import CheckFailed, ended
from collectors.services.line import Line
from wardwatch.model.text import Words, nfc


async def http(line: Line) -> None:
    await line.connect()
    await fetch(line)


async def https(line: Line) -> None:
    await line.connect()
    await line.secure()
    await fetch(line)


async def fetch(line: Line) -> None:
    """Raises `CheckFailed` for another status, or without the text. Redirections are not followed: they are an
    answer of their own status."""
    check = line.check
    with line.step("request") as said:
        status, body = await _asked(line)
        if status != check.status:
            raise CheckFailed(
                f"Trả về mã {status} thay vì {check.status}", f"It answers {status} instead of {check.status}"
            )
        said.append(Words(f"Mã {status}, {len(body)} byte", f"Status {status}, {len(body)} bytes"))
    if check.text is None:
        return
    with line.step("match"):
        if check.text not in nfc(body.decode("utf-8", "replace")):
            raise CheckFailed(f"Nội dung không có “{check.text}”", f"The text '{check.text}' is not in the answer")


async def _asked(line: Line) -> tuple[int, bytes]:
    check = line.check
    connection = h11.Connection(h11.CLIENT)
    host = f"[{check.host}]" if ":" in check.host else check.host
    usual = (check.kind == "https" and check.at_port == 443) or (check.kind == "http" and check.at_port == 80)
    headers = [
        ("Host", host if usual else f"{host}:{check.at_port}"),
        ("User-Agent", "WardWatch"),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
    ]
    line.send(connection.send(h11.Request(method="GET", target=check.path, headers=headers)) or b"")
    line.send(connection.send(h11.EndOfMessage()) or b"")
    status, body = 0, bytearray()
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await line.read()
                if not data and not status:
                    raise ended("HTTP")
                connection.receive_data(data)
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return status, bytes(body)
            elif isinstance(event, h11.ConnectionClosed):
                raise ended("HTTP")
    except h11.RemoteProtocolError as error:
        raise CheckFailed(f"Trả lời không phải HTTP: {error}", f"The answer is no HTTP: {error}") from None
