"""A generation that was compressed before it was read to its end (`eve.json.1.gz`)."""

import gzip
import zlib
from pathlib import Path

from collectors.suricata.ecs import MAX_LINE_BYTES
from collectors.suricata.generation import Head, Line, ReadLimits
from collectors.suricata.known import fingerprint_of, head_of
from wardwatch.model.records import Position, SourceProgress

_ISIZE_BYTES = 4
_SMALLEST = 18
_PIECE_BYTES = 1024 * 1024


def packed_head(path: Path) -> Head | None:
    """What the file is known by; None while it holds no whole line. Raises `OSError`, also when it is damaged."""
    try:
        with gzip.open(path) as file:
            line = file.readline(MAX_LINE_BYTES)
    except (EOFError, zlib.error) as error:
        raise OSError(0, f"it is damaged or not complete yet ({error})") from None
    return Head(0, head_of(line)) if line.endswith(b"\n") or len(line) == MAX_LINE_BYTES else None


def packed_size(path: Path) -> int:
    """Its size unpacked, modulo 4 GiB, as its last four bytes say (RFC 1952, ISIZE)."""
    with path.open("rb") as file:
        if path.stat().st_size < _SMALLEST:
            return 0
        file.seek(-_ISIZE_BYTES, 2)
        return int.from_bytes(file.read(_ISIZE_BYTES), "little")


def is_whole(path: Path) -> bool:
    """Whether it can be unpacked to its end; what is just being packed cannot. Reads all of it."""
    try:
        with gzip.open(path) as file:
            while file.read(_PIECE_BYTES):
                pass
    except (OSError, EOFError, zlib.error):
        return False
    return True


class PackedGeneration:
    """Reads on from an offset of what was packed; nobody writes it any more."""

    def __init__(self, path: Path, head: Head, source: str, offset: int, size: int, limits: ReadLimits) -> None:
        self.head = head
        self.source = source
        self.offset = offset
        self.seen_size = size
        self._file = gzip.open(path)  # noqa: SIM115 - read piece by piece, closed by `close`
        self._limits = limits

    def look(self) -> int:
        return self.seen_size

    def progress(self, path: Path) -> SourceProgress:
        """Without an anchor: what comes before is packed."""
        return SourceProgress(self.source, self.offset, str(path), fingerprint_of(self.head.hash, ""))

    def intact(self) -> bool:
        return True

    def read(self) -> list[Line]:
        """The next lines, the last one even without an end. Raises `OSError` when the file is damaged there."""
        lines: list[Line] = []
        size = 0
        try:
            if self._file.tell() != self.offset:
                self._file.seek(self.offset)
            while len(lines) < self._limits.lines and size < self._limits.bytes and (line := self._line()) is not None:
                lines.append(line)
                size += len(line.data)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            if not lines:
                raise OSError(0, f"it is damaged ({error})") from None
        self.seen_size = max(self.seen_size, self.offset)
        return lines

    def read_rest(self) -> list[Line]:
        return []

    def close(self) -> None:
        self._file.close()

    def _line(self) -> Line | None:
        """The next line, and the offset behind it. A line without an end counts only where the file is whole."""
        data = self._file.readline(MAX_LINE_BYTES + 2)
        if not data:
            return None
        length, part = len(data), data
        while not part.endswith(b"\n") and (part := self._file.readline(MAX_LINE_BYTES)):
            length += len(part)
        line = Line(Position(self.source, self.offset), data.removesuffix(b"\n").removesuffix(b"\r"))
        self.offset += length
        return line
