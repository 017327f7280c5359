"""An edge's or the command line's line to the core, over its Unix socket."""

import asyncio
from pathlib import Path
from typing import TypeVar

from wardwatch.errors import StoreFault, TransportFault, UserError
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Inventory
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch
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
    receive_reply,
    send,
)

T = TypeVar("T")


class CoreConnection:
    """One connection; requests are answered in order, so callers take turns."""

    def __init__(self, socket: Path, timeout_s: float = 30.0) -> None:
        self._socket = socket
        self._timeout_s = timeout_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def hello(self, edge: str, epoch: str) -> Welcome:
        """Introduces an edge; the answer says how far the core has its batches."""
        return _expect(await self._ask(Hello(edge, epoch)), Welcome)

    async def ship(self, batch: Batch) -> AppendResult:
        """Returns when the batch is durable in the core."""
        return _expect(await self._ask(Ship(batch)), Shipped).result

    async def inventory(self) -> InventoryIs:
        """The inventory and its version."""
        return _expect(await self._ask(AskInventory()), InventoryIs)

    async def current_inventory_version(self) -> int:
        """The version only, which is cheap to ask for."""
        return _expect(await self._ask(AskVersion()), VersionIs).version

    async def replace_inventory(self, actor: Actor, inventory: Inventory) -> None:
        """Replaces the inventory of the running instance."""
        _expect(await self._ask(Replace(actor.name, inventory)), VersionIs)

    async def count(self, query: EventQuery, by: str) -> dict[str, int]:
        """Events counted by an ECS key."""
        return _expect(await self._ask(Count(query, by)), Counts).counts

    async def close(self) -> None:
        """Closes the line; the next request opens it again."""
        if self._streams is None:
            return
        _, writer = self._streams
        self._streams = None
        writer.close()
        try:
            await writer.wait_closed()
        except OSError:
            return

    async def _ask(self, request: Request) -> Reply:
        async with self._turn:
            try:
                return await asyncio.wait_for(self._exchange(request), self._timeout_s)
            except (OSError, TimeoutError) as error:
                await self.close()
                reason = str(error) or f"no answer within {self._timeout_s:.0f} s"
                raise TransportFault(f"the core at {self._socket} does not answer: {reason}") from None
            except TransportFault:
                await self.close()
                raise

    async def _exchange(self, request: Request) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(str(self._socket))
        reader, writer = self._streams
        await send(writer, request)
        return await receive_reply(reader)


def _expect(reply: Reply, kind: type[T]) -> T:
    if isinstance(reply, kind):
        return reply
    if isinstance(reply, Refused):
        raise (StoreFault if reply.retry else UserError)(reply.reason, reply.hint)
    raise TransportFault(f"the core answered {type(reply).__name__} where {kind.__name__} was due")
