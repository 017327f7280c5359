"""The Elasticsearch record store, put together."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from elasticsearch import Elasticsearch

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
from wardwatch.ports import ShippingBooks
from wardwatch.records.elastic.bulk import Bulk
from wardwatch.records.elastic.client import connected, faults
from wardwatch.records.elastic.events import EventReader
from wardwatch.records.elastic.indices import Indices
from wardwatch.records.elastic.keeper import Keeper
from wardwatch.records.elastic.newest import NewestRows
from wardwatch.records.elastic.rejected import RejectedReader
from wardwatch.records.elastic.samples import SampleReader
from wardwatch.records.elastic.settings import ElasticSettings
from wardwatch.records.elastic.snapshot import ElasticSnapshot
from wardwatch.records.elastic.visibility import Visibility
from wardwatch.records.elastic.writer import Writer


class ElasticRecordStore:
    """`wardwatch.ports.RecordStore` on Elasticsearch, with its books in the state store. One process writes."""

    def __init__(self, client: Elasticsearch, settings: ElasticSettings, books: ShippingBooks, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        visibility = Visibility(client, settings)
        indices = Indices(client, settings)
        self._bulk = Bulk(client, indices, settings.bulk_bytes, settings.patience_s)
        self._indices = indices
        newest = NewestRows()
        self._writer = Writer(books, self._bulk, indices, clock, visibility.wrote, newest)
        self._events = EventReader(client, settings.prefix, visibility)
        self._samples = SampleReader(client, settings.prefix, visibility, newest)
        self._rejected = RejectedReader(client, settings.prefix, visibility, books.sources)
        self._books = books
        self._keeper = Keeper(indices, books)

    @classmethod
    def open(cls, settings: ElasticSettings, books: ShippingBooks, clock: Clock) -> "ElasticRecordStore":
        """Asks the nodes for their health; raises `UserError` or `StoreFault` where they cannot be used."""
        client = connected(settings)
        try:
            with faults("opening"):
                client.cluster.health()
        except BaseException:
            client.close()
            raise
        return cls(client, settings, books, clock)

    def append(self, actor: Actor, batch: Batch) -> AppendResult:
        return self._writer.append(actor, batch)

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
        return self._books.ledger(first_day, last_day) if scope.units is None else Ledger()

    def rejected(self, scope: Scope, query: RejectedQuery) -> RejectedPage:
        return self._rejected.lines(query) if scope.units is None else RejectedPage()

    def rejected_line(self, scope: Scope, position: Position) -> RejectedLine | None:
        return self._rejected.line(position) if scope.units is None else None

    def seal(self, now: datetime) -> int:
        """Nothing is sealed here: the server merges its own segments."""
        return 0

    def retain(self, now: datetime) -> int:
        return self._keeper.retain(now.astimezone(UTC).date())

    def snapshot(self) -> ElasticSnapshot:
        return ElasticSnapshot(self._client, self._settings)

    def troubles(self) -> dict[str, int]:
        """What writing met since the start: bulk requests sent again, and indices that somebody deleted."""
        return {"bulk_retries": self._bulk.retries, "indices_made_again": self._indices.made_again}

    def close(self) -> None:
        self._bulk.close()
        self._client.close()
