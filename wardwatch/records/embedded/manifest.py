"""The manifest: which sealed files there are, and which of them a question needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wardwatch.model.time import TimeRange
from wardwatch.records.embedded.database import Cursor


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One Parquet file of the sealed folder; `first_at` and `last_at` are of its rows, both inclusive."""

    file: str
    first_at: datetime
    last_at: datetime


def files_of(cursor: Cursor, table: str, time: TimeRange) -> list[SealedFile]:
    """The files of a table that may hold rows of a time range, newest first."""
    rows = cursor.execute(
        "SELECT file, first_at, last_at FROM manifest"
        " WHERE table_name = ? AND NOT leaving AND last_at >= ? AND first_at < ? ORDER BY last_at DESC, file",
        [table, naive(time.start), naive(time.end)],
    ).fetchall()
    return [SealedFile(file, aware(first), aware(last)) for file, first, last in rows]


def files_with_offsets(cursor: Cursor, table: str, source: str, first: int, last: int) -> list[str]:
    """The files of a table that may hold a source's records of an offset range (both ends inclusive)."""
    rows = cursor.execute(
        "SELECT DISTINCT file FROM sealed_source JOIN manifest USING (file)"
        " WHERE table_name = ? AND NOT leaving AND source = ? AND last_offset >= ? AND first_offset <= ?",
        [table, source, first, last],
    ).fetchall()
    return [file for (file,) in rows]


def newest_groups(files: Sequence[SealedFile]) -> Iterator[tuple[Sequence[SealedFile], datetime | None]]:
    """Files, newest first, in groups of 1, 2, 4 ..., each with the newest time among those not yet given."""
    start, size = 0, 1
    while True:
        group = files[start : start + size]
        start, size = start + size, size * 2
        yield group, files[start].last_at if start < len(files) else None
        if start >= len(files):
            return


def naive(at: datetime) -> datetime:
    """UTC without its zone: DuckDB's TIMESTAMP."""
    return at.astimezone(UTC).replace(tzinfo=None)


def aware(at: datetime) -> datetime:
    """A TIMESTAMP of DuckDB as UTC."""
    return at.replace(tzinfo=UTC)
