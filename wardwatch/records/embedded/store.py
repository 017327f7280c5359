"""The embedded record store, put together."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from wardwatch.errors import StoreFault
from wardwatch.model.access import Actor, Scope
from wardwatch.model.ledger import Ledger, RejectedLine, RejectedPage, RejectedQuery
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
from wardwatch.model.records import AppendResult, Batch, Position, SourceProgress
from wardwatch.model.time import Clock
from wardwatch.records.embedded.database import Database
from wardwatch.records.embedded.events import EventReader
from wardwatch.records.embedded.ledger import LedgerBooks
from wardwatch.records.embedded.rejected import RejectedReader
from wardwatch.records.embedded.samples import SampleReader
from wardwatch.records.embedded.sealer import DURABLE, FileSteps, Sealer
from wardwatch.records.embedded.snapshot import EmbeddedSnapshot, forget_kept
from wardwatch.records.embedded.writer import Writer
from wardwatch.records.settings import RecordSettings

HOT_FILE = "hot.duckdb"
SEALED_FOLDER = "sealed"


class EmbeddedRecordStore:
    """`wardwatch.ports.RecordStore` on DuckDB and Parquet. One process owns the folder; its threads share the store."""

    def __init__(self, database: Database, sealed: Path, writer: Writer, sealer: Sealer) -> None:
        self._database = database
        self._writer = writer
        self._events = EventReader(database, sealed)
        self._samples = SampleReader(database, sealed)
        self._ledger = LedgerBooks(database)
        self._rejected = RejectedReader(database, sealed)
        self._sealer = sealer
        self._sealed_folder = sealed

    @classmethod
    def open(
        cls, folder: Path, clock: Clock, settings: RecordSettings, steps: FileSteps = DURABLE
    ) -> "EmbeddedRecordStore":
        """Opens or makes the store, and finishes what a crash interrupted."""
        sealed = folder / SEALED_FOLDER
        try:
            sealed.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreFault(
                f"the record store {folder} cannot be made: {error.strerror}", "check its owner and its disk"
            ) from None
        forget_kept(folder)
        database = Database(folder / HOT_FILE, settings)
        try:
            sealer = Sealer(database, sealed, settings, steps)
            sealer.sweep()
            writer = Writer(database, sealed, clock)
        except BaseException:
            database.close()
            raise
        return cls(database, sealed, writer, sealer)

    def append(self, actor: Actor, batch: Batch) -> AppendResult:
        """Records are written by parts of the system on behalf of an edge; the batch names it, so that no audit entry
        a batch is made."""
        return self._writer.append(batch)

    def committed(self, edge: str, epoch: str) -> int:
        return self._writer.committed(edge, epoch)

    def progress(self, source: str) -> SourceProgress | None:
        return self._writer.progress(source)

    def sources(self) -> Sequence[SourceProgress]:
        return self._writer.sources()

    def events(self, scope: Scope, query: EventQuery) -> EventPage:
        return self._events.events(scope, query)

    def event(self, scope: Scope, position: Position) -> StoredEvent | None:
        return self._events.event(scope, position)

    def count(self, scope: Scope, query: EventQuery, by: str) -> dict[str, int]:
        return self._events.count(scope, query, by)

    def series(self, scope: Scope, query: SeriesQuery) -> Series:
        return self._samples.series(scope, query)

    def latest(self, scope: Scope, query: LatestQuery) -> Sequence[LatestRow]:
        return self._samples.latest(scope, query)

    def totals(self, scope: Scope, query: TotalsQuery) -> Sequence[Total]:
        return self._samples.totals(scope, query)

    def ledger(self, scope: Scope, first_day: date, last_day: date) -> Ledger:
        return self._ledger.read(first_day, last_day) if scope.units is None else Ledger()

    def rejected(self, scope: Scope, query: RejectedQuery) -> RejectedPage:
        return self._rejected.lines(query) if scope.units is None else RejectedPage()

    def rejected_line(self, scope: Scope, position: Position) -> RejectedLine | None:
        return self._rejected.line(position) if scope.units is None else None

    def seal(self, now: datetime) -> int:
        return self._sealer.seal(now)

    def retain(self, now: datetime) -> int:
        return self._sealer.retain(now)

    def snapshot(self) -> EmbeddedSnapshot:
        return EmbeddedSnapshot(self._database, self._sealed_folder.parent, HOT_FILE, SEALED_FOLDER)

    def troubles(self) -> dict[str, int]:
        """A file of our own has none that it gets over."""
        return {}

    def close(self) -> None:
        self._database.close()
