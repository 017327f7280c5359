"""Follows one path through rotation and truncation.

* Renamed and made anew (logrotate with HUP): the old file is finished first, then the new one.
* Cut in place (copytruncate) or overwritten: a new generation; what was not read yet is looked for in rotated copies.
* Rotated while nobody watched: the rotated copies beside the path are read from where the store has them.
"""

import logging
import os
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from collectors.suricata.generation import (
    DEFAULT_LIMITS,
    Chunk,
    Generation,
    ReadLimits,
    fingerprint_of,
    first_line,
    identity,
    open_regular,
)
from wardwatch.model.records import SourceProgress

log = logging.getLogger(__name__)

_COMPRESSED = frozenset({".gz", ".xz", ".zst", ".bz2", ".lz4"})


class FileFollower:
    """Reads the lines of one path, generation after generation, without sleeping: `read` gives None when all was read.

    `known` is the progress of every source met before; `mint` gives the id of a generation met for the first time.
    """

    def __init__(
        self, path: Path, known: Iterable[SourceProgress], mint: Callable[[], str], limits: ReadLimits = DEFAULT_LIMITS
    ) -> None:
        self._path = path
        self._mint = mint
        self._limits = limits
        self._generations: deque[Generation] = deque()
        self._known: dict[str, list[SourceProgress]] = {}
        self._met_before = False
        self._last_modified_ns = 0
        self.replaced = 0
        for progress in known:
            self._remember(progress)
            self._met_before = self._met_before or progress.path == str(path)

    def read(self) -> Chunk | None:
        """The next lines; None when everything complete was read. Raises `OSError` when the file may not be read."""
        self._discover()
        while self._generations:
            oldest = self._generations[0]
            if not oldest.intact():
                self._drop_oldest()
                self._discover()
                continue
            chunk = oldest.read()
            if chunk is None and len(self._generations) > 1:
                chunk = oldest.read_rest()
            if chunk is not None:
                return chunk
            if len(self._generations) == 1:
                self._last_modified_ns = oldest.modified_ns
                return None
            self._remember(oldest.progress)
            self._generations.popleft().close()
        return None

    @property
    def lag_bytes(self) -> int:
        """Bytes that are written but not handed on."""
        return sum(max(0, generation.size - generation.offset) for generation in self._generations)

    def close(self) -> None:
        while self._generations:
            self._generations.popleft().close()

    def _drop_oldest(self) -> None:
        """The file was cut or overwritten in place: what was read of it is remembered, its copies may hold the rest."""
        gone = self._generations.popleft()
        self._remember(gone.progress)
        gone.close()
        self.replaced += 1
        log.warning("file replaced in place path=%s source=%s read_bytes=%d", self._path, gone.source, gone.offset)

    def _discover(self) -> None:
        """Opens the file at the path when it is not the one followed, and before it the rotated copies left to read."""
        descriptor = open_regular(self._path)
        if descriptor is None:
            return
        followed = {generation.identity for generation in self._generations}
        head = None if identity(descriptor) in followed else first_line(descriptor)
        if head is None:
            os.close(descriptor)
            return
        found = self._generation(descriptor, head)
        if self._met_before:
            followed.add(found.identity)
            self._generations.extend(self._rotated(followed, anew=found.offset == 0))
        self._met_before = True
        self._generations.append(found)

    def _generation(self, descriptor: int, head: bytes) -> Generation:
        """Goes on where the store has this file; a file that is met first, or has shrunk, starts at its beginning."""
        size = os.fstat(descriptor).st_size
        candidates = [was for was in self._known.get(fingerprint_of(head), ()) if was.offset <= size]
        if not candidates:
            return Generation(descriptor, self._path, head, self._mint(), 0, self._limits)
        was = max(candidates, key=lambda progress: progress.offset)
        return Generation(descriptor, self._path, head, was.source, was.offset, self._limits)

    def _rotated(self, followed: set[tuple[int, int]], anew: bool) -> list[Generation]:
        """The rotated copies beside the path that hold unread lines, oldest first.

        Copies never met count only when the path itself was made anew, and only if they are younger than the copies
        that were met: what lay there before the path was first followed is not ours.
        """
        met: list[Generation] = []
        unmet: list[Generation] = []
        newest_met_ns = self._last_modified_ns
        for path in self._path.parent.glob(f"{self._path.name}?*"):
            if path.suffix in _COMPRESSED:
                continue
            generation = self._open_rotated(path, followed)
            if generation is None:
                continue
            is_met = generation.fingerprint in self._known
            (met if is_met else unmet).append(generation)
            if is_met:
                newest_met_ns = max(newest_met_ns, generation.modified_ns)
        kept = [copy for copy in met if copy.size > copy.offset]
        kept += [copy for copy in unmet if anew and copy.modified_ns >= newest_met_ns]
        for copy in (*met, *unmet):
            if copy not in kept:
                copy.close()
        return sorted(kept, key=lambda copy: copy.modified_ns)

    def _open_rotated(self, path: Path, followed: set[tuple[int, int]]) -> Generation | None:
        descriptor = open_regular(path)
        if descriptor is None:
            return None
        head = None if identity(descriptor) in followed else first_line(descriptor)
        if head is None:
            os.close(descriptor)
            return None
        return self._generation(descriptor, head)

    def _remember(self, progress: SourceProgress) -> None:
        self._known.setdefault(progress.fingerprint, []).append(progress)
