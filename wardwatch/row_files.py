"""Files of rows: one JSON value a line, packed with zstd. What a backup keeps tables and documents in."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from wardwatch.errors import StoreFault

SUFFIX = ".ndjson.zst"
_READ_BYTES = 1024 * 1024
LONGEST_LINE = 256 * 1024 * 1024
"""A line longer than this is no row of ours."""


class RowFile:
    """Writes lines; durable when the block ends without an error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("xb")
        self._packed: Any = pa.CompressedOutputStream(pa.PythonFile(self._file, mode="w"), "zstd")
        self._waiting: list[bytes] = []
        self._size = 0
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def add(self, row: bytes) -> None:
        """A row as JSON without line breaks."""
        self._waiting.append(row)
        self._size += len(row)
        self.rows += 1
        if self._size >= _READ_BYTES:
            self._flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
                self._packed.close()
        finally:
            # A closed pyarrow file closes what it wraps, so the file is opened once more to be synced.
            self._file.close()
        if kind is None:
            with self._path.open("rb") as written:
                os.fsync(written.fileno())

    def _flush(self) -> None:
        if self._waiting:
            self._packed.write(b"\n".join(self._waiting) + b"\n")
        self._waiting, self._size = [], 0


def read_rows(path: Path) -> Iterator[bytes]:
    """The lines of a file. Raises `StoreFault` for one that is cut off or something else."""
    try:
        with path.open("rb") as file, pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as rows:
            rest = b""
            while chunk := rows.read(_READ_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from lines
                if len(rest) > LONGEST_LINE:
                    break
            if rest:
                raise StoreFault(f"{path} is cut off", "take another backup")
    except (OSError, pa.ArrowException) as error:
        raise StoreFault(f"{path} cannot be unpacked: {error}", "take another backup") from None
