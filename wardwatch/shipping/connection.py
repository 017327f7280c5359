"""An edge's or the command line's connection to the core, whatever the line."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from wardwatch.errors import StoreFault, TransportFault, UserError
from wardwatch.model.access import Actor
from wardwatch.model.edges import Edge
from wardwatch.model.health import PartHealth
from wardwatch.model.inventory import Inventory
from wardwatch.model.ledger import Ledger, RejectedLine, RejectedPage, RejectedQuery
from wardwatch.model.queries import EventPage, EventQuery
from wardwatch.model.records import AppendResult, Batch, Position
from wardwatch.shipping.lines import Line, SocketLine
from wardwatch.shipping.messages import (
    AddEdge,
    AskEdges,
    AskInventory,
    AskLedger,
    AskRejected,
    AskRejectedLine,
    AskRules,
    AskVersion,
    BackupIs,
    Count,
    Counts,
    EdgesAre,
    Hello,
    InventoryIs,
    LedgerIs,
    MakeBackup,
    Noted,
    Refused,
    RejectedAre,
    RejectedLineIs,
    Replace,
    Reply,
    Report,
    Request,
    RevokeEdge,
    RulesAre,
    Ship,
    Shipped,
    TokenIs,
    VersionIs,
    Welcome,
    frame_of,
    reply_of,
)
from wardwatch.shipping.page_messages import AskPage, PageIs

T = TypeVar("T")


class CoreConnection:
    """One connection; requests are answered in order, so callers take turns. A path is the core's Unix socket."""

    def __init__(self, line: Path | Line) -> None:
        self._line: Line = SocketLine(line) if isinstance(line, Path) else line
        self._turn = asyncio.Lock()

    async def hello(self, edge: str, epoch: str) -> Welcome:
        """Introduces an edge; the answer says how far the core has its batches, and under which name to ship."""
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

    async def rules(self, version: str) -> RulesAre:
        """The rules of the edge's sensor, unless it has that version."""
        return _expect(await self._ask(AskRules(version)), RulesAre)

    async def report(self, parts: Sequence[PartHealth]) -> datetime:
        """Says how parts are; returns the core's clock."""
        return _expect(await self._ask(Report(tuple(parts))), Noted).now

    async def replace_inventory(self, actor: Actor, inventory: Inventory) -> None:
        """Replaces the inventory of the running instance."""
        _expect(await self._ask(Replace(actor.name, inventory)), VersionIs)

    async def count(self, query: EventQuery, by: str) -> dict[str, int]:
        """Events counted by an ECS key."""
        return _expect(await self._ask(Count(query, by)), Counts).counts

    async def events(self, query: EventQuery) -> EventPage:
        """A page of events, newest first."""
        return _expect(await self._ask(AskPage(query)), PageIs).page

    async def add_edge(self, actor: Actor, name: str, zone: str) -> str:
        """The token of a new remote edge."""
        return _expect(await self._ask(AddEdge(actor.name, name, zone)), TokenIs).token

    async def revoke_edge(self, actor: Actor, name: str) -> None:
        """From now on the edge's token opens nothing."""
        _expect(await self._ask(RevokeEdge(actor.name, name)), EdgesAre)

    async def edges(self) -> Sequence[Edge]:
        """The remote edges, revoked ones too."""
        return _expect(await self._ask(AskEdges()), EdgesAre).edges

    async def ledger(self, first_day: date, last_day: date) -> Ledger:
        """The ledger of these days, both ends in it."""
        return _expect(await self._ask(AskLedger(first_day, last_day)), LedgerIs).ledger

    async def rejected(self, query: RejectedQuery) -> RejectedPage:
        """Refused lines, newest first, each cut."""
        return _expect(await self._ask(AskRejected(query)), RejectedAre).page

    async def rejected_line(self, position: Position) -> RejectedLine | None:
        """One refused line whole."""
        return _expect(await self._ask(AskRejectedLine(position)), RejectedLineIs).line

    async def backup(self, target: Path) -> BackupIs:
        """Has the core write a backup into a folder of its machine; takes as long as that takes."""
        return _expect(await self._ask(MakeBackup(str(target))), BackupIs)

    async def ask(self, request: Request, kind: type[T]) -> T:
        """The answer of a kind to a request."""
        return _expect(await self._ask(request), kind)

    async def close(self) -> None:
        """Closes the line; the next request opens it again."""
        await self._line.close()

    async def _ask(self, request: Request) -> Reply:
        async with self._turn:
            frame = await asyncio.to_thread(frame_of, request) if isinstance(request, Ship) else frame_of(request)
            answer = await self._line.exchange(frame)
            try:
                return reply_of(answer)
            except TransportFault:
                await self._line.close()
                raise


def _expect(reply: Reply, kind: type[T]) -> T:
    if isinstance(reply, kind):
        return reply
    if isinstance(reply, Refused):
        raise (StoreFault if reply.retry else UserError)(reply.reason, reply.hint)
    raise TransportFault(f"the core answered {type(reply).__name__} where {kind.__name__} was due")
