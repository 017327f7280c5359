"""What the core answers to a remote edge: its token has said who it is and which zone is its own.

A part of the edge `gialam` ships as `gialam/PART`, and the core never takes the name from the edge alone. Paths of its
sources are kept as `gialam:PATH`, so that two edges with the same path stay two, and each is told of its own only.
"""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from wardwatch.errors import Forbidden, UserError
from wardwatch.inventory.zones import reduced_to
from wardwatch.model.edges import Edge
from wardwatch.model.health import PartHealth
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import DEFAULT_NAMESPACE, Batch, SourceProgress
from wardwatch.model.tallies import polled
from wardwatch.model.time import Clock
from wardwatch.shipping.answers import Core, Desk
from wardwatch.shipping.messages import (
    AskInventory,
    AskRules,
    AskVersion,
    Hello,
    InventoryIs,
    Noted,
    Reply,
    Report,
    Request,
    RulesAre,
    Ship,
    Shipped,
    VersionIs,
    Welcome,
)

log = logging.getLogger(__name__)

MAX_PARTS = 50
FOREIGN = "foreign_device"
"""The reason under which readings of devices outside an edge's zone are counted."""


class RemoteAnswers:
    """Answers the remote edges of one core. Raises `Forbidden` for what an edge may not."""

    def __init__(self, core: Core, desk: Desk) -> None:
        self._core = core
        self._desk = desk
        self._lock = threading.Lock()
        self._version = -1
        self._inventory = Inventory()
        self._devices: dict[str, frozenset[str]] = {}

    def __call__(self, edge: Edge, request: Request) -> Reply:
        match request:
            case Hello(part, epoch):
                return self._welcome(edge, part, epoch)
            case Ship(batch):
                return Shipped(batch.sequence, self._core.accept(self._own(edge, batch)))
            case AskInventory():
                version, inventory = self._current()
                return InventoryIs(version, reduced_to(inventory, edge.zone))
            case AskVersion():
                return VersionIs(self._core.inventory_version())
            case AskRules(version):
                return RulesAre(*self._desk.rules.answer(edge.name, version))
            case Report(parts):
                self._desk.take_report(reported(edge, parts, self._desk.clock))
                return Noted(self._desk.clock())
            case _:
                raise Forbidden(f"a remote edge may not ask {type(request).__name__}")

    def _welcome(self, edge: Edge, part: str, epoch: str) -> Welcome:
        name = part if part.startswith(f"{edge.name}/") else f"{edge.name}/{part}"
        if "/" in name.removeprefix(f"{edge.name}/"):
            raise Forbidden("the token is not that edge's")
        committed, sources = self._core.welcome(name, epoch)
        prefix = f"{edge.name}:"
        own = [replace(each, path=each.path.removeprefix(prefix)) for each in sources if each.path.startswith(prefix)]
        return Welcome(committed, tuple(own), name, edge.zone, self._desk.clock())

    def _own(self, edge: Edge, batch: Batch) -> Batch:
        """The batch as the core takes it from this edge."""
        if not batch.edge.startswith(f"{edge.name}/"):
            raise Forbidden("the token is not that edge's")
        if batch.namespace != DEFAULT_NAMESPACE:
            raise Forbidden(f"a remote edge writes into the namespace '{DEFAULT_NAMESPACE}' only")
        progress = tuple(_of_edge(edge, each) for each in batch.progress)
        return self._without_foreign(edge, replace(batch, progress=progress))

    def _without_foreign(self, edge: Edge, batch: Batch) -> Batch:
        """Without readings of devices that are not in the edge's zone (any more): a stolen edge must not be able to
        say how the data centre is. What is left out is a counted drop."""
        if not (batch.blocks or batch.outcomes or batch.facts):
            return batch
        own = self._devices_of(edge.zone)
        blocks = tuple(block for block in batch.blocks if block.device in own)
        outcomes = tuple(outcome for outcome in batch.outcomes if outcome.device in own)
        facts = tuple(each for each in batch.facts if each.device in own)
        lost = len(batch.blocks) + len(batch.outcomes) + len(batch.facts) - len(blocks) - len(outcomes) - len(facts)
        if not lost:
            return batch
        log.warning("readings of foreign devices edge=%s zone=%s dropped=%d", batch.edge, edge.zone, lost)
        drops = Counter(batch.drops) + Counter({FOREIGN: lost})
        own_part = replace(batch, blocks=blocks, outcomes=outcomes, facts=facts, drops=dict(drops))
        # What was left out is a drop of its own: the ledger must not miss it a second time.
        return replace(own_part, read={**batch.read, **polled(own_part)} if batch.read else {})

    def _devices_of(self, zone: str) -> frozenset[str]:
        _, inventory = self._current()
        with self._lock:
            if zone not in self._devices:
                self._devices[zone] = frozenset(key for key, each in inventory.devices.items() if each.zone == zone)
            return self._devices[zone]

    def _current(self) -> tuple[int, Inventory]:
        """The inventory, read anew when its version has moved: edges ship every second."""
        version = self._core.inventory_version()
        with self._lock:
            if version != self._version:
                self._version, self._inventory = self._core.inventory()
                self._devices = {}
            return self._version, self._inventory


def _of_edge(edge: Edge, progress: SourceProgress) -> SourceProgress:
    return replace(progress, path=f"{edge.name}:{progress.path}")


def reported(edge: Edge, parts: Sequence[PartHealth], clock: Clock) -> list[PartHealth]:
    """Parts as the board takes them: under the edge's own name, and in the core's time, for the edge's clock may be
    wrong."""
    if len(parts) > MAX_PARTS:
        raise UserError(f"a report has {len(parts)} parts; at most {MAX_PARTS} are taken")
    now = clock()
    return [replace(part, edge=edge.name, at=now, since=min(now, part.since + (now - part.at))) for part in parts]
