"""What is asked of the record store, in domain words; the caller's `Scope` is always given beside it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from wardwatch.model.records import DEFAULT_NAMESPACE, Position
from wardwatch.model.time import TimeRange


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Events of a time range, newest first. `filters` are ECS keys (dotted) to the values that are allowed, a list
    is any-of; `text` is searched (folded) in message, rule name and addresses; `cursor` continues a page."""

    time: TimeRange
    namespace: str = DEFAULT_NAMESPACE
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    text: str | None = None
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as read back: the ECS document holds `event.original` and `event.ingested` again."""

    position: Position
    at: datetime
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page, newest first; `next` is the cursor of the following one."""

    items: tuple[StoredEvent, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """Columns of one measurement, one device, one index, averaged into steps; empty steps are absent."""

    measurement: str
    device: str
    index: str
    columns: tuple[str, ...]
    time: TimeRange
    step: timedelta
    namespace: str = DEFAULT_NAMESPACE


@dataclass(frozen=True, slots=True)
class Series:
    """Step starts (UTC) and, for each column, as many values (mean of the step) or None."""

    at: tuple[datetime, ...]
    columns: dict[str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class LatestQuery:
    """The newest row of each (device, index) of a measurement since an instant; `devices` None is all in scope."""

    measurement: str
    since: datetime
    devices: tuple[str, ...] | None = None
    namespace: str = DEFAULT_NAMESPACE


@dataclass(frozen=True, slots=True)
class LatestRow:
    """The newest values of one (device, index)."""

    device: str
    unit: str
    index: str
    at: datetime
    values: dict[str, float | None]


class TotalKey(StrEnum):
    """What sums of samples can be kept apart by."""

    DEVICE = "device"
    UNIT = "unit"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class TotalsQuery:
    """Sums of columns of one measurement, kept apart by `by` (at least one) and, with a `step`, by steps of time since
    1970. `units` and `devices` None are all in scope; an index must begin with one of `begins` (empty: any)."""

    measurement: str
    columns: tuple[str, ...]
    time: TimeRange
    by: tuple[TotalKey, ...]
    step: timedelta | None = None
    units: tuple[str, ...] | None = None
    devices: tuple[str, ...] | None = None
    begins: tuple[str, ...] = ()
    namespace: str = DEFAULT_NAMESPACE


@dataclass(frozen=True, slots=True)
class Total:
    """One sum a column; `keys` are in the order of `TotalsQuery.by`, `at` is the start of the step (None without)."""

    keys: tuple[str, ...]
    at: datetime | None
    values: tuple[float, ...]
