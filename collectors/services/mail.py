"""SMTP (RFC 5321) and IMAP (RFC 9051): the greeting, STARTTLS where it is asked for, and a polite end."""

from collectors.services.failures import CheckFailed
from collectors.services.line import Line
from wardwatch.model.text import Words, visible

_MOST_LINES = 100


async def smtp(line: Line) -> None:
    await line.connect()
    with line.step("request") as said:
        await _smtp_answer(line, 220)
        said.append(await _hello(line))
    if line.check.starttls:
        with line.step("starttls"):
            line.send(b"STARTTLS\r\n")
            await _smtp_answer(line, 220)
        await line.secure()
    line.send(b"QUIT\r\n")


async def smtps(line: Line) -> None:
    await line.connect()
    await line.secure()
    with line.step("request") as said:
        await _smtp_answer(line, 220)
        said.append(await _hello(line))
    line.send(b"QUIT\r\n")


async def imap(line: Line) -> None:
    await line.connect()
    await _greeting(line)
    if line.check.starttls:
        with line.step("starttls"):
            await _imap_command(line, "a1", "STARTTLS")
        await line.secure()
    await _capability(line)


async def imaps(line: Line) -> None:
    await line.connect()
    await line.secure()
    await _greeting(line)
    await _capability(line)


async def _hello(line: Line) -> Words:
    line.send(b"EHLO wardwatch.invalid\r\n")
    return Words.same((await _smtp_answer(line, 250))[:200])


async def _smtp_answer(line: Line, expected: int) -> str:
    """The first line of an answer; raises `CheckFailed` for another code."""
    first = ""
    for _ in range(_MOST_LINES):
        said = visible(await line.line("SMTP"))
        first = first or said
        if len(said) < 4 or said[3] != "-":
            break
    if not first.startswith(str(expected)):
        raise CheckFailed(
            f"Trả lời “{first[:200]}” thay vì mã {expected}", f"It answers '{first[:200]}' instead of {expected}"
        )
    return first


async def _greeting(line: Line) -> None:
    with line.step("request") as said:
        greeting = visible(await line.line("IMAP"))[:200]
        if not greeting.upper().startswith(("* OK", "* PREAUTH")):
            raise CheckFailed(f"Không chào IMAP mà “{greeting}”", f"No IMAP greeting but '{greeting}'")
        said.append(Words.same(greeting))


async def _capability(line: Line) -> None:
    with line.step("request") as said:
        said.append(Words.same(await _imap_command(line, "a2", "CAPABILITY")))
    line.send(b"a3 LOGOUT\r\n")


async def _imap_command(line: Line, tag: str, command: str) -> str:
    line.send(f"{tag} {command}\r\n".encode())
    for _ in range(_MOST_LINES):
        said = visible(await line.line("IMAP"))
        if said.startswith(f"{tag} "):
            if said[len(tag) + 1 :].upper().startswith("OK"):
                return said[:200]
            raise CheckFailed(f"{command} bị từ chối: {said[:200]}", f"{command} was refused: {said[:200]}")
    raise CheckFailed("Trả lời IMAP không kết thúc", "The IMAP answer does not end")
