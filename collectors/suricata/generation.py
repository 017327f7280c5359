"""One generation of a file: its content from its first line until it is replaced, whatever name or inode it has."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from collectors.suricata.ecs import MAX_LINE_BYTES
from wardwatch.model.records import Position, SourceProgress


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end, at its position. A line above 1 MiB may come cut, still above 1 MiB."""

    position: Position
    data: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines in order, and the progress that holds once they are durable."""

    lines: tuple[Line, ...]
    progress: SourceProgress


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much is read at once; `bytes` must hold more than the longest line that is mapped."""

    lines: int = 2000
    bytes: int = 4 * MAX_LINE_BYTES


DEFAULT_LIMITS = ReadLimits()


def open_regular(path: Path) -> int | None:
    """A descriptor of a regular file; None when there is none. Raises `OSError` when it may not be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def identity(descriptor: int) -> tuple[int, int]:
    """Device and inode: what tells two open files apart while both are open."""
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def first_line(descriptor: int) -> bytes | None:
    """The first line (the first MiB of a longer one), what a file is known by; None while it is not complete."""
    head = os.pread(descriptor, 64 * 1024, 0)
    if b"\n" not in head:
        head = os.pread(descriptor, MAX_LINE_BYTES, 0)
    end = head.find(b"\n")
    if end >= 0:
        return head[: end + 1]
    return head if len(head) == MAX_LINE_BYTES else None


def fingerprint_of(line: bytes) -> str:
    """SHA-256 of the first line."""
    return hashlib.sha256(line).hexdigest()


class Generation:
    """An open file with the offset up to which it was handed on. Takes the descriptor over."""

    def __init__(self, descriptor: int, path: Path, head: bytes, source: str, offset: int, limits: ReadLimits) -> None:
        self.descriptor = descriptor
        self.source = source
        self.offset = offset
        self.identity = identity(descriptor)
        self.fingerprint = fingerprint_of(head)
        self._path = path
        self._head = head
        self._limits = limits
        self._searched = offset

    @property
    def size(self) -> int:
        return os.fstat(self.descriptor).st_size

    @property
    def modified_ns(self) -> int:
        return os.fstat(self.descriptor).st_mtime_ns

    @property
    def progress(self) -> SourceProgress:
        return SourceProgress(self.source, self.offset, str(self._path), self.fingerprint)

    def intact(self) -> bool:
        """Whether this is still the file that was met: not shrunk, and it begins as it did."""
        return self.size >= self.offset and os.pread(self.descriptor, len(self._head), 0) == self._head

    def read(self) -> Chunk | None:
        """The next complete lines; None when there is none yet."""
        data = os.pread(self.descriptor, self._limits.bytes, self.offset)
        end = data.rfind(b"\n")
        if end < 0:
            return self._read_endless(data) if len(data) == self._limits.bytes else None
        parts = data[:end].split(b"\n", self._limits.lines)[: self._limits.lines]
        lines = []
        for part in parts:
            lines.append(Line(Position(self.source, self.offset), part.removesuffix(b"\r")))
            self.offset += len(part) + 1
        return Chunk(tuple(lines), self.progress)

    def read_rest(self) -> Chunk | None:
        """What stands after the last line end of a file that nobody writes any more."""
        rest = os.pread(self.descriptor, MAX_LINE_BYTES + 1, self.offset)
        if not rest:
            return None
        line = Line(Position(self.source, self.offset), rest)
        self.offset = max(self.size, self.offset + len(rest))
        return Chunk((line,), self.progress)

    def close(self) -> None:
        os.close(self.descriptor)

    def _read_endless(self, data: bytes) -> Chunk | None:
        """A line longer than a whole read: its beginning is handed on once its end was found."""
        self._searched = max(self._searched, self.offset + len(data))
        while piece := os.pread(self.descriptor, self._limits.bytes, self._searched):
            end = piece.find(b"\n")
            if end >= 0:
                line = Line(Position(self.source, self.offset), data[: MAX_LINE_BYTES + 1])
                self.offset = self._searched + end + 1
                return Chunk((line,), self.progress)
            self._searched += len(piece)
        return None
