"""How the record store keeps its records."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """Ages count from the admission of a record, not from its own clock: an import of last year's file is kept as
    long as today's traffic, and a sensor whose clock is wrong neither loses its records nor keeps them for ever.

    `hot` is how long finished hours stay in the hot table before they are sealed; `wal_bytes` how large the
    write-ahead log grows before DuckDB folds it into the table file.
    """

    hot: timedelta = timedelta(hours=1)
    keep_events: timedelta = timedelta(days=400)
    keep_samples: timedelta = timedelta(days=400)
    keep_rejected: timedelta = timedelta(days=90)
    memory_bytes: int = 1024 * 1024 * 1024
    threads: int = 2
    wal_bytes: int = 128 * 1024 * 1024
    files_per_seal: int = 32


DEFAULTS = RecordSettings()
