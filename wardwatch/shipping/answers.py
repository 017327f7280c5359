"""What the core answers: to its own processes and the command line everything, to a remote edge its own part."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from wardwatch.errors import Forbidden, SystemFault, WardWatchError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.edges import Edge
from wardwatch.model.health import PartHealth
from wardwatch.model.inventory import Inventory
from wardwatch.model.queries import EventPage, EventQuery
from wardwatch.model.records import AppendResult, Batch, SourceProgress
from wardwatch.model.time import Clock
from wardwatch.ports import LedgerReader
from wardwatch.shipping.finding import Discovery, answer_of
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
)
from wardwatch.shipping.page_messages import AskPage, PageIs
from wardwatch.shipping.rules import LOCAL, RuleShelf

log = logging.getLogger(__name__)


class Core(Protocol):
    """What takes batches and has the inventory. Its methods block; they are called in threads."""

    def welcome(self, edge: str, epoch: str) -> tuple[int, list[SourceProgress]]: ...

    def accept(self, batch: Batch) -> AppendResult: ...

    def inventory(self) -> tuple[int, Inventory]: ...

    def inventory_version(self) -> int: ...

    def replace_inventory(self, actor: Actor, inventory: Inventory) -> None: ...

    def count(self, query: EventQuery, by: str) -> dict[str, int]: ...


class Edges(Protocol):
    """The remote edges (`wardwatch.edges.EdgeRegister`)."""

    def add(self, actor: Actor, name: str, zone: str) -> str: ...

    def revoke(self, actor: Actor, name: str) -> None: ...

    def listed(self) -> Sequence[Edge]: ...

    def claimed(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What edges and the command line ask beside records: who the remote edges are, the rules of their sensors, where
    reports of parts go, the ledger, backups, and what is found on the network."""

    edges: Edges
    rules: RuleShelf
    take_report: Callable[[Sequence[PartHealth]], None]
    clock: Clock
    ledger: LedgerReader | None = None
    backup: Callable[[Path], BackupIs] | None = None
    discovery: Discovery | None = None
    pages: Callable[[EventQuery], EventPage] | None = None


async def answered(answer: Callable[[Request], Reply], request: Request) -> Reply:
    """The answer, worked out in a thread; what fails becomes a refusal. `Forbidden` is raised: whoever asks for what
    is not theirs is told by the line itself."""
    try:
        return await asyncio.to_thread(answer, request)
    except Forbidden:
        raise
    except WardWatchError as error:
        return Refused(error.message, error.hint, retry=isinstance(error, SystemFault))
    except Exception as error:
        # A defect of ours that this request meets: it would meet it again, and everything behind it waits.
        log.exception("request failed kind=%s", type(request).__name__)
        return Refused(f"the core failed on the request: {type(error).__name__}", "see the log of the core")


class LocalAnswers:
    """To whoever may open the core's socket: everything. Without a desk it knows records and the inventory only."""

    def __init__(self, core: Core, desk: Desk | None = None) -> None:
        self._core = core
        self._desk = desk

    def __call__(self, request: Request) -> Reply:
        core = self._core
        match request:
            case Hello(edge, epoch):
                committed, sources = core.welcome(edge, epoch)
                return Welcome(committed, tuple(sources), edge)
            case Ship(batch):
                return Shipped(batch.sequence, core.accept(batch))
            case AskInventory():
                version, inventory = core.inventory()
                return InventoryIs(version, inventory, self._desk.edges.claimed() if self._desk else ())
            case AskVersion():
                return VersionIs(core.inventory_version())
            case Replace(actor, inventory):
                core.replace_inventory(Actor(actor), inventory)
                return VersionIs(core.inventory_version())
            case Count(query, by):
                return Counts(core.count(query, by))
            case _:
                return self._at_desk(request)

    def _at_desk(self, request: Request) -> Reply:
        if self._desk is None:
            raise SystemFault(f"this core does not answer {type(request).__name__}")
        edges = self._desk.edges
        match request:
            case AddEdge(actor, name, zone):
                return TokenIs(edges.add(Actor(actor), name, zone))
            case RevokeEdge(actor, name):
                edges.revoke(Actor(actor), name)
                return EdgesAre(tuple(edges.listed()))
            case AskEdges():
                return EdgesAre(tuple(edges.listed()))
            case AskRules(version):
                return RulesAre(*self._desk.rules.answer(LOCAL, version))
            case Report(parts):
                self._desk.take_report(parts)
                return Noted(self._desk.clock())
            case AskPage(query) if self._desk.pages is not None:
                return PageIs(self._desk.pages(query))
            case MakeBackup(target) if self._desk.backup is not None:
                return self._desk.backup(Path(target))
        if self._desk.ledger is not None and (reply := _of_ledger(self._desk.ledger, request)) is not None:
            return reply
        if self._desk.discovery is not None and (found := answer_of(self._desk.discovery, request)) is not None:
            return found
        raise SystemFault(f"the core has no answer to {type(request).__name__}")


def _of_ledger(ledger: LedgerReader, request: Request) -> Reply | None:
    everything = Scope.everything()
    match request:
        case AskLedger(first_day, last_day):
            return LedgerIs(ledger.ledger(everything, first_day, last_day))
        case AskRejected(query):
            return RejectedAre(ledger.rejected(everything, query))
        case AskRejectedLine(position):
            return RejectedLineIs(ledger.rejected_line(everything, position))
    return None
