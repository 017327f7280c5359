"""Messages in a stream of bytes: counted (RFC 5425, RFC 6587 3.4.1) or each on a line (RFC 6587 3.4.2).

Which of the two is seen from each message's first byte: a count begins with a digit, a message with `<`.
"""

from collections.abc import Iterator

_DIGITS = frozenset(b"123456789")
_LONGEST_COUNT = 8


class FramingError(Exception):
    """The stream cannot be understood any further."""


class Framing:
    """One connection's stream. Messages longer than `largest_bytes` are cut there, and counted in `cut`."""

    def __init__(self, largest_bytes: int = 65_536) -> None:
        self._largest = largest_bytes
        self._waiting = b""
        self._skipped_count = 0
        self._skips_line = False
        self.cut = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are complete now. Raises `FramingError` after those that came before the fault."""
        self._waiting = waiting = self._waiting + data if self._waiting else data
        at = 0
        try:
            while at < len(waiting):
                found = self._next(waiting, at)
                if found is None:
                    break
                message, at = found
                if message:
                    yield message
        finally:
            self._waiting = waiting[at:]

    def rest(self) -> bytes:
        """What the other side left unfinished; a counted message that is not whole is none."""
        waiting, self._waiting = self._waiting, b""
        if self._skips_line or self._skipped_count or not waiting or waiting[0] in _DIGITS:
            return b""
        return waiting

    def _next(self, waiting: bytes, at: int) -> tuple[bytes, int] | None:
        """The message that begins here and where it ends; an empty one where something was skipped."""
        if self._skipped_count:
            skipped = min(self._skipped_count, len(waiting) - at)
            self._skipped_count -= skipped
            return b"", at + skipped
        if self._skips_line:
            end = waiting.find(b"\n", at)
            self._skips_line = end < 0
            return b"", len(waiting) if end < 0 else end + 1
        if waiting[at] in _DIGITS:
            return self._counted(waiting, at)
        return self._line(waiting, at)

    def _counted(self, waiting: bytes, at: int) -> tuple[bytes, int] | None:
        blank = waiting.find(b" ", at, at + _LONGEST_COUNT + 1)
        if blank < 0:
            if len(waiting) - at > _LONGEST_COUNT or not waiting[at:].isdigit():
                raise FramingError("a count of bytes has no end")
            return None
        if not waiting[at:blank].isdigit():
            raise FramingError("a message begins with a digit that is no count of its bytes")
        count, begin = int(waiting[at:blank]), blank + 1
        if count > self._largest:
            if len(waiting) - begin < self._largest:
                return None
            self.cut += 1
            self._skipped_count = count - self._largest
            return waiting[begin : begin + self._largest], begin + self._largest
        if len(waiting) - begin < count:
            return None
        return waiting[begin : begin + count], begin + count

    def _line(self, waiting: bytes, at: int) -> tuple[bytes, int] | None:
        end = waiting.find(b"\n", at)
        length = (len(waiting) if end < 0 else end) - at
        if length > self._largest:
            self.cut += 1
            self._skips_line = end < 0
            return waiting[at : at + self._largest], len(waiting) if end < 0 else end + 1
        return None if end < 0 else (waiting[at:end], end + 1)
