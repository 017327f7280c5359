"""The ledger: what edges read against what the store made of it, for each UTC day of admission.

Of lines, `read = stored + duplicates + rejected`; of what is polled or received, `sent = stored + rejected + counted
drops`. Whatever does not add up was lost or doubled on the way, and is an alarm.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from wardwatch.model.records import Position
from wardwatch.model.time import TimeRange

SAMPLES = "samples"
"""The source under which rows of sample blocks are counted: they have no positions of their own."""
OUTCOMES = "outcomes"
"""The source under which outcomes of polls are counted."""

LISTED_CHARACTERS = 200
"""So much of a refused line stands in a list."""


class Balance(StrEnum):
    """Whether a row of the ledger adds up."""

    EVEN = "even"
    UNTOLD = "untold"  # no edge said what it had read, so there is nothing to compare with
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one source in a batch. `read` is what the edge counted before it looked into the lines; `untold`
    counts what came of a source of which the edge said nothing (an older edge)."""

    source: str
    read: int
    untold: int
    stored: int
    duplicates: int
    rejected: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """The sum of a source's tallies of one edge on one day. `path` is where the source was read, empty where no
    progress was ever told of it (an import, what is polled)."""

    day: date
    edge: str
    source: str
    path: str
    read: int
    untold: int
    stored: int
    duplicates: int
    rejected: int

    @property
    def missing(self) -> int:
        """What was read and is not accounted for; below zero where more is accounted for than was read."""
        return self.read + self.untold - self.stored - self.duplicates - self.rejected

    @property
    def balance(self) -> Balance:
        if self.missing:
            return Balance.OUT
        return Balance.UNTOLD if self.untold and not self.read else Balance.EVEN


class DropUnit(StrEnum):
    """What a count of drops counts."""

    RECORDS = "records"
    BYTES = "bytes"  # of a file that was gone before it was read: nobody can say how many lines they were


@dataclass(frozen=True, slots=True)
class DropRow:
    """What an edge told on one day that it had to let go, by its reason; one that ends in `_bytes` counts bytes."""

    day: date
    edge: str
    reason: str
    count: int

    @property
    def unit(self) -> DropUnit:
        return DropUnit.BYTES if self.reason.endswith("_bytes") else DropUnit.RECORDS


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of some days: newest day first, then by edge, path and source; drops by edge and reason."""

    rows: tuple[LedgerRow, ...] = ()
    drops: tuple[DropRow, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedQuery:
    """Refused lines, newest first. `source` is one of them, `begins` the beginning of their names (refused samples
    are kept under `EDGE/EPOCH/SEQUENCE`); `time` is when they were refused. All None: every one."""

    time: TimeRange | None = None
    source: str | None = None
    begins: str | None = None
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A refused line as read back. In a list `original` is cut to `LISTED_CHARACTERS`; `length` is that of the whole
    line, in characters."""

    position: Position
    at: datetime
    path: str
    reason: str
    original: str
    length: int


@dataclass(frozen=True, slots=True)
class RejectedPage:
    """One page, newest first; `next` is the cursor of the following one."""

    items: tuple[RejectedLine, ...] = ()
    next: str | None = None
