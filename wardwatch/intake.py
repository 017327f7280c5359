"""Where every batch enters: one writer makes it durable, then lets detection see it."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor, Scope
from wardwatch.model.inventory import Inventory
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, SourceProgress
from wardwatch.model.time import Clock
from wardwatch.ports import LiveListener, RecordStore, StateStore

log = logging.getLogger(__name__)

MAX_WAITING = 200


class BatchConsumer(Protocol):
    """Detection: sees each batch once, after it is durable, in the order of commits."""

    def consume(self, batch: Batch, result: AppendResult) -> None: ...


class Intake:
    """The core behind its socket (`wardwatch.shipping.receiver.Core`): thread-safe, one batch at a time."""

    def __init__(
        self,
        records: RecordStore,
        state: StateStore,
        consumer: BatchConsumer,
        publish: LiveListener,
        clock: Clock,
        inventory_changed: Callable[[Inventory], None],
    ) -> None:
        self._records = records
        self._state = state
        self._consumer = consumer
        self._publish = publish
        self._clock = clock
        self._inventory_changed = inventory_changed
        self._writing = threading.Lock()
        self._closed = False
        self._waiting: deque[tuple[Batch, AppendResult]] = deque()
        self.dropped: dict[str, int] = {}
        self.newest_sample_at: datetime | None = None

    def welcome(self, edge: str, epoch: str) -> tuple[int, list[SourceProgress]]:
        """How far an edge's epoch is committed, and the sources known."""
        return self._records.committed(edge, epoch), list(self._records.sources())

    def accept(self, batch: Batch) -> AppendResult:
        """Durable when it returns. Raises `StoreFault` when the store cannot take it: the edge keeps it."""
        actor = Actor.system(f"edge:{batch.edge}")
        with self._writing:
            if self._closed:
                raise StoreFault("the core is stopping", "the batch waits at its edge")
            result = self._records.append(actor, batch)
            if result.already_committed:
                return result
            self._waiting.append((batch, result))
            self._let_detection_see()
        self._note(batch, result)
        return result

    def close(self) -> None:
        """Takes nothing more. Waits for a batch on its way: closing the stores between its append and its detection
        would lose its alerts, since it is not sent again."""
        with self._writing:
            self._closed = True

    def _let_detection_see(self) -> None:
        """Hands on what waits, oldest first. A store that cannot be written now is tried again with the next batch; a
        batch that detection stumbles over is counted and left, so that nothing stops behind it."""
        while self._waiting:
            batch, result = self._waiting[0]
            try:
                if batch.facts:
                    self._state.devices.put_facts(Actor.system(f"edge:{batch.edge}"), batch.facts)
                self._consumer.consume(batch, result)
            except StoreFault as error:
                log.error("detection waits batches=%d reason=%s", len(self._waiting), error)
                if len(self._waiting) <= MAX_WAITING:
                    return
                self._lose("detection_batch", 1)
            except Exception:
                log.exception("detection failed edge=%s epoch=%s sequence=%d", batch.edge, batch.epoch, batch.sequence)
                self._lose("detection_batch", 1)
            self._waiting.popleft()

    def _lose(self, kind: str, count: int) -> None:
        self.dropped[kind] = self.dropped.get(kind, 0) + count

    def inventory(self) -> tuple[int, Inventory]:
        """The version is read first: at worst an edge reads the same inventory twice."""
        version = self._state.inventory.version()
        return version, self._state.inventory.read(Scope.everything())

    def inventory_version(self) -> int:
        return self._state.inventory.version()

    def replace_inventory(self, actor: Actor, inventory: Inventory) -> None:
        with self._writing:
            self._state.inventory.replace(actor, inventory)
        self._inventory_changed(inventory)

    def count(self, query: EventQuery, by: str) -> dict[str, int]:
        return self._records.count(Scope.everything(), query, by)

    def _note(self, batch: Batch, result: AppendResult) -> None:
        """Tells the live stream what came; the stream applies each listener's scope by `units`."""
        for kind, lost in batch.drops.items():
            self._lose(kind, lost)
        if result.new_events:
            units = sorted({unit for event in batch.events for unit in event.units})
            self._publish(
                "events",
                {
                    "count": len(result.new_events),
                    "namespace": batch.namespace,
                    "units": units,
                },
            )
        if batch.outcomes:
            self.newest_sample_at = max(outcome.at for outcome in batch.outcomes)
            self._publish("freshness", self._freshness(batch))

    def _freshness(self, batch: Batch) -> dict[str, Any]:
        newest = self.newest_sample_at or self._clock()
        return {
            "newest_sample_at": newest.isoformat(),
            "polled": len(batch.outcomes),
            "units": sorted({outcome.unit for outcome in batch.outcomes}),
        }
