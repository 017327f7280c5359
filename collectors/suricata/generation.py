"""One generation of a file: its content from its first line until it is replaced, whatever name or inode it has."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from collectors.suricata.ecs import MAX_LINE_BYTES
from collectors.suricata.known import ANCHOR_BYTES, anchor_of, fingerprint_of, head_of
from wardwatch.model.records import Position, SourceProgress

Identity = tuple[int, int]
_CHECKED_BYTES = 4096
_PAGE_BYTES = 64 * 1024


class Line(NamedTuple):
    """A line without its end, at its position. A line above 1 MiB may come cut, still above 1 MiB."""

    position: Position
    data: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of one source in order, the progress that holds once they are durable, and what was lost before them."""

    lines: tuple[Line, ...] = ()
    progress: tuple[SourceProgress, ...] = ()
    drops: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much is read at once; `bytes` must hold more than the longest line that is mapped."""

    lines: int = 4000
    bytes: int = 4 * MAX_LINE_BYTES


DEFAULT_LIMITS = ReadLimits()


@dataclass(frozen=True, slots=True)
class Head:
    """Where a file's first line begins (behind a hole, if its writer went on at its old offset after a cut), and the
    hash it is known by."""

    start: int
    hash: str


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


def identity(descriptor: int) -> Identity:
    """Device and inode: what tells two files apart while both are there."""
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def head_at(descriptor: int) -> Head | None:
    """The first line (the first MiB of a longer one), what a file is known by; None while it is not complete."""
    start = 0
    while (page := os.pread(descriptor, _PAGE_BYTES, start)) and not page.strip(b"\0"):
        start += len(page)
    start += len(page) - len(page.lstrip(b"\0"))
    line = os.pread(descriptor, _PAGE_BYTES, start)
    if b"\n" not in line:
        line = os.pread(descriptor, MAX_LINE_BYTES, start)
    end = line.find(b"\n")
    if end < 0 and len(line) < MAX_LINE_BYTES:
        return None
    return Head(start, head_of(line[: end + 1] if end >= 0 else line))


def anchor_at(descriptor: int, offset: int) -> str:
    """The anchor of a file at an offset."""
    length = min(offset, ANCHOR_BYTES)
    return anchor_of(os.pread(descriptor, length, offset - length))


def line_start_before(descriptor: int, offset: int) -> int:
    """Where the line begins that `offset` stands in; the offset itself where one begins there."""
    while offset > 0:
        length = min(offset, _PAGE_BYTES)
        found = os.pread(descriptor, length, offset - length).rfind(b"\n")
        if found >= 0:
            return offset - length + found + 1
        offset -= length
    return 0


class Generation:
    """An open file with the offset up to which it was handed on. Takes the descriptor over."""

    def __init__(self, descriptor: int, head: Head, source: str, offset: int, limits: ReadLimits) -> None:
        self.head = head
        self.source = source
        self.offset = offset
        self.seen_size = 0
        self._descriptor = descriptor
        self._check = os.pread(descriptor, _CHECKED_BYTES, head.start)
        self._limits = limits
        self._searched = offset
        self.look()

    def look(self) -> int:
        """The size now; the largest one seen of this content stays known, for when the file is cut."""
        size = os.fstat(self._descriptor).st_size
        if size > self.seen_size and self._begins_as_it_did():
            self.seen_size = size
        return size

    def progress(self, path: Path) -> SourceProgress:
        anchor = anchor_at(self._descriptor, self.offset)
        return SourceProgress(self.source, self.offset, str(path), fingerprint_of(self.head.hash, anchor))

    def intact(self) -> bool:
        """Whether this is still the file that was met: not shrunk, and it begins as it did."""
        return self.look() >= self.seen_size and self._begins_as_it_did()

    def read(self) -> list[Line]:
        """The next complete lines; none when there is none yet."""
        data = os.pread(self._descriptor, self._limits.bytes, self.offset)
        end = data.rfind(b"\n")
        if end < 0:
            return self._read_endless(data) if len(data) == self._limits.bytes else []
        parts = data[:end].split(b"\n", self._limits.lines)[: self._limits.lines]
        lines = []
        for part in parts:
            lines.append(Line(Position(self.source, self.offset), part.removesuffix(b"\r")))
            self.offset += len(part) + 1
        return lines

    def read_rest(self) -> list[Line]:
        """What stands after the last line end of a file that nobody writes any more."""
        rest = os.pread(self._descriptor, MAX_LINE_BYTES + 1, self.offset)
        if not rest:
            return []
        line = Line(Position(self.source, self.offset), rest)
        self.offset = max(self.look(), self.offset + len(rest))
        return [line]

    def close(self) -> None:
        os.close(self._descriptor)

    def _begins_as_it_did(self) -> bool:
        return os.pread(self._descriptor, len(self._check), self.head.start) == self._check

    def _read_endless(self, data: bytes) -> list[Line]:
        """A line longer than a whole read: its beginning is handed on once its end was found."""
        self._searched = max(self._searched, self.offset + len(data))
        while piece := os.pread(self._descriptor, self._limits.bytes, self._searched):
            end = piece.find(b"\n")
            if end >= 0:
                line = Line(Position(self.source, self.offset), data[: MAX_LINE_BYTES + 1])
                self.offset = self._searched + end + 1
                return [line]
            self._searched += len(piece)
        return []
