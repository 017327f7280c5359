"""The record tables: columns, order of sealed rows, and which ECS keys are columns of their own."""

from dataclasses import dataclass

from wardwatch.model.measurements import MEASUREMENTS, Measurement
from wardwatch.model.records import EVENT_KEYS
from wardwatch.records.embedded.arrow import Column

TIME = "at_time"

PROMOTED: dict[str, str] = dict(
    zip(
        EVENT_KEYS,
        (
            "kind",
            "severity",
            "action",
            "source_ip",
            "destination_ip",
            "destination_port",
            "protocol",
            "rule_id",
            "rule_name",
        ),
        strict=True,
    )
)
"""The keys that every event carries beside its document, and their columns. All are text; a document that has a list
there keeps it whole, the column its first value."""

FIELDS: dict[str, str] = {"event.dataset": "dataset", **PROMOTED}
"""Every single-valued ECS key that is answered from a column instead of the document."""


@dataclass(frozen=True, slots=True)
class RecordTable:
    """A table of immutable records. `order` is how sealed rows are sorted, so that like stands beside like."""

    name: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    has_positions: bool = False

    @property
    def quoted_columns(self) -> str:
        return ", ".join(quoted(column.name) for column in self.columns)

    def ddl(self) -> str:
        """The statement that makes the hot table."""
        columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in self.columns)
        return f"CREATE TABLE IF NOT EXISTS {quoted(self.name)} ({columns})"


def quoted(name: str) -> str:
    """A name of ours as SQL takes it (`offset` and `index` are SQL's own words)."""
    return '"' + name.replace('"', '""') + '"'


def _columns(*pairs: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in pairs)


EVENT = RecordTable(
    "event",
    _columns(
        ("source", "VARCHAR"),
        ("offset", "BIGINT"),
        (TIME, "TIMESTAMP"),
        ("ingested", "TIMESTAMP"),
        ("namespace", "VARCHAR"),
        ("dataset", "VARCHAR"),
        ("alert", "BOOLEAN"),
        ("units", "VARCHAR[]"),
        *((column, "VARCHAR") for column in PROMOTED.values()),
        ("searchable", "VARCHAR"),
        ("document", "VARCHAR"),
        ("original", "VARCHAR"),
    ),
    ("dataset", TIME),
    has_positions=True,
)

REJECTED = RecordTable(
    "rejected",
    _columns(
        ("source", "VARCHAR"),
        ("offset", "BIGINT"),
        (TIME, "TIMESTAMP"),
        ("namespace", "VARCHAR"),
        ("reason", "VARCHAR"),
        ("original", "VARCHAR"),
    ),
    ("source", "offset"),
    has_positions=True,
)

OUTCOME = RecordTable(
    "outcome",
    _columns(
        ("namespace", "VARCHAR"),
        ("device", "VARCHAR"),
        ("unit", "VARCHAR"),
        (TIME, "TIMESTAMP"),
        ("outcome", "VARCHAR"),
        ("duration_ms", "DOUBLE"),
        ("varbinds", "BIGINT"),
        ("detail", "VARCHAR"),
    ),
    ("device", TIME),
)


def sample_table(measurement: Measurement) -> RecordTable:
    """The table of one measurement: keys, then its values as doubles."""
    return RecordTable(
        f"sample_{measurement.name}",
        _columns(
            ("namespace", "VARCHAR"),
            ("device", "VARCHAR"),
            ("unit", "VARCHAR"),
            ("index", "VARCHAR"),
            (TIME, "TIMESTAMP"),
            *((name, "DOUBLE") for name in measurement.columns),
        ),
        ("device", "index", TIME),
    )


SAMPLES: dict[str, RecordTable] = {name: sample_table(measurement) for name, measurement in MEASUREMENTS.items()}

TABLES: tuple[RecordTable, ...] = (EVENT, REJECTED, OUTCOME, *SAMPLES.values())

BOOKS = """
CREATE SEQUENCE IF NOT EXISTS sealed_number;
CREATE TABLE IF NOT EXISTS source (
    source VARCHAR PRIMARY KEY, progress BIGINT, path VARCHAR, fingerprint VARCHAR, reached BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS edge (
    edge VARCHAR, epoch VARCHAR, sequence BIGINT NOT NULL, PRIMARY KEY (edge, epoch));
ALTER TABLE edge ADD COLUMN IF NOT EXISTS answer VARCHAR;
CREATE TABLE IF NOT EXISTS ledger (
    day DATE, edge VARCHAR, source VARCHAR, read BIGINT NOT NULL, untold BIGINT NOT NULL, stored BIGINT NOT NULL,
    duplicates BIGINT NOT NULL, rejected BIGINT NOT NULL, PRIMARY KEY (day, edge, source));
CREATE TABLE IF NOT EXISTS ledger_drop (
    day DATE, edge VARCHAR, reason VARCHAR, count BIGINT NOT NULL, PRIMARY KEY (day, edge, reason));
CREATE TABLE IF NOT EXISTS manifest (
    file VARCHAR, table_name VARCHAR, first_at TIMESTAMP, last_at TIMESTAMP, row_count BIGINT, bytes BIGINT,
    sealed_at TIMESTAMP, leaving BOOLEAN);
CREATE TABLE IF NOT EXISTS sealed_source (
    file VARCHAR, source VARCHAR, first_offset BIGINT, last_offset BIGINT);
"""
"""What moves in the transaction of the records: progress of sources, sequences of edges, the
ledger and the manifest.

`source.reached` is the highest offset stored of a source: a record beyond it is new without a look-up."""
