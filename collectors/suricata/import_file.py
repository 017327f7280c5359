"""Imports a finished EVE file: its content hash is the source, so a second import stores nothing."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from collectors.suricata.ecs import MAX_LINE_BYTES
from collectors.suricata.generation import Line
from collectors.suricata.mapper import EveMapper
from wardwatch.errors import UserError
from wardwatch.model.records import DEFAULT_NAMESPACE, AppendResult, Batch, Position

_BATCH_LINES = 2000
_BATCH_BYTES = 8 * MAX_LINE_BYTES


_GZIP = b"\x1f\x8b"

Append = Callable[[Batch], AppendResult]
"""Makes a batch durable, in an open store or a running instance, and numbers it."""

Refusal = Callable[[int, str], None]
"""Hears of a refused line: its number, from 1, and the reason."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """`read` is the sum of the other three; `seconds` the wall time."""

    read: int
    stored: int
    duplicates: int
    rejected: int
    seconds: float


def read_lines(file: BinaryIO, source: str) -> Iterator[Line]:
    """The lines of a file at their offsets; a line above 1 MiB comes cut, still above 1 MiB."""
    offset = 0
    while data := file.readline(MAX_LINE_BYTES + 2):
        line = Line(Position(source, offset), data.removesuffix(b"\n").removesuffix(b"\r"))
        offset += len(data)
        while data and not data.endswith(b"\n"):
            data = file.readline(MAX_LINE_BYTES)
            offset += len(data)
        yield line


def open_eve(path: Path) -> BufferedReader:
    """An EVE file to read. Raises `UserError` when it is missing, a folder, unreadable or compressed."""
    try:
        file = path.open("rb")
        compressed = file.peek(len(_GZIP)).startswith(_GZIP)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise UserError(f"{path}: is a folder", "name the file in it, for example eve.json") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    if compressed:
        file.close()
        raise UserError(f"{path}: is compressed by gzip", f"unpack it first: gunzip --keep {path}")
    return file


def import_file(
    path: Path,
    mapper: EveMapper,
    append: Append,
    namespace: str = DEFAULT_NAMESPACE,
    refusal: Refusal = lambda number, reason: None,
    timer: Callable[[], float] = time.monotonic,
) -> ImportCounts:
    """Stores every line of the file once. Raises `UserError` when the file cannot be read."""
    started = timer()
    with open_eve(path) as file:
        if not file.seekable():
            raise UserError(f"{path}: is no file that can be read twice", "save it to a file first")
        source = f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        file.seek(0)
        read, stored, rejected = _import_lines(file, source, mapper, append, namespace, refusal)
    return ImportCounts(read, stored, read - stored - rejected, rejected, round(timer() - started, 3))


def _import_lines(
    file: BinaryIO, source: str, mapper: EveMapper, append: Append, namespace: str, refusal: Refusal
) -> tuple[int, int, int]:
    """Lines read, events stored and lines refused."""
    read = stored = refused = 0
    for lines in _batches(read_lines(file, source)):
        events, rejected = mapper.map(lines)
        told = {source: len(lines)}
        result = append(Batch("", "", 0, namespace, events=tuple(events), rejected=tuple(rejected), read=told))
        if rejected:
            numbers = {line.position.offset: number for number, line in enumerate(lines, start=read + 1)}
            for each in rejected:
                refusal(numbers[each.position.offset], each.reason)
        read += len(lines)
        stored += result.stored_events
        # The store counts a refused line once; it is refused again each time the file is read.
        refused += max(len(rejected), result.rejected)
    return read, stored, refused


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.data)
        if len(batch) >= _BATCH_LINES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
