"""The data of an installation for the command line: through the running instance, or opened here when none runs."""

import asyncio
import fcntl
import uuid
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

from collectors.suricata.ecs_endpoints import Locate
from wardwatch.cli.finding import Finding, OpenedHere
from wardwatch.errors import SystemFault, TransportFault, UserError
from wardwatch.inventory.directory import Directory
from wardwatch.model.access import Actor, Scope
from wardwatch.model.edges import Edge
from wardwatch.model.inventory import Inventory
from wardwatch.model.ledger import Ledger, RejectedLine, RejectedPage, RejectedQuery
from wardwatch.model.queries import EventPage, EventQuery
from wardwatch.model.records import AppendResult, Batch, Position
from wardwatch.model.time import utc_now
from wardwatch.ports import LedgerReader
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder
from wardwatch.shipping import CoreConnection
from wardwatch.shipping.lines import SocketLine
from wardwatch.shipping.messages import BackupIs

EDGE = "command-line"
BACKUP_S = 12 * 3600.0
"""How long a backup may take."""
T = TypeVar("T")


class Core(Protocol):
    """The core's verbs, wherever it runs (`wardwatch.intake.Intake` when it runs here). Batches come numbered."""

    def accept(self, batch: Batch) -> AppendResult: ...

    def inventory(self) -> tuple[int, Inventory]: ...

    def replace_inventory(self, actor: Actor, inventory: Inventory) -> None: ...

    def count(self, query: EventQuery, by: str) -> dict[str, int]: ...


Pages = Callable[[EventQuery], EventPage]
"""Reads a page of events, wherever they are."""


class Edges(Protocol):
    """The register of remote edges, wherever it is kept (`wardwatch.edges.EdgeRegister` when it is opened here)."""

    def add(self, actor: Actor, name: str, zone: str) -> str: ...

    def revoke(self, actor: Actor, name: str) -> None: ...

    def listed(self) -> Sequence[Edge]: ...


class OpenData:
    """An installation's data; each opening is an epoch of its own, in which batches are numbered. `runs` says whether
    an instance runs on it."""

    def __init__(
        self,
        core: Core,
        edges: Edges,
        books: LedgerReader,
        backup: Callable[[Path], BackupIs],
        discovery: Finding,
        runs: bool,
        resolve: Callable[[str], str],
        events: Pages,
    ) -> None:
        self._core = core
        self.discovery = discovery
        self.runs = runs
        self.resolve = resolve
        self.events = events
        self.edges = edges
        self.books = books
        self.backup = backup
        self._epoch = uuid.uuid4().hex
        self._sequence = 0

    def append(self, batch: Batch) -> AppendResult:
        """Stores the batch and lets detection see it; durable when it returns."""
        self._sequence += 1
        return self._core.accept(replace(batch, edge=EDGE, epoch=self._epoch, sequence=self._sequence))

    def count(self, query: EventQuery, by: str) -> dict[str, int]:
        """Events counted by an ECS key."""
        return self._core.count(query, by)

    @property
    def inventory(self) -> Inventory:
        return self._core.inventory()[1]

    def replace_inventory(self, actor: Actor, inventory: Inventory) -> None:
        """Makes the stored inventory equal to this one."""
        self._core.replace_inventory(actor, inventory)

    @property
    def locate(self) -> Locate | None:
        """Where an address belongs; None when no inventory was imported, so that nothing is called foreign."""
        inventory = self.inventory
        return Directory(inventory).locate if inventory.units else None


@contextmanager
def open_data(folder: Path, *, must_exist: bool = False) -> Iterator[OpenData]:
    """The data in `folder`, which is made when missing, unless it must exist. Raises `UserError` or `StoreFault`."""
    data = DataFolder(folder)
    if must_exist and not folder.is_dir():
        raise UserError(f"{folder}: there is no such data folder", "give the folder of an installation with --data")
    with ExitStack() as stack:
        core = _running(data, stack)
        yield _behind(core, data) if core is not None else _opened(data, stack)


def _running(data: DataFolder, stack: ExitStack) -> "_RunningCore | None":
    """The instance that runs on the folder; None when its socket is not there or nobody listens."""
    if not data.socket.exists():
        return None
    core = _RunningCore(data.socket)
    stack.callback(core.close)
    return core if core.answers() else None


def _behind(core: "_RunningCore", data: DataFolder) -> OpenData:
    resolve = Secrets(data.secrets).resolve
    return OpenData(core, core.edges, core.books, core.backup, core.finding, True, resolve, core.events)


def _opened(data: DataFolder, stack: ExitStack) -> OpenData:
    # The stores' libraries take a second to load, which a command that asks a running instance need not wait for.
    from detectors.consumer import DetectionConsumer, DetectionSettings
    from wardwatch.app.backups import backed_up
    from wardwatch.app.sigma import sigma_rules
    from wardwatch.backup import Backups
    from wardwatch.discovery.service import Discovery
    from wardwatch.edges import EdgeRegister
    from wardwatch.installation import read_installation
    from wardwatch.intake import Intake

    try:
        data.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{data.root}: the data folder cannot be made: {error.strerror}") from None
    stack.enter_context(_not_served(data))
    installation = read_installation(data)
    state = installation.open_state(utc_now)
    stack.callback(state.close)
    records = installation.open_records(utc_now, state.shipping)
    stack.callback(records.close)
    directory = Directory(state.inventory.read(Scope.everything()))
    rules = sigma_rules(data, records, utc_now)
    consumer = DetectionConsumer(state, directory, DetectionSettings(), utc_now, _nobody_listens, rules)
    intake = Intake(records, state, consumer, _nobody_listens, utc_now, lambda new: consumer.reload(Directory(new)))
    backups = Backups(installation, state, records, intake.paused, utc_now)
    register = EdgeRegister(state.edges, state.inventory, utc_now)
    discovery = Discovery(state, intake.paused, lambda new: consumer.reload(Directory(new)), utc_now)
    finding = Finding(OpenedHere(discovery), stack.enter_context(asyncio.Runner()))
    resolve = Secrets(data.secrets).resolve

    def pages(query: EventQuery) -> EventPage:
        return records.events(Scope.everything(), query)

    return OpenData(
        intake, register, records, lambda target: backed_up(backups, target), finding, False, resolve, pages
    )


@contextmanager
def nobody_works_on(data: DataFolder) -> Iterator[None]:
    """Keeps everybody off the folder, which is made when missing. Raises `UserError` while an instance runs on it."""
    with ExitStack() as stack:
        if _running(data, stack) is not None:
            raise UserError(f"WardWatch runs on {data.root}", "stop it first")
    try:
        data.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{data.root}: the data folder cannot be made: {error.strerror}") from None
    with data.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"another command works on {data.root}", "wait for its end, or stop wardwatch up") from None
        yield


@contextmanager
def _not_served(data: DataFolder) -> Iterator[None]:
    """Keeps `wardwatch up` off the folder meanwhile; a core that is just starting must find its store free."""
    with data.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemFault(
                f"wardwatch up runs on {data.root}, but its core does not answer",
                f"try again in a moment, or see {data.logs / 'core.log'}",
            ) from None
        yield


class _RunningCore:
    """A running core behind its socket, for a caller that waits for each answer."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._line = CoreConnection(socket)
        self._runner = asyncio.Runner()
        self.edges = _RunningEdges(self._line, self._runner)
        self.books = _RunningBooks(self._line, self._runner)
        self.finding = Finding(self._line, self._runner)

    def answers(self) -> bool:
        """Whether somebody listens: a core that was killed leaves its socket behind."""
        try:
            self._wait(self._line.current_inventory_version())
        except TransportFault:
            return False
        return True

    def accept(self, batch: Batch) -> AppendResult:
        return self._wait(self._line.ship(batch))

    def inventory(self) -> tuple[int, Inventory]:
        found = self._wait(self._line.inventory())
        return found.version, found.inventory

    def replace_inventory(self, actor: Actor, inventory: Inventory) -> None:
        self._wait(self._line.replace_inventory(actor, inventory))

    def count(self, query: EventQuery, by: str) -> dict[str, int]:
        return self._wait(self._line.count(query, by))

    def events(self, query: EventQuery) -> EventPage:
        return self._wait(self._line.events(query))

    def backup(self, target: Path) -> BackupIs:
        """A line of its own, for it may take hours."""
        return self._wait(CoreConnection(SocketLine(self._socket, BACKUP_S)).backup(target))

    def close(self) -> None:
        self._wait(self._line.close())
        self._runner.close()

    def _wait(self, asked: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(asked)


class _RunningEdges:
    """The register of remote edges behind a running core's socket."""

    def __init__(self, line: CoreConnection, runner: asyncio.Runner) -> None:
        self._line = line
        self._runner = runner

    def add(self, actor: Actor, name: str, zone: str) -> str:
        return self._runner.run(self._line.add_edge(actor, name, zone))

    def revoke(self, actor: Actor, name: str) -> None:
        self._runner.run(self._line.revoke_edge(actor, name))

    def listed(self) -> Sequence[Edge]:
        return self._runner.run(self._line.edges())


class _RunningBooks:
    """The ledger behind a running core's socket: whoever may open that sees everything."""

    def __init__(self, line: CoreConnection, runner: asyncio.Runner) -> None:
        self._line = line
        self._runner = runner

    def ledger(self, scope: Scope, first_day: date, last_day: date) -> Ledger:
        return self._runner.run(self._line.ledger(first_day, last_day))

    def rejected(self, scope: Scope, query: RejectedQuery) -> RejectedPage:
        return self._runner.run(self._line.rejected(query))

    def rejected_line(self, scope: Scope, position: Position) -> RejectedLine | None:
        return self._runner.run(self._line.rejected_line(position))


def _nobody_listens(topic: str, payload: dict[str, Any]) -> None:
    """There is no live stream where no instance runs."""
