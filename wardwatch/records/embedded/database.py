"""The DuckDB file: opening it, transactions, and DuckDB's errors in the store's own words."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb

from wardwatch.errors import StoreFault
from wardwatch.records.embedded.tables import BOOKS, TABLES, quoted
from wardwatch.records.settings import RecordSettings

log = logging.getLogger(__name__)

T = TypeVar("T")
Cursor = duckdb.DuckDBPyConnection

_VANISHED = "No files found that match"
_READ_TRIES = 4
_NAME = "records"
_ROW_GROUP = 30_720
"""Rows that DuckDB compresses at once. A checkpoint writes the last, unfinished group again: with DuckDB's own size
(four times this) that work is more than all the rest of appending."""


class Database:
    """One open DuckDB file. A cursor belongs to one call of one thread; readers see a snapshot of their own."""

    def __init__(self, path: Path, settings: RecordSettings) -> None:
        self._path = path
        self._settings = settings
        self._lock = threading.Lock()
        self._closed = False
        self._connection = self._connect()

    @contextmanager
    def transaction(self, doing: str) -> Iterator[Cursor]:
        """A transaction that commits at the end of the block and is undone by any error. `doing` is for the fault."""
        with self.faults(doing), self._cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                self._undo(cursor)
                raise

    def read(self, doing: str, question: Callable[[Cursor], T]) -> T:
        """Answers a question on one snapshot; asks again when retention took a file between manifest and reading."""
        tries = 0
        while True:
            tries += 1
            try:
                with self.faults(doing), self._cursor() as cursor:
                    cursor.execute("BEGIN TRANSACTION")
                    try:
                        return question(cursor)
                    finally:
                        self._undo(cursor)
            except StoreFault as fault:
                if _VANISHED not in fault.message or tries == _READ_TRIES:
                    raise

    @property
    def name(self) -> str:
        """What the file is called in statements."""
        return _NAME

    @contextmanager
    def held(self, doing: str) -> Iterator[Cursor]:
        """A cursor on the snapshot of now, for as long as the block."""
        with self.faults(doing), self._cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            # A transaction sees the instant of its first question.
            cursor.execute("SELECT count(*) FROM manifest").fetchone()
            try:
                yield cursor
            finally:
                self._undo(cursor)

    @contextmanager
    def attached(self, cursor: Cursor, path: Path) -> Iterator[str]:
        """The name of an empty file beside this one, to copy into."""
        cursor.execute(f"ATTACH '{_in_quotes(path)}' AS copy (ROW_GROUP_SIZE {_ROW_GROUP})")
        try:
            yield "copy"
        finally:
            self._undo(cursor)
            cursor.execute("DETACH copy")

    def close(self) -> None:
        """Folds the log into the file and lets the lock go."""
        with self.faults("closing"):
            self._closed = True
            self._connection.close()

    @contextmanager
    def _cursor(self) -> Iterator[Cursor]:
        with self._lock:
            cursor = self._connection.cursor()
        try:
            cursor.execute(f"USE {_NAME}")
            yield cursor
        finally:
            cursor.close()

    @staticmethod
    def _undo(cursor: Cursor) -> None:
        try:
            cursor.execute("ROLLBACK")
        except duckdb.Error:
            # A failed COMMIT has rolled back by itself, and a file that DuckDB gave up refuses every statement.
            log.debug("nothing to roll back")

    def _connect(self) -> Cursor:
        with self.faults("opening"):
            connection = duckdb.connect(
                config={
                    "threads": self._settings.threads,
                    "memory_limit": f"{self._settings.memory_bytes}B",
                    "checkpoint_threshold": f"{self._settings.wal_bytes}B",
                    "temp_directory": str(self._path.parent / "spill"),
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                },
            )
            connection.execute(f"ATTACH '{_in_quotes(self._path)}' AS {_NAME} (ROW_GROUP_SIZE {_ROW_GROUP})")
            connection.execute(f"USE {_NAME}")
            connection.execute(BOOKS)
            for table in TABLES:
                connection.execute(table.ddl())
                _add_new_columns(connection, table.name, {column.name: column.type for column in table.columns})
            return connection

    @contextmanager
    def faults(self, doing: str) -> Iterator[None]:
        """DuckDB's errors become `StoreFault`; a file that it gave up is opened again."""
        try:
            yield
        except duckdb.FatalException as error:
            self._reopen()
            raise self._fault(doing, error) from None
        except duckdb.ConnectionException as error:
            # So says a file that an earlier try could not open again; another thread may have done it meanwhile.
            if not self._closed and not self._is_open():
                self._reopen()
            raise self._fault(doing, error) from None
        except duckdb.Error as error:
            raise self._fault(doing, error) from None
        except OSError as error:
            raise StoreFault(
                f"{doing} the record store {self._path.parent} failed: {error}", _hint(str(error))
            ) from None

    def _fault(self, doing: str, error: duckdb.Error) -> StoreFault:
        words = str(error).split("\n\n")[0].strip()
        return StoreFault(f"{doing} the record store {self._path} failed: {words}", _hint(words))

    def _is_open(self) -> bool:
        with self._lock:
            try:
                self._connection.cursor().close()
            except duckdb.ConnectionException:
                return False
            return True

    def _reopen(self) -> None:
        """After a fatal error (a disk that filled up during a checkpoint) DuckDB refuses everything until the file is
        opened again; what was committed is in its log."""
        with self._lock:
            try:
                self._connection.close()
                self._connection = self._connect()
                log.warning("record store opened again path=%s", self._path)
            except (duckdb.Error, StoreFault) as error:
                log.error("record store cannot be opened again path=%s reason=%s", self._path, error)


def _add_new_columns(connection: Cursor, table: str, columns: dict[str, str]) -> None:
    """A newer version may know more columns (a measurement grew); the older rows have none there."""
    known = {
        name
        for (name,) in connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND NOT internal", [table]
        ).fetchall()
    }
    for name, kind in columns.items():
        if name not in known:
            connection.execute(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(name)} {kind}")


def _in_quotes(path: Path) -> str:
    return str(path).replace("'", "''")


def _hint(words: str) -> str:
    if "lock" in words.lower():
        return "another process has it open: stop that one, or ask it through its control socket"
    if "No space" in words or "not enough space" in words.lower() or "File too large" in words:
        return "free space on its disk; nothing that was acknowledged is lost"
    if "not a valid DuckDB" in words or "Corrupt" in words or "checksum" in words:
        return "the file is damaged: restore it from a backup"
    if _VANISHED in words:
        return "a sealed file is gone: restore it from a backup"
    return "see the log and the state of its disk"
