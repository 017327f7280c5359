"""Immutable records: samples in columnar blocks, events, what was refused, and the batches that carry them.

Everything here crosses process borders as MessagePack of these very classes. Those that there are thousands of in a
second are named tuples: they are made, compared and written several times as fast as frozen dataclasses.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

DEFAULT_NAMESPACE = "default"

EVENT_KEYS: tuple[str, ...] = (
    "event.kind",
    "event.severity",
    "event.action",
    "source.ip",
    "destination.ip",
    "destination.port",
    "network.protocol",
    "rule.id",
    "rule.name",
)
"""ECS keys of one value that pages filter and count by all day: every event carries their texts beside its document, so
that no store parses it."""


class Outcome(StrEnum):
    """How a poll of a device ended."""

    OK = "ok"
    PARTIAL = "partial"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    AUTHENTICATION = "authentication"
    LOOP = "loop"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"
    OVERLAPPED = "overlapped"


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """Values of one measurement of one device at one instant: a small table.

    `index` has one key a row (ifIndex, sensor id; `("",)` for the device itself); each of `columns` has as many
    values as `index`. The columns of a measurement are fixed in `wardwatch.model.measurements`.
    """

    measurement: str
    device: str
    unit: str
    at: datetime
    index: tuple[str, ...]
    columns: dict[str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """How one device answered in one round; `detail` says it in words and names the OID where it stopped."""

    device: str
    unit: str
    at: datetime
    outcome: Outcome
    duration_ms: float
    varbinds: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What changes rarely: `kind` is `system` (one row) or `interfaces` (a row an ifIndex); it replaces the older."""

    device: str
    kind: str
    at: datetime
    rows: tuple[dict[str, str | int | float | bool | None], ...]


class Position(NamedTuple):
    """Where a record stands in its source: the source's generation (a UUID, or a content hash for imports) and
    the byte offset of its first byte. It is the identity of a record."""

    source: str
    offset: int


class Event(NamedTuple):
    """One event and the line it came from; `wardwatch.ecs.event_of` makes it from an ECS document.

    `document` is the ECS document without `event.original`, as UTF-8 JSON made once where it was mapped. It begins with
    its `event` object, so that a store adds to that without reading the rest. `values` are the texts of `EVENT_KEYS`,
    in their order (of a list the first; None where there is none); `searchable` is what free text is searched in,
    folded. `units` are the units of either end; `alert` is true for `event.kind: alert`.
    """

    position: Position
    at: datetime
    dataset: str
    alert: bool
    units: tuple[str, ...]
    document: bytes
    original: str
    values: tuple[str | None, ...]
    searchable: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that could not become an event, whole, with the reason; invalid UTF-8 is kept by surrogate escapes
    written as backslash sequences."""

    position: Position
    at: datetime
    reason: str
    original: str


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """How far a source was read: everything before `offset` is in this batch or an earlier one."""

    source: str
    offset: int
    path: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What an edge ships at once, stored in one transaction. (edge, epoch, sequence) identify it; a batch whose
    sequence was committed before is answered but not stored again.

    `read` counts, by source, the lines an edge has read for this batch before it looked into them: what the core makes
    of them must add up to it.
    """

    edge: str
    epoch: str
    sequence: int
    namespace: str = DEFAULT_NAMESPACE
    blocks: tuple[SampleBlock, ...] = ()
    outcomes: tuple[PollOutcome, ...] = ()
    facts: tuple[DeviceFacts, ...] = ()
    events: tuple[Event, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    progress: tuple[SourceProgress, ...] = ()
    drops: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What a store did with a batch: members stored, already there, and refused.

    A batch that was committed before is answered `already_committed`; when it is the last one of its edge's epoch, with
    what the first answer said, so that who did not get that one misses nothing.
    """

    stored_samples: int = 0
    stored_events: int = 0
    duplicates: int = 0
    rejected: int = 0
    already_committed: bool = False
    new_events: tuple[Position, ...] = ()
