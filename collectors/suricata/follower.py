"""Follows the files of one log through whatever happens to them, so that each line of each is read once.

What a file is, its content says: a file that is renamed, linked, restored or found after a restart is known by its
first line, and read on from where it was read to. A copy of a file that is being read is not read; when that one is cut
(copytruncate) or gone, its copy is read on in its place, and what no copy holds is a gap that is counted.
"""

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from collectors.suricata.folder import Entry, LogFolder
from collectors.suricata.followed import Anchor, File, Role
from collectors.suricata.generation import (
    Head,
    Identity,
    ReadLimits,
    anchor_at,
    head_at,
    line_start_before,
    open_regular,
)
from collectors.suricata.known import Found, KnownGenerations, Match, fingerprint_of
from collectors.suricata.names import Kind
from collectors.suricata.packed import is_whole, packed_head, packed_size
from wardwatch.model.records import SourceProgress

log = logging.getLogger(__name__)

_NO_FILE: Identity = (0, 0)
GAP_CUT = "eve_cut_bytes"
GAP_DELETED = "eve_deleted_bytes"
"""Reasons of drops. What is counted are bytes, for nobody can say how many lines they were."""


OURS_S = 3600.0
"""What was put aside no longer ago than this when a log is first followed is read: a rotation at that very time loses
nothing."""
_FOLLOWED = "followed"
"""The fingerprint of no file: it says that from now on whatever is put aside in the folder is ours, though no line of
it was read before a crash."""


class LogFollower:
    """The files of one log, what is done with each, and what of them was lost.

    `known` is the progress of every source met before; `mint` gives the id of a generation met for the first time;
    `clock` runs steadily, `wall` (seconds since 1970) tells the age of files.
    """

    def __init__(
        self,
        folder: LogFolder,
        known: Iterable[SourceProgress],
        mint: Callable[[], str],
        limits: ReadLimits,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        known = list(known)
        self._folder = folder
        self._known = KnownGenerations(known)
        self._mint = mint
        self._limits = limits
        self._clock = clock
        self._wall = wall
        self._is_new = not any(each.fingerprint and folder.holds(Path(each.path)) for each in known)
        self._carriers: dict[str, Identity] = {}
        self.files: dict[Identity, File] = {}
        self.active: dict[Identity, File] = {}
        self.to_tell: list[SourceProgress] = []
        self.drops: Counter[str] = Counter()
        self.lost_bytes: Counter[str] = Counter()
        self.unreadable: dict[str, str] = {}
        self._complained: dict[str, str] = {}
        self.replaced = 0
        self.looks = 0

    def look(self) -> None:
        """Sees what is in the folder now: new files are examined, so are closed ones that have changed."""
        entries = {entry.identity: entry for entry in self._folder.entries()}
        failures = {str(file.entry.path): file.failure for file in self.files.values() if file.failure}
        self._complain(self._folder.unreadable | failures)
        self.looks += 1
        self._examine([entry for identity, entry in entries.items() if self._is_to_examine(identity, entry)])
        lost = [file for identity in self.files.keys() - entries.keys() if (file := self._gone(identity)) is not None]
        self._examine([file.entry for file in self.files.values() if self._is_orphan(file)])
        for file in lost:
            self._count_deleted(file)
        if self._is_new and self._folder.is_there():
            self._is_new = False
            self.to_tell.append(SourceProgress(self._mint(), 0, str(self._folder.log), _FOLLOWED))

    def has_started_lines(self) -> bool:
        """Whether a file without a whole line has grown; names do not change by that."""
        for file in self.files.values():
            if file.role is Role.EMPTY and _size(file.entry.path) != file.entry.size:
                return True
        return False

    def read_on(self, file: File) -> SourceProgress:
        """A file was handed on further; returns how far."""
        progress = file.progress()
        self._known.remember(progress)
        return progress

    def failed(self, file: File, error: OSError) -> None:
        """A file cannot be read on. It is tried again soon; a damaged packed one, which costs much, when it changes."""
        identity = file.entry.identity
        self._drop(identity)
        if file.entry.kind is Kind.GZIP:
            reason = error.strerror or str(error)
            self.files[identity] = File(file.entry, Role.CLOSED, file.size, failure=reason)
        self._failed(file.entry.path, error)

    def cut(self, identity: Identity) -> None:
        """The file was cut or overwritten in place: what was not read of it is looked for in copies, what was written
        since is a generation of its own."""
        file = self.files[identity]
        assert file.generation is not None
        assert file.head is not None
        seen, read = file.generation.seen_size, file.generation.offset
        self._drop(identity)
        self.replaced += 1
        self.look()
        carrier = self._carrier_of(file.head)
        gap = max(0, seen - max(read, carrier.size if carrier else 0))
        self._count(GAP_CUT, gap)
        level = logging.ERROR if gap else logging.WARNING
        log.log(
            level,
            "file cut in place; rotate it by renaming and SIGHUP instead path=%s source=%s read_bytes=%d lost_bytes=%d",
            *(file.entry.path, file.source, read, gap),
        )

    def finish(self, identity: Identity) -> None:
        """Lets go of a file's descriptor; one that is deleted is forgotten."""
        file = self.files[identity]
        self.active.pop(identity, None)
        if file.gone:
            self._drop(identity)
        else:
            file.close()

    def close(self) -> None:
        for file in self.files.values():
            file.close()
        self.files.clear()
        self.active.clear()
        self._carriers.clear()

    def _failed(self, path: Path, error: OSError) -> None:
        self._complain({**self.unreadable, str(path): error.strerror or str(error)})

    def _complain(self, unreadable: dict[str, str]) -> None:
        """Each once, for as long as it lasts."""
        for path, reason in unreadable.items():
            if self._complained.get(path) != reason:
                log.error("file cannot be read path=%s reason=%s", path, reason)
        self._complained |= unreadable
        self.unreadable = dict(unreadable)

    def _is_to_examine(self, identity: Identity, entry: Entry) -> bool:
        file = self.files.get(identity)
        if file is None:
            return True
        has_changed = (entry.size, entry.modified_ns) != (file.entry.size, file.entry.modified_ns)
        if file.generation is not None or not has_changed:
            file.seen(entry)
            return False
        return True

    def _examine(self, entries: list[Entry]) -> None:
        """The largest first: of several copies it is the one to read; packed ones last, whose size says nothing."""
        for entry in sorted(entries, key=lambda each: (each.kind is Kind.GZIP, -each.size, each.kind is not Kind.LIVE)):
            try:
                self._examine_one(entry)
            except OSError as error:
                self._drop(entry.identity)
                self._failed(entry.path, error)

    def _examine_one(self, entry: Entry) -> None:
        if entry.kind is Kind.PACKED:
            self.files[entry.identity] = File(entry, Role.CLOSED, entry.size)
            return
        if entry.kind is Kind.GZIP:
            head, size = packed_head(entry.path), packed_size(entry.path)
            found = None if head is None else self._known.find(head.hash, size, None)
            self._place(entry, head, found, size, lambda: size, None)
            return
        descriptor = open_regular(entry.path)
        if descriptor is None:
            return
        try:
            head, size = head_at(descriptor), os.fstat(descriptor).st_size
            found = None if head is None else self._known.find(head.hash, size, partial(anchor_at, descriptor))
            end = partial(line_start_before, descriptor, size)
            self._place(entry, head, found, size, end, partial(anchor_at, descriptor))
        finally:
            os.close(descriptor)

    def _place(
        self, entry: Entry, head: Head | None, found: Found | None, size: int, end: Callable[[], int], anchor: Anchor
    ) -> None:
        """Decides what is done with a file. `end` is where its last whole line ends."""
        before = self.files.get(entry.identity)
        self._drop(entry.identity)
        if head is None or found is None:
            self.files[entry.identity] = File(entry, Role.EMPTY, size)
            self._keep_live_path(entry, before)
            return
        grew = before is not None and before.head == head and size > before.size
        other = self._carrier_of(head)
        if other is not None and (held := other.held(size, anchor)) is not None:
            self._place_copy(entry, head, other, size, held, found)
        elif other is not None:
            # They had the same beginning, and each went on by itself: a source of its own from there.
            grew_apart = before is not None and before.role is Role.COPY and grew
            common = before.size if before is not None and grew_apart else found.offset
            self._read(entry, head, self._mint(), common or head.start, size)
        elif before is not None and before.role is Role.LEFT_OUT and grew:
            self._read(entry, head, before.source, head.start, size)
        elif found.match is Match.SAME:
            self._read(entry, head, found.source, found.offset, size)
        elif found.match is Match.SHORTER:
            self._read(entry, head, self._mint(), end(), size)
        elif found.match is Match.UNKNOWN and self._is_of_before(entry):
            self._leave_out(entry, head, size, "" if anchor is None else anchor(size))
        else:
            self._read(entry, head, self._mint(), head.start, size)
        if before is None or before.head in (None, head):
            self._keep_live_path(entry, before)

    def _is_of_before(self, entry: Entry) -> bool:
        """Whether a file was put aside long before the log is followed for the first time."""
        is_aside = self._is_new and entry.kind is not Kind.LIVE and self._folder.has_live()
        return is_aside and self._wall() - entry.modified_ns / 1e9 > OURS_S

    def _keep_live_path(self, entry: Entry, before: File | None) -> None:
        """Under which name it is written to, now or before it was renamed."""
        placed = self.files[entry.identity]
        placed.seen(entry)
        placed.live_path = placed.live_path or (before.live_path if before else None)

    def _read(self, entry: Entry, head: Head, source: str, offset: int, size: int) -> None:
        file = File(entry, Role.READ, size, head, source, offset, grown_at=self._clock())
        file.seen(entry)
        self.files[entry.identity] = file
        self._carriers[head.hash] = entry.identity
        if file.unread or file.is_live:
            self.active[entry.identity] = file
        if file.is_live:
            file.open(self._limits)

    def _leave_out(self, entry: Entry, head: Head, size: int, anchor: str) -> None:
        """It is told to the store, so that it is still known to be old after a restart."""
        source = self._mint()
        self.files[entry.identity] = File(entry, Role.LEFT_OUT, size, head, source, size)
        told = SourceProgress(source, size, str(entry.path), fingerprint_of(head.hash, anchor))
        self._known.remember(told)
        self.to_tell.append(told)

    def _place_copy(self, entry: Entry, head: Head, other: File, size: int, held: int, found: Found) -> None:
        """Of two files of which one is the beginning of the other, the longer one is read: it is written to."""
        if size <= held or (entry.kind is Kind.GZIP and not is_whole(entry.path)):
            self.files[entry.identity] = File(entry, Role.COPY, size, head)
            return
        self._drop(other.entry.identity)
        self.files[other.entry.identity] = File(other.entry, Role.COPY, other.size, head)
        if found.match is Match.SAME:
            self._read(entry, head, found.source, found.offset, size)
        else:
            self._read(entry, head, other.source, other.offset, size)

    def _carrier_of(self, head: Head) -> File | None:
        return self.files.get(self._carriers.get(head.hash, _NO_FILE))

    def _is_orphan(self, file: File) -> bool:
        return file.role is Role.COPY and file.head is not None and self._carrier_of(file.head) is None

    def _gone(self, identity: Identity) -> File | None:
        """No name leads to the file any more: an open one is read to its end, of another the rest is lost."""
        file = self.files[identity]
        file.gone = True
        if file.generation is not None and identity in self.active:
            return None
        self._drop(identity)
        return file if file.unread else None

    def _count_deleted(self, file: File) -> None:
        if file.head is not None and self._carrier_of(file.head) is None:
            self._count(GAP_DELETED, file.unread)
            log.error("file deleted before it was read path=%s lost_bytes=%d", file.entry.path, file.unread)

    def _count(self, reason: str, lost_bytes: int) -> None:
        if lost_bytes:
            self.drops[reason] += lost_bytes
            self.lost_bytes[reason] += lost_bytes

    def _drop(self, identity: Identity) -> None:
        """Forgets a file, not its generation."""
        file = self.files.pop(identity, None)
        self.active.pop(identity, None)
        if file is not None:
            file.close()
            if file.head is not None and self._carriers.get(file.head.hash) == identity:
                del self._carriers[file.head.hash]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
