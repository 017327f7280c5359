"""What carries frames to the core. The messages are the same on every line."""

import asyncio
from pathlib import Path
from typing import Protocol

from wardwatch.errors import TransportFault
from wardwatch.shipping.messages import receive_frame


class Line(Protocol):
    """Carries one frame to the core and its answer back. Raises `TransportFault` when it cannot."""

    async def exchange(self, frame: bytes) -> bytes: ...

    async def close(self) -> None:
        """The next exchange opens it again."""
        ...


class SocketLine:
    """The core's Unix socket: the file's owner is who may ask."""

    def __init__(self, socket: Path, timeout_s: float = 30.0) -> None:
        self._socket = socket
        self._timeout_s = timeout_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, frame: bytes) -> bytes:
        try:
            return await asyncio.wait_for(self._exchange(frame), self._timeout_s)
        except (OSError, TimeoutError) as error:
            await self.close()
            reason = str(error) or f"no answer within {self._timeout_s:.0f} s"
            raise TransportFault(f"the core at {self._socket} does not answer: {reason}") from None
        except TransportFault:
            await self.close()
            raise

    async def close(self) -> None:
        if self._streams is None:
            return
        _, writer = self._streams
        self._streams = None
        writer.close()
        try:
            await writer.wait_closed()
        except OSError:
            return

    async def _exchange(self, frame: bytes) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(str(self._socket))
        reader, writer = self._streams
        writer.write(frame)
        await writer.drain()
        answer = await receive_frame(reader)
        if answer is None:
            raise TransportFault("the core closed the connection")
        return answer
