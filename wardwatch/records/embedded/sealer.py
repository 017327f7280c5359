"""Seals hot records into Parquet files, and lets old files go.

COPY is not transactional, so a file is written aside, synced, renamed, and its folder synced, all before the one
transaction that lists it in the manifest and deletes its rows from the hot table commits. A crash at any point leaves
the rows in exactly one place: an orphan file (at most one, since one file is sealed at a time) is swept at start.
"""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wardwatch.errors import StoreFault
from wardwatch.records.embedded.database import Cursor, Database
from wardwatch.records.embedded.ledger import forget_days
from wardwatch.records.embedded.manifest import naive
from wardwatch.records.embedded.tables import EVENT, REJECTED, TABLES, TIME, RecordTable, quoted
from wardwatch.records.settings import RecordSettings

log = logging.getLogger(__name__)

_HOUR = timedelta(hours=1)


def sync(path: Path) -> None:
    """Makes a file, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class FileSteps:
    """The steps between the written file and the commit."""

    sync_file: Callable[[Path], None] = sync
    rename: Callable[[Path, Path], object] = Path.rename
    sync_folder: Callable[[Path], None] = sync


DURABLE = FileSteps()


class Sealer:
    """Moves rows from the hot tables into files. Appends and reads go on meanwhile: each seal works on a snapshot."""

    def __init__(self, database: Database, sealed: Path, settings: RecordSettings, steps: FileSteps = DURABLE) -> None:
        self._database = database
        self._sealed = sealed
        self._settings = settings
        self._steps = steps
        self._turn = threading.Lock()

    def sweep(self) -> None:
        """Finishes what a crash interrupted: unlinks files on their way out and the orphan of a broken seal.

        Raises `StoreFault` when more files are unknown than a crash can leave: then the manifest is older than they
        are (a restored or lost `hot.duckdb`), and unlinking them would lose records.
        """
        self._sealed.mkdir(parents=True, exist_ok=True)
        self._finish_leaving()
        for aside in self._sealed.glob("*.aside"):
            aside.unlink()
        listed = self._listed()
        found = {path.name for path in self._sealed.glob("*.parquet")}
        for missing in sorted(listed - found):
            log.error("sealed file is missing file=%s", self._sealed / missing)
        orphans = found - listed
        if len(orphans) > 1:
            raise StoreFault(
                f"{len(orphans)} files in {self._sealed} are unknown to the manifest in hot.duckdb",
                "hot.duckdb is older than they are: restore it together with this folder from one backup",
            )
        for orphan in orphans:
            log.warning("orphan of an interrupted seal removed file=%s", orphan)
            (self._sealed / orphan).unlink()

    def seal(self, now: datetime) -> int:
        """Seals whole hours older than `hot`; returns how many rows moved.

        Rows of the future (a device with a wrong clock) are sealed too: otherwise they would stay hot for ever.
        """
        hour = now.replace(minute=0, second=0, microsecond=0)
        past, future = hour - self._settings.hot, hour + 2 * _HOUR
        with self._turn:
            return sum(self._seal_table(table, past, future, now) for table in TABLES)

    def retain(self, now: datetime) -> int:
        """Lets files go that were sealed longer ago than their kind is kept, and the ledger's days with the oldest of
        them; returns how many files."""
        with self._turn:
            with self._database.transaction("retiring files of") as cursor:
                for table in TABLES:
                    cursor.execute(
                        "UPDATE manifest SET leaving = true WHERE table_name = ? AND sealed_at < ? AND NOT leaving",
                        [table.name, naive(now - self._keep(table))],
                    )
                forget_days(cursor, (now - max(map(self._keep, TABLES))).astimezone(UTC).date())
            return self._finish_leaving()

    def _keep(self, table: RecordTable) -> timedelta:
        if table is EVENT:
            return self._settings.keep_events
        return self._settings.keep_rejected if table is REJECTED else self._settings.keep_samples

    def _seal_table(self, table: RecordTable, past: datetime, future: datetime, now: datetime) -> int:
        days = self._database.read("sealing", lambda cursor: _days(cursor, table, past, future))
        moved = 0
        for first, last in cut_days(days, self._settings.files_per_seal):
            condition = f"({TIME} < ? OR {TIME} >= ?) AND {TIME} >= ? AND {TIME} < ?"
            bounds = [naive(past), naive(future), first, last + timedelta(days=1)]
            moved += self._seal_file(table, condition, bounds, now)
        return moved

    def _seal_file(self, table: RecordTable, condition: str, bounds: Sequence[object], now: datetime) -> int:
        with self._database.transaction("sealing") as cursor:
            name = _next_name(cursor, table, now)
            aside, path = self._sealed / f"{name}.aside", self._sealed / name
            self._write(cursor, table, condition, bounds, aside)
            self._steps.sync_file(aside)
            size = aside.stat().st_size
            self._steps.rename(aside, path)
            self._steps.sync_folder(self._sealed)
            moved = _list(cursor, table, condition, bounds, name, size, now)
            cursor.execute(f"DELETE FROM {quoted(table.name)} WHERE {condition}", list(bounds))
        log.info("records sealed table=%s rows=%d bytes=%d file=%s", table.name, moved, size, name)
        return moved

    def _write(self, cursor: Cursor, table: RecordTable, condition: str, bounds: Sequence[object], aside: Path) -> None:
        order = ", ".join(quoted(column) for column in table.order)
        target = str(aside).replace("'", "''")
        try:
            cursor.execute(
                f"COPY (SELECT {table.quoted_columns} FROM {quoted(table.name)} WHERE {condition} ORDER BY {order})"
                f" TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 9)",
                list(bounds),
            )
        except BaseException:
            aside.unlink(missing_ok=True)
            raise

    def _listed(self) -> set[str]:
        rows = self._database.read("opening", lambda cursor: cursor.execute("SELECT file FROM manifest").fetchall())
        return {file for (file,) in rows}

    def _finish_leaving(self) -> int:
        def ask(cursor: Cursor) -> list[Any]:
            return cursor.execute("SELECT file FROM manifest WHERE leaving").fetchall()

        files = [file for (file,) in self._database.read("retiring files of", ask)]
        if not files:
            return 0
        for file in files:
            (self._sealed / file).unlink(missing_ok=True)
        self._steps.sync_folder(self._sealed)
        with self._database.transaction("retiring files of") as cursor:
            cursor.execute("DELETE FROM sealed_source WHERE list_contains(?, file)", [files])
            cursor.execute("DELETE FROM manifest WHERE leaving")
        log.info("sealed files retired files=%d", len(files))
        return len(files)


def cut_days(days: Sequence[datetime], files: int) -> list[tuple[datetime, datetime]]:
    """Cuts sorted days into at most so many ranges (first and last day): usually a day each, so that a question about
    a day opens little; hostile clocks, whose rows spread over a century, still make few files."""
    width = max(1, -(-len(days) // files))
    return [(days[start], days[min(start + width, len(days)) - 1]) for start in range(0, len(days), width)]


def _days(cursor: Cursor, table: RecordTable, past: datetime, future: datetime) -> list[datetime]:
    rows = cursor.execute(
        f"SELECT DISTINCT CAST(date_trunc('day', {TIME}) AS TIMESTAMP) AS day FROM {quoted(table.name)}"
        f" WHERE {TIME} < ? OR {TIME} >= ? ORDER BY day",
        [naive(past), naive(future)],
    ).fetchall()
    return [day for (day,) in rows]


def _next_name(cursor: Cursor, table: RecordTable, now: datetime) -> str:
    """A name that no file has or had: tables, the instant of sealing, and a running number."""
    row = cursor.execute("SELECT nextval('sealed_number')").fetchone()
    number = row[0] if row else 0
    return f"{table.name}-{naive(now):%Y%m%dT%H%M%S}-{number:08d}.parquet"


def _list(
    cursor: Cursor, table: RecordTable, condition: str, bounds: Sequence[object], name: str, size: int, now: datetime
) -> int:
    """Lists a file in the manifest; returns its rows."""
    cursor.execute(
        f"INSERT INTO manifest SELECT ?, ?, min({TIME}), max({TIME}), count(*), ?, ?, false"
        f" FROM {quoted(table.name)} WHERE {condition}",
        [name, table.name, size, naive(now), *bounds],
    )
    if table.has_positions:
        cursor.execute(
            'INSERT INTO sealed_source SELECT ?, source, min("offset"), max("offset")'
            f" FROM {quoted(table.name)} WHERE {condition} GROUP BY source",
            [name, *bounds],
        )
    row = cursor.execute("SELECT row_count FROM manifest WHERE file = ?", [name]).fetchone()
    return int(row[0]) if row else 0
