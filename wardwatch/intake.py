"""Where every batch enters: one writer makes it durable, then lets detection see it, and only then it is answered."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor, Scope
from wardwatch.model.inventory import Inventory
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import AppendResult, Batch, DeviceFacts, SourceProgress
from wardwatch.model.time import Clock
from wardwatch.ports import LiveListener, RecordStore, StateStore


class BatchConsumer(Protocol):
    """Detection: is shown each batch after it is durable, in the order of commits, and again when its edge was not
    answered; it sees each once. `missed` counts the batches it stumbled over."""

    missed: int

    def consume(self, batch: Batch, result: AppendResult) -> None:
        """Raises `StoreFault` when it cannot take the batch now."""
        ...


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
        learn: Callable[[Sequence[DeviceFacts]], None] | None = None,
    ) -> None:
        """`learn` is told the facts of each batch when they are durable, of some batches more than once."""
        self._records = records
        self._state = state
        self._consumer = consumer
        self._publish = publish
        self._clock = clock
        self._inventory_changed = inventory_changed
        self._learn = learn
        self._writing = threading.Lock()
        self._closed = False
        self._dropped: Counter[str] = Counter()
        self.newest_sample_at: datetime | None = None

    def welcome(self, edge: str, epoch: str) -> tuple[int, list[SourceProgress]]:
        """How far an edge's epoch is committed, and the sources known."""
        return self._records.committed(edge, epoch), list(self._records.sources())

    def accept(self, batch: Batch) -> AppendResult:
        """Durable and seen by detection when it returns.

        Raises `StoreFault` when a store cannot take it: the edge keeps it and sends it again. A batch that is stored
        but that detection has not seen is shown to it then: the store answers as it did the first time.
        """
        with self._writing:
            if self._closed:
                raise StoreFault("the core is stopping", "the batch waits at its edge")
            result = self._records.append(Actor.system(f"edge:{batch.edge}"), batch)
            self._consumer.consume(batch, result)
        if batch.facts and self._learn is not None:
            self._learn(batch.facts)
        if not result.already_committed:
            self._note(batch, result)
        return result

    @property
    def dropped(self) -> dict[str, int]:
        """What was lost since the start, by kind: what edges told, and batches that detection stumbled over."""
        return dict(+(self._dropped + Counter(detection_batch=self._consumer.missed)))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Batches wait for the length of the block, between two of them: both stores are at the same one."""
        with self._writing:
            yield

    def close(self) -> None:
        """Takes nothing more; waits for the batch on its way."""
        with self._writing:
            self._closed = True

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
        self._dropped.update(batch.drops)
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
