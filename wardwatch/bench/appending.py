"""Where the polling benchmarks put what they read: into a record store, as an installation does."""

import asyncio
from collections.abc import Sequence

from wardwatch.model.access import Actor
from wardwatch.model.records import Batch, DeviceFacts, Outcome, PollOutcome, SampleBlock
from wardwatch.ports import RecordStore


class Appending:
    """The sink: appends each batch to the record store and counts what it was told."""

    def __init__(self, store: RecordStore) -> None:
        self.varbinds = 0
        self.failures: list[PollOutcome] = []
        self._store = store
        self._sequence = 0

    async def __call__(
        self, blocks: Sequence[SampleBlock], outcomes: Sequence[PollOutcome], facts: Sequence[DeviceFacts]
    ) -> None:
        self._sequence += 1
        batch = Batch(
            "bench", "bench", self._sequence, blocks=tuple(blocks), outcomes=tuple(outcomes), facts=tuple(facts)
        )
        await asyncio.to_thread(self._store.append, Actor.system("bench"), batch)
        self.varbinds += sum(outcome.varbinds for outcome in outcomes)
        self.failures += [outcome for outcome in outcomes if outcome.outcome is not Outcome.OK]
