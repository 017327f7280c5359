"""The core's end of the protocol: a Unix socket that only its owner may open."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from wardwatch.errors import SystemFault, WardWatchError
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Inventory
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, SourceProgress
from wardwatch.shipping.messages import (
    AskInventory,
    AskVersion,
    Count,
    Counts,
    Hello,
    InventoryIs,
    Refused,
    Replace,
    Reply,
    Request,
    Ship,
    Shipped,
    VersionIs,
    Welcome,
    receive_request,
    send,
)

log = logging.getLogger(__name__)


class Core(Protocol):
    """What stands behind the socket. Its methods block; the receiver calls them in threads."""

    def welcome(self, edge: str, epoch: str) -> tuple[int, list[SourceProgress]]: ...

    def accept(self, batch: Batch) -> AppendResult: ...

    def inventory(self) -> tuple[int, Inventory]: ...

    def inventory_version(self) -> int: ...

    def replace_inventory(self, actor: Actor, inventory: Inventory) -> None: ...

    def count(self, query: EventQuery, by: str) -> dict[str, int]: ...


class Receiver:
    """Serves edges and the command line; one task a connection, requests of a connection in order."""

    def __init__(self, socket: Path, core: Core) -> None:
        self._socket = socket
        self._core = core
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
                await send(writer, await self._answer(request))
        except (WardWatchError, OSError) as error:
            self.broken_connections += 1
            log.warning("edge connection broken reason=%s", error)
            with contextlib.suppress(OSError):
                await send(writer, Refused(str(error), retry=True))
        finally:
            writer.close()

    async def _answer(self, request: Request) -> Reply:
        try:
            return await asyncio.to_thread(_handler(request), self._core)
        except WardWatchError as error:
            return Refused(error.message, error.hint, retry=isinstance(error, SystemFault))
        except Exception as error:
            # A defect of ours that this request meets: it would meet it again, and everything behind it waits.
            log.exception("request failed kind=%s", type(request).__name__)
            return Refused(f"the core failed on the request: {type(error).__name__}", "see the log of the core")


def _handler(request: Request) -> Callable[[Core], Reply]:
    """What answers a request."""
    match request:
        case Hello(edge, epoch):
            return lambda core: _welcome(*core.welcome(edge, epoch))
        case Ship(batch):
            return lambda core: Shipped(batch.sequence, core.accept(batch))
        case AskInventory():
            return lambda core: InventoryIs(*core.inventory())
        case AskVersion():
            return lambda core: VersionIs(core.inventory_version())
        case Replace(actor, inventory):
            return lambda core: _replaced(core, Actor(actor), inventory)
        case Count(query, by):
            return lambda core: Counts(core.count(query, by))


def _welcome(committed: int, sources: list[SourceProgress]) -> Welcome:
    return Welcome(committed, tuple(sources))


def _replaced(core: Core, actor: Actor, inventory: Inventory) -> VersionIs:
    core.replace_inventory(actor, inventory)
    return VersionIs(core.inventory_version())
