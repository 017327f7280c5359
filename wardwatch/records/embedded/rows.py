"""A batch as columns: the pure half of appending."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.records import Batch, Event, PollOutcome, Position, Rejected, SampleBlock
from wardwatch.records.embedded.arrow import Runs, table
from wardwatch.records.embedded.tables import EVENT, OUTCOME, PROMOTED, REJECTED, SAMPLES, TIME
from wardwatch.records.problems import block_problem, event_problem, refused_at


@dataclass(slots=True)
class BatchRows:
    """What of a batch goes where: an Arrow table a record table, and what was refused on the way."""

    tables: dict[str, Any] = field(default_factory=dict)
    refused_blocks: list[Rejected] = field(default_factory=list)
    refused_events: list[Rejected] = field(default_factory=list)
    stored_samples: int = 0
    refused_samples: int = 0
    stored: tuple[Position, ...] = ()

    @property
    def refused(self) -> list[Rejected]:
        """What the store itself refused."""
        return [*self.refused_blocks, *self.refused_events]


def batch_rows(batch: Batch, fresh: Sequence[Event], rejected: Sequence[Rejected], now: datetime) -> BatchRows:
    """The rows of a batch; `fresh` and `rejected` are those of its members that are not stored yet."""
    rows = BatchRows()
    _add_samples(rows, batch, now)
    if batch.outcomes:
        rows.tables[OUTCOME.name] = _outcomes(batch.outcomes, batch.namespace)
    _add_events(rows, fresh, batch.namespace, now)
    refused = [*rejected, *rows.refused]
    if refused:
        rows.tables[REJECTED.name] = _rejected(refused, batch.namespace, now)
    return rows


def _add_samples(rows: BatchRows, batch: Batch, now: datetime) -> None:
    by_measurement: dict[str, list[SampleBlock]] = {}
    for number, block in enumerate(batch.blocks):
        problem = block_problem(block)
        if problem is None:
            by_measurement.setdefault(block.measurement, []).append(block)
            rows.stored_samples += len(block.index)
            continue
        # A block has no position of its own: its place in the edge's journal is one.
        position = Position(f"{batch.edge}/{batch.epoch}/{batch.sequence}", number)
        rows.refused_blocks.append(Rejected(position, now, problem, repr(block)))
        rows.refused_samples += len(block.index)
    for name, blocks in by_measurement.items():
        rows.tables[SAMPLES[name].name] = _samples(name, blocks, batch.namespace)


def _samples(name: str, blocks: Sequence[SampleBlock], namespace: str) -> Any:
    sizes = [len(block.index) for block in blocks]
    values: dict[str, Sequence[Any] | Runs] = {
        "namespace": Runs([namespace], [0] * sum(sizes)),
        "device": _runs([block.device for block in blocks], sizes),
        "unit": _runs([block.unit for block in blocks], sizes),
        "index": [key for block in blocks for key in block.index],
        TIME: [at for block, size in zip(blocks, sizes, strict=True) for at in (block.at,) * size],
    }
    for column in MEASUREMENTS[name].columns:
        flat: list[float | None] = []
        for block, size in zip(blocks, sizes, strict=True):
            flat.extend(block.columns.get(column) or (None,) * size)
        values[column] = flat
    return table(SAMPLES[name].columns, values)


def _runs(values: Sequence[str], sizes: Sequence[int]) -> Runs:
    return Runs(values, [code for code, size in enumerate(sizes) for _ in range(size)])


def _outcomes(outcomes: Sequence[PollOutcome], namespace: str) -> Any:
    return table(
        OUTCOME.columns,
        {
            "namespace": [namespace] * len(outcomes),
            "device": [outcome.device for outcome in outcomes],
            "unit": [outcome.unit for outcome in outcomes],
            TIME: [outcome.at for outcome in outcomes],
            "outcome": [str(outcome.outcome) for outcome in outcomes],
            "duration_ms": [outcome.duration_ms for outcome in outcomes],
            "varbinds": [outcome.varbinds for outcome in outcomes],
            "detail": [outcome.detail for outcome in outcomes],
        },
    )


def _add_events(rows: BatchRows, events: Sequence[Event], namespace: str, now: datetime) -> None:
    kept = []
    for event in events:
        problem = event_problem(event)
        if problem is None:
            kept.append(event)
        else:
            rows.refused_events.append(Rejected(event.position, now, problem, event.original))
    rows.stored = tuple(event.position for event in kept)
    if not kept:
        return
    values: dict[str, Sequence[Any] | Runs] = {
        "source": [event.position.source for event in kept],
        "offset": [event.position.offset for event in kept],
        TIME: [event.at for event in kept],
        "ingested": [now] * len(kept),
        "namespace": Runs([namespace], [0] * len(kept)),
        "dataset": [event.dataset for event in kept],
        "alert": [event.alert for event in kept],
        "units": [event.units for event in kept],
        "searchable": [event.searchable for event in kept],
        "document": [event.document for event in kept],
        "original": [event.original for event in kept],
    }
    values.update(zip(PROMOTED.values(), zip(*(event.values for event in kept), strict=True), strict=True))
    rows.tables[EVENT.name] = table(EVENT.columns, values)


def _rejected(rejected: Sequence[Rejected], namespace: str, now: datetime) -> Any:
    return table(
        REJECTED.columns,
        {
            "source": [member.position.source for member in rejected],
            "offset": [member.position.offset for member in rejected],
            TIME: [refused_at(member, now) for member in rejected],
            "namespace": [namespace] * len(rejected),
            "reason": [member.reason for member in rejected],
            "original": [_storable(member.original) for member in rejected],
        },
    )


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
