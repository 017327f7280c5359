"""The core's end of the protocol: a Unix socket that only its owner may open."""

import asyncio
import contextlib
import logging
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from wardwatch.errors import SystemFault, WardWatchError
from wardwatch.shipping.answers import Core, Desk, LocalAnswers, answered
from wardwatch.shipping.messages import Refused, receive_request, send

log = logging.getLogger(__name__)


class Receiver:
    """Serves edges and the command line; one task a connection, requests of a connection in order."""

    def __init__(self, socket: Path, core: Core, desk: Desk | None = None) -> None:
        self._socket = socket
        self._answers = LocalAnswers(core, desk)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.broken_connections = 0

    async def __aenter__(self) -> Self:
        self._socket.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, str(self._socket))
        except OSError as error:
            raise SystemFault(
                f"the socket {self._socket} cannot be made: {error.strerror or error}",
                "choose a data folder with a shorter path on a local disk",
            ) from None
        finally:
            os.umask(before)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._socket.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            while (request := await receive_request(reader)) is not None:
                await send(writer, await answered(self._answers, request))
        except asyncio.CancelledError:
            # The core stops. Python 3.11 logs a connection's task that ends as cancelled as a failure of ours.
            log.debug("edge connection closed at the stop")
        except (WardWatchError, OSError) as error:
            self.broken_connections += 1
            log.warning("edge connection broken reason=%s", error)
            with contextlib.suppress(OSError):
                await send(writer, Refused(str(error), retry=True))
        finally:
            writer.close()
