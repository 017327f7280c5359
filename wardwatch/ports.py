"""Ports: what the parts need of each other, in domain words. Every read takes a `Scope`, every write an `Actor`.

Stores are synchronous and safe to call from several threads; asyncio code calls them through `asyncio.to_thread`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from wardwatch.care_ports import CareStores
from wardwatch.found_ports import FoundStores
from wardwatch.model.access import Actor, Scope
from wardwatch.model.admission import Admission
from wardwatch.model.detection import Finding, Owed
from wardwatch.model.edges import Edge
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.inventory import Inventory
from wardwatch.model.ledger import Ledger, RejectedLine, RejectedPage, RejectedQuery, Tally
from wardwatch.model.queries import (
    EventPage,
    EventQuery,
    LatestQuery,
    LatestRow,
    Series,
    SeriesQuery,
    StoredEvent,
    Total,
    TotalsQuery,
)
from wardwatch.model.records import (
    AppendResult,
    Batch,
    DeviceFacts,
    Event,
    Position,
    Rejected,
    SourceProgress,
)
from wardwatch.model.state import (
    AuditEntry,
    Grant,
    Session,
    User,
)
from wardwatch.model.time import TimeRange
from wardwatch.work_ports import AlertGroupStore, IncidentStore, SuppressionStore


class RecordWriter(Protocol):
    """Appends batches durably: when `append` returns, the batch and its progress survive a power loss together."""

    def append(self, actor: Actor, batch: Batch) -> AppendResult: ...

    def committed(self, edge: str, epoch: str) -> int:
        """The last contiguous sequence committed for an edge's epoch; 0 before the first."""
        ...

    def progress(self, source: str) -> SourceProgress | None: ...

    def sources(self) -> Sequence[SourceProgress]:
        """Every source met so far, so that a restarted tail knows its files again."""
        ...


class LedgerReader(Protocol):
    """What was read, what became of it, and what was refused; seen with the whole city only."""

    def ledger(self, scope: Scope, first_day: date, last_day: date) -> Ledger:
        """The UTC days of admission from the first to the last, both in it."""
        ...

    def rejected(self, scope: Scope, query: RejectedQuery) -> RejectedPage:
        """Refused lines, newest first, each cut to `LISTED_CHARACTERS`."""
        ...

    def rejected_line(self, scope: Scope, position: Position) -> RejectedLine | None:
        """One refused line whole."""
        ...


class RecordReader(LedgerReader, Protocol):
    """Answers the questions of pages, hunts and detectors."""

    def events(self, scope: Scope, query: EventQuery) -> EventPage: ...

    def event(self, scope: Scope, position: Position) -> StoredEvent | None: ...

    def count(self, scope: Scope, query: EventQuery, by: str) -> dict[str, int]:
        """Events of the query counted by an ECS key (dotted); events without it under the empty string."""
        ...

    def series(self, scope: Scope, query: SeriesQuery) -> Series: ...

    def latest(self, scope: Scope, query: LatestQuery) -> Sequence[LatestRow]: ...

    def totals(self, scope: Scope, query: TotalsQuery) -> Sequence[Total]:
        """Sums over a time range, in no order."""
        ...

    def troubles(self) -> Mapping[str, int]:
        """What the engine met since the start and got over, counted by kind."""
        ...


class RecordKeeper(Protocol):
    """House-keeping: seals hot records into files and lets old ones go."""

    def seal(self, now: datetime) -> int:
        """Seals finished hours; returns how many rows moved."""
        ...

    def retain(self, now: datetime) -> int:
        """Unlinks what is past its age; returns how many files or indices went."""
        ...


class Snapshot(Protocol):
    """One instant of a store, held until it is closed: what is written later is not in it."""

    def write(self, folder: Path) -> dict[str, int]:
        """Writes it into an empty folder; returns how many rows there are of each table or index."""
        ...

    def close(self) -> None: ...


class RecordStore(RecordWriter, RecordReader, RecordKeeper, Protocol):
    """The whole record store: two engines, one contract suite."""

    def snapshot(self) -> Snapshot:
        """The store as it is now. Quick: the caller keeps writers waiting meanwhile."""
        ...

    def close(self) -> None: ...


class InventoryStore(Protocol):
    """The inventory, read whole for a scope (a unit out of scope takes its sites and devices with it; a link is seen
    from either end; shared kinds such as zones and the ancestors of visible units stay)."""

    def read(self, scope: Scope) -> Inventory: ...

    def replace(self, actor: Actor, inventory: Inventory) -> None:
        """Makes the stored inventory equal to this one, in one transaction."""
        ...

    def version(self) -> int:
        """Grows with every change, so that edges know when to read again."""
        ...


class DeviceStateStore(Protocol):
    """What is known of devices now: status and facts."""

    def statuses(self, scope: Scope) -> Sequence[DeviceStatus]: ...

    def put_statuses(self, actor: Actor, statuses: Sequence[DeviceStatus]) -> None: ...

    def facts(self, scope: Scope, device: str, kind: str) -> DeviceFacts | None: ...

    def put_facts(self, actor: Actor, facts: Sequence[DeviceFacts]) -> None: ...


class DetectionStore(Protocol):
    """What detection makes of batches, each exactly once."""

    def seen(self, edge: str, epoch: str) -> int:
        """The sequence of the last batch of an edge's epoch that detection has seen; 0 before the first."""
        ...

    def commit(self, actor: Actor, finding: Finding) -> int | None:
        """Stores a finding and its checkpoint in one transaction; the number of what it owes, None for nothing."""
        ...

    def owed(self) -> Sequence[tuple[int, Owed]]:
        """What is still to be correlated, oldest first, with its number."""
        ...

    def settle(self, actor: Actor, number: int) -> None:
        """What was owed under this number is done."""
        ...


class AccountStore(Protocol):
    """Users, their grants and sessions. Passwords come hashed (argon2id); session tokens come hashed (SHA-256)."""

    def user(self, name: str) -> User | None: ...

    def put_user(self, actor: Actor, user: User, grants: Sequence[Grant]) -> None: ...

    def users(self, scope: Scope) -> Sequence[User]: ...

    def grants(self, name: str) -> Sequence[Grant]: ...

    def open_session(self, actor: Actor, session: Session) -> None: ...

    def session(self, token_hash: str, now: datetime) -> Session | None: ...

    def close_session(self, actor: Actor, token_hash: str) -> None: ...


class EdgeStore(Protocol):
    """Remote edges. Tokens come hashed (SHA-256)."""

    def add(self, actor: Actor, new: Edge) -> None:
        """Adds an edge, or one that was revoked anew; raises `Conflict` while its name or its zone is taken."""
        ...

    def edges(self, scope: Scope) -> Sequence[Edge]:
        """All of them by name, revoked ones too; seen with the whole city only."""
        ...

    def revoke(self, actor: Actor, name: str, at: datetime) -> None:
        """Raises `NotFound` where no active edge has the name."""
        ...

    def seen(self, actor: Actor, name: str, at: datetime) -> None: ...


class ShippingBooks(Protocol):
    """What a record store without transactions keeps in SQL, so that a crash neither loses nor doubles a record."""

    def last(self, edge: str, epoch: str) -> tuple[int, str | None]:
        """The last sequence committed for an edge's epoch (0 before the first), and what was answered to it."""
        ...

    def sources(self) -> Sequence[SourceProgress]: ...

    def admit(self, actor: Actor, members: Sequence[Event | Rejected], day: date) -> Admission:
        """Before the first send: which members are new, each with its day, durably. New is what no committed batch
        had; what a batch that failed may have sent is new still, and keeps the day it had then."""
        ...

    def commit(self, actor: Actor, batch: Batch, admission: Admission, answer: str, tallies: Sequence[Tally]) -> None:
        """After the acknowledgement, in one transaction: the sequence with its answer, the positions, the progress of
        sources, the drops and the ledger."""
        ...

    def ledger(self, first_day: date, last_day: date) -> Ledger:
        """The ledger's days from the first to the last, both in it."""
        ...

    def forget(self, actor: Actor, before: date) -> None:
        """Lets positions and the ledger's days go that are over and whose indices are deleted."""
        ...


class AuditLog(Protocol):
    """Append-only and hash-linked: each entry's hash covers the one before it."""

    def record(self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any]) -> AuditEntry: ...

    def entries(self, scope: Scope, time: TimeRange, limit: int) -> Sequence[AuditEntry]: ...

    def verify(self) -> int | None:
        """The sequence of the first broken link; None when the chain holds."""
        ...


class StateStore(FoundStores, CareStores, Protocol):
    """All mutable state on one SQL engine. Every write of its stores goes into the audit chain in its transaction."""

    @property
    def inventory(self) -> InventoryStore: ...

    @property
    def devices(self) -> DeviceStateStore: ...

    @property
    def alert_groups(self) -> AlertGroupStore: ...

    @property
    def suppressions(self) -> SuppressionStore: ...

    @property
    def incidents(self) -> IncidentStore: ...

    @property
    def detection(self) -> DetectionStore: ...

    @property
    def accounts(self) -> AccountStore: ...

    @property
    def edges(self) -> EdgeStore: ...

    @property
    def shipping(self) -> ShippingBooks: ...

    @property
    def audit(self) -> AuditLog: ...

    def together(self) -> AbstractContextManager[None]:
        """What this thread writes in the block is one transaction, and its reads see it; an error undoes all of it.
        Other writers wait meanwhile."""
        ...

    def snapshot(self) -> Snapshot:
        """The store as it is now. Quick: the caller keeps writers waiting meanwhile."""
        ...

    def close(self) -> None: ...


LiveListener = Callable[[str, dict[str, Any]], None]
"""Takes a topic (`status`, `incident`, `alert_group`, `events`, `freshness`) and a small JSON-ready payload with its
`units`, so that the stream can apply the caller's scope."""

__all__ = [
    "AccountStore",
    "AlertGroupStore",
    "AuditLog",
    "DetectionStore",
    "DeviceStateStore",
    "EdgeStore",
    "IncidentStore",
    "InventoryStore",
    "LedgerReader",
    "LiveListener",
    "RecordKeeper",
    "RecordReader",
    "RecordStore",
    "RecordWriter",
    "ShippingBooks",
    "Snapshot",
    "StateStore",
    "SuppressionStore",
]
