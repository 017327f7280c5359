"""Suricata's command socket, as far as an edge needs it: reload the rules, and say what of them was loaded.

The protocol is JSON over a stream socket (Suricata user guide, "Interacting via Unix Socket"): a version first, then
`{"command": …}`, a line each, each answered by `{"return": "OK" | "NOK", "message": …}`.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wardwatch.errors import EngineFault

_PROTOCOL = {"version": "0.2"}
_LIMIT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FailedRule:
    """A rule that Suricata did not load: the file it stands in and its line there."""

    file: str
    line: int
    rule: str


class CommandSocket:
    """Commands of one connection, in order. Raises `EngineFault` when Suricata refuses one or goes away."""

    def __init__(self, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], timeout_s: float) -> None:
        self._reader, self._writer = streams
        self._timeout_s = timeout_s

    async def reload_rules(self) -> None:
        """Returns when the new rules are in force. Suricata calls this done even when it could load none of them."""
        await self._command("reload-rules")

    async def rules_loaded(self) -> int:
        """How many rules are in force."""
        engines = await self._command("ruleset-stats")
        return sum(int(engine["rules_loaded"]) for engine in engines)

    async def failed_rules(self) -> list[FailedRule]:
        """The rules of the last load that are not in force."""
        failed = await self._command("ruleset-failed-rules")
        return [FailedRule(str(each["filename"]), int(each["line"]), str(each["rule"])) for each in failed]

    async def _command(self, name: str) -> Any:
        return await self.ask({"command": name}, name)

    async def ask(self, request: dict[str, str], name: str) -> Any:
        """Sends one request and returns the message of its answer."""
        try:
            async with asyncio.timeout(self._timeout_s):
                self._writer.write(json.dumps(request).encode() + b"\n")
                await self._writer.drain()
                answer = json.loads(await self._reader.readuntil(b"\n"))
                returned, message = answer["return"], answer.get("message")
        except TimeoutError:
            raise EngineFault(f"suricata did not answer {name} in {self._timeout_s:.0f} s") from None
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise EngineFault(f"suricata went away during {name}: {error}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise EngineFault(f"suricata answered {name} with something that is no answer") from None
        if returned != "OK":
            raise EngineFault(f"suricata refused {name}: {message}")
        return message


@contextlib.asynccontextmanager
async def command_socket(path: Path, timeout_s: float) -> AsyncIterator[CommandSocket | None]:
    """A connection to Suricata; None where none listens. Raises `EngineFault` when it may not be used."""
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=_LIMIT_BYTES)
    except (FileNotFoundError, ConnectionRefusedError):
        yield None
        return
    except OSError as error:
        raise EngineFault(
            f"suricata's command socket {path} cannot be used: {error.strerror}",
            "let the user of wardwatch into the group of the socket",
        ) from None
    try:
        commands = CommandSocket((reader, writer), timeout_s)
        await commands.ask(_PROTOCOL, "its protocol's version")
        yield commands
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
