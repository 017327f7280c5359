"""A file of a log as it is followed: what is done with it, how far it was read, and when it is finished."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from collectors.suricata.folder import Entry
from collectors.suricata.generation import (
    Generation,
    Head,
    Line,
    ReadLimits,
    anchor_at,
    head_at,
    identity,
    open_regular,
)
from collectors.suricata.names import Kind
from collectors.suricata.packed import PackedGeneration
from wardwatch.model.records import SourceProgress

RENAMED_QUIET_S = 5.0
OTHER_QUIET_S = 60.0
"""So long a file must not have grown before what stands behind its last line end is taken as a line: one that was
renamed, and any other that is not the one written to."""


Anchor = Callable[[int], str] | None
"""Gives the anchor of a file at an offset; None of a packed one, where it cannot be told."""


class Role(StrEnum):
    """What is done with a file."""

    EMPTY = "empty"  # it has no whole line yet
    READ = "read"
    COPY = "copy"  # of a file that is read
    LEFT_OUT = "left_out"  # it lay there before the log was followed
    CLOSED = "closed"  # it cannot be read: damaged, or packed in another way than gzip


@dataclass(slots=True, eq=False)
class File:
    """`size` and `offset` count bytes unpacked. `live_path` is where it was written to under its own name."""

    entry: Entry
    role: Role
    size: int
    head: Head | None = None
    source: str = ""
    offset: int = 0
    generation: Generation | PackedGeneration | None = None
    live_path: Path | None = None
    gone: bool = False
    grew: bool = False
    grown_at: float = 0.0
    failure: str = ""

    def seen(self, entry: Entry) -> None:
        """Takes what a later look at the folder saw."""
        if entry.kind is Kind.LIVE:
            self.live_path = entry.path
        self.entry, self.gone = entry, False

    def open(self, limits: ReadLimits) -> bool:
        """Opens it where it is not open; False when it is not there any more, or not what it was. Raises `OSError`."""
        if self.generation is not None or self.head is None:
            return self.generation is not None
        if self.entry.kind is Kind.GZIP:
            path, head = self.entry.path, self.head
            self.generation = PackedGeneration(path, head, self.source, self.offset, self.size, limits)
            return True
        descriptor = open_regular(self.entry.path)
        if descriptor is None:
            return False
        if identity(descriptor) != self.entry.identity or head_at(descriptor) != self.head:
            os.close(descriptor)
            return False
        self.generation = Generation(descriptor, self.head, self.source, self.offset, limits)
        return True

    def held(self, size: int, anchor: Anchor) -> int | None:
        """How much it holds, when this one and another file with the same first line, of that size, are the same as
        far as both go; else None. Of packed ones the first line must do. One that has no name any more, or was just
        cut, is taken for the longer. Raises `OSError`."""
        if self.entry.kind is Kind.GZIP:
            return self.size
        if (descriptor := open_regular(self.entry.path)) is None:
            return max(size, self.size)
        try:
            now = os.fstat(descriptor).st_size
            is_cut = now < self.size or head_at(descriptor) != self.head
            if is_cut or identity(descriptor) != self.entry.identity:
                return max(size, self.size)
            if anchor is None:
                return now
            both = min(size, now)
            return now if anchor_at(descriptor, both) == anchor(both) else None
        finally:
            os.close(descriptor)

    def look(self, now: float) -> None:
        """Learns how large it is now."""
        if self.generation is not None and (size := self.generation.look()) != self.size:
            self.size, self.grew, self.grown_at = size, True, now

    def lines(self, is_final: bool) -> list[Line]:
        """The next lines of the open file; at the end of a final one also what stands behind the last line end."""
        if self.generation is None:
            return []
        lines = self.generation.read() or (self.generation.read_rest() if is_final else [])
        self.offset = self.generation.offset
        return lines

    def progress(self) -> SourceProgress:
        """How far it was handed on; of an open file."""
        assert self.generation is not None
        return self.generation.progress(self.entry.path)

    def close(self) -> None:
        if self.generation is not None:
            self.generation.close()
        self.generation = None

    @property
    def unread(self) -> int:
        return max(0, self.size - self.offset) if self.role is Role.READ else 0

    @property
    def is_live(self) -> bool:
        return self.entry.kind is Kind.LIVE and not self.gone

    @property
    def is_backlog(self) -> bool:
        """Whether it was finished before it was met, or has been put aside since: read before what grows."""
        return not self.is_live and (self.live_path is not None or not self.grew)

    def is_final(self, now: float) -> bool:
        """Whether nobody will complete its last line. A writer that was not told of a rename, or of a deletion, writes
        on: until there is a new file in its place."""
        if self.is_live:
            return False
        if self.live_path is not None:
            return now - self.grown_at >= RENAMED_QUIET_S and self.live_path.exists()
        return now - self.grown_at >= OTHER_QUIET_S

    def is_done(self, now: float) -> bool:
        """Whether its descriptor is needed no more."""
        if self.is_live or self.unread:
            return False
        if self.live_path is not None or self.grew:
            return self.is_final(now) and now - self.grown_at >= OTHER_QUIET_S
        return True
