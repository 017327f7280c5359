"""Lines out of pieces: what a stream socket hands on has no line ends where we would like them."""

from collectors.suricata.ecs import MAX_LINE_BYTES

KEPT_BYTES = MAX_LINE_BYTES + 1
"""So much of a longer line is kept: enough to tell that it is too long."""


class LineSplitter:
    """Puts the pieces of one connection together. A line above 1 MiB comes cut, still above 1 MiB, so that a peer that
    never ends its line cannot fill the memory."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, piece: bytes) -> list[bytes]:
        """The lines that end in this piece, without their ends."""
        head, end, rest = piece.partition(b"\n")
        self._hold(head)
        if not end:
            return []
        lines = [self._taken()]
        *whole, last = rest.split(b"\n")
        lines += whole
        self._hold(last)
        return [line.removesuffix(b"\r") for line in lines]

    def rest(self) -> bytes:
        """What stands behind the last line end; the splitter is empty after that."""
        return self._taken()

    def _hold(self, part: bytes) -> None:
        if part and self._held < KEPT_BYTES:
            self._parts.append(part[: KEPT_BYTES - self._held])
            self._held += len(self._parts[-1])

    def _taken(self) -> bytes:
        line = b"".join(self._parts)
        self._parts, self._held = [], 0
        return line
