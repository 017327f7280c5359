"""An edge's journal: batches wait on disk until the core has them.

A batch is one file, `<number>.batch`, written aside, synced and renamed, so that a crash leaves whole batches only.
`acknowledged` names the epoch, the number of the last file the core has answered, and its sequence; it is synced before
the file goes. Files are shipped one by one, so the oldest one's sequence is always the next. A wiped folder starts a
new epoch; so does what waits when the core knows less than it has answered (its store came back from a backup).

A full journal drops samples before events, the oldest first, and never the very oldest file, which may be on its way.
What is dropped is counted in the batch that takes its place, whose file names those that gave way: a crash between the
two neither loses a count nor counts what is still there. A damaged batch, or one that the core refuses for good, is
kept aside under another suffix, and an empty batch carries its losses.

Batches of sources that can be read again (files) have no business here: their reading stops instead.
"""

import contextlib
import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from wardwatch.errors import StoreFault
from wardwatch.model.records import Batch
from wardwatch.shipping.disk import Disk, FolderDisk
from wardwatch.shipping.journal_files import (
    COUNTS_BYTES,
    HEAD_BYTES,
    Head,
    Mark,
    batch_of,
    content_of,
    head_of,
    members,
)
from wardwatch.shipping.journal_policy import Waiting, victims

_MARK, _ASIDE, _BATCH, _BALLAST = "acknowledged", ".aside", ".batch", "ballast"
_BALLAST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """How much an edge may keep while its line to the core is cut: together, and of each kind (None: no limit of its
    own). `kept_aside` is how many files of batches that can never be shipped are kept for people to look at."""

    max_bytes: int = 2 * 1024 * 1024 * 1024
    max_sample_bytes: int | None = None
    max_event_bytes: int | None = None
    kept_aside: int = 100


class Journal:
    """The batches of one edge that the core has not answered yet, oldest first."""

    def __init__(
        self, folder: Path, edge: str, settings: JournalSettings = JournalSettings(), disk: Disk | None = None
    ) -> None:
        self._folder = folder
        self._disk = disk or FolderDisk(folder)
        self._edge = edge
        self._settings = settings
        self._lock = threading.RLock()
        # In the order of their numbers.
        self._waiting: dict[int, Waiting] = {}
        self._used = 0
        self._has_ballast = False
        self._mark = Mark("")
        self.dropped: Counter[str] = Counter()
        self.damaged = 0
        self.refused = 0

    def open(self) -> None:
        """Reads what an earlier run left; raises `StoreFault` when the folder cannot be used."""
        with self._lock:
            try:
                self._disk.prepare()
                names = self._disk.names()
                for name in names:
                    if name.endswith(_ASIDE):
                        self._disk.unlink(name)
                self._open_mark([name for name in names if name.endswith(_BATCH)])
                self._finish_replacing()
                self._keep_ballast()
            except OSError as error:
                raise StoreFault(f"the journal {self._folder} cannot be opened: {error.strerror}") from None

    @property
    def epoch(self) -> str:
        return self._mark.epoch

    @property
    def pending(self) -> int:
        """How many batches wait."""
        return len(self._waiting)

    @property
    def pending_bytes(self) -> int:
        """What they take of the disk."""
        return self._used

    def append(self, batch: Batch) -> int:
        """Makes the batch durable; when the journal is full, its place is others', or the batch itself is what is
        dropped. Returns the number of its file. Raises `StoreFault` on a full disk."""
        with self._lock:
            own = replace(batch, edge=self._edge)
            content = content_of(own)
            head = Head(members(own))
            gone, fits = victims(self._waiting, self._used, head, len(content), self._settings)
            lost = Counter[str]() if fits else head.held
            if gone or not fits:
                former = [self._read(number) for number in gone]
                lost = sum((members(each) for each in former), lost)
                content = content_of(_in_place_of(own if fits else _emptied(own), former, lost), gone)
            number = next(reversed(self._waiting), self._mark.number) + 1
            self._write(number, content)
            self.dropped.update(lost)
            self._forget(gone)
            return number

    def oldest(self) -> Batch | None:
        """The batch to ship next. A damaged file becomes an empty batch that carries the loss as a drop."""
        with self._lock:
            if not self._waiting:
                return None
            batch = self._read(next(iter(self._waiting)))
            return replace(batch, epoch=self._mark.epoch, sequence=self._mark.sequence + 1)

    def acknowledge(self, sequence: int) -> None:
        """The core has everything of this epoch up to `sequence`."""
        with self._lock:
            if sequence <= self._mark.sequence:
                return
            done = list(islice(self._waiting, sequence - self._mark.sequence))
            self._write_mark(Mark(self._mark.epoch, done[-1] if done else self._mark.number, sequence))
            self._forget(done)
            if not self._has_ballast:
                self._keep_ballast()

    def resume(self, committed: int) -> bool:
        """What the core says it has of this epoch. False when that is less than it has answered: it lost records, and
        would refuse what follows as a gap for ever, so what waits begins a new epoch."""
        with self._lock:
            if committed >= self._mark.sequence:
                self.acknowledge(committed)
                return True
            self._write_mark(Mark(uuid.uuid4().hex, self._mark.number, 0))
            return False

    def set_aside(self, batch: Batch) -> bool:
        """The core will never take this (oldest) batch: its file is kept, an empty batch with the losses takes its
        place. False when it holds nothing that could be at fault."""
        with self._lock:
            lost = members(batch)
            if not lost:
                return False
            number = next(iter(self._waiting))
            self._keep_aside(number, ".refused")
            drops = Counter(batch.drops) + lost + Counter(refused_batch=1)
            self._write(number, content_of(Batch(self._edge, "", 0, batch.namespace, drops=dict(drops))))
            self.refused += 1
            self.dropped.update(lost)
            return True

    def _open_mark(self, names: list[str]) -> None:
        try:
            mark = Mark.decoded(self._disk.read(_MARK, 4096))
        except FileNotFoundError:
            mark = None
        self._waiting, self._used = {}, 0
        if mark is None:
            for name in names:
                self._disk.rename(name, name.removesuffix(_BATCH) + ".damaged")
                self.damaged += 1
            self._write_mark(Mark(uuid.uuid4().hex))
            return
        self._mark = mark
        for name in names:
            number = int(name.removesuffix(_BATCH))
            if number <= mark.number:
                self._disk.unlink(name)
            else:
                head = head_of(self._disk.read(name, COUNTS_BYTES))
                self._note(number, Waiting(self._disk.size(name), head))

    def _finish_replacing(self) -> None:
        """The newest file may have been written just before those that gave way to it were unlinked."""
        if self._waiting:
            newest = next(reversed(self._waiting))
            gone = head_of(self._disk.read(_name(newest), HEAD_BYTES)).replaced
            self._forget([number for number in gone if number in self._waiting and number < newest])

    def _forget(self, numbers: list[int]) -> None:
        for number in numbers:
            if (gone := self._waiting.pop(number, None)) is not None:
                self._used -= gone.bytes
            try:
                self._disk.unlink(_name(number))
            except OSError as error:
                raise StoreFault(f"the journal {self._folder} cannot be written: {error.strerror}") from None

    def _read(self, number: int) -> Batch:
        try:
            batch = batch_of(self._disk.read(_name(number)))
        except OSError as error:
            raise StoreFault(
                f"the journal file {self._folder / _name(number)} cannot be read: {error.strerror}"
            ) from None
        if batch is not None:
            return batch
        self._keep_aside(number, ".damaged")
        empty = Batch(self._edge, "", 0, drops={"damaged_batch": 1})
        self._write(number, content_of(empty))
        self.damaged += 1
        return empty

    def _keep_aside(self, number: int, suffix: str) -> None:
        """Links a batch's file under another suffix; the oldest of those go when there are too many."""
        kept = f"{number:015d}{suffix}"
        try:
            self._disk.unlink(kept)
            self._disk.link(_name(number), kept)
            aside = [name for name in self._disk.names() if name.endswith(suffix)]
            for old in aside[: -self._settings.kept_aside]:
                self._disk.unlink(old)
        except OSError as error:
            raise StoreFault(
                f"the journal file {self._folder / _name(number)} cannot be kept aside: {error.strerror}"
            ) from None

    def _write(self, number: int, content: bytes) -> None:
        try:
            self._durably(_name(number), content)
        except OSError as error:
            raise self._full(error) from None
        self._note(number, Waiting(len(content), head_of(content[:COUNTS_BYTES])))

    def _note(self, number: int, file: Waiting) -> None:
        if (before := self._waiting.get(number)) is not None:
            self._used -= before.bytes
        self._waiting[number] = file
        self._used += file.bytes

    def _write_mark(self, mark: Mark) -> None:
        """A full disk must not keep the journal from shrinking: then the ballast gives its place to the mark."""
        try:
            try:
                self._durably(_MARK, mark.encoded())
            except OSError:
                self._has_ballast = False
                self._disk.unlink(_BALLAST)
                self._durably(_MARK, mark.encoded())
        except OSError as error:
            raise self._full(error) from None
        self._mark = mark

    def _keep_ballast(self) -> None:
        """Where there is no room for it now, the next acknowledgement tries again."""
        try:
            if _BALLAST not in self._disk.names():
                self._disk.write(_BALLAST, b"\0" * _BALLAST_BYTES)
            self._has_ballast = True
        except OSError:
            with contextlib.suppress(OSError):
                self._disk.unlink(_BALLAST)

    def _durably(self, name: str, content: bytes) -> None:
        """Writes aside, syncs, renames, syncs the folder. Raises `OSError`, and then leaves nothing aside."""
        aside = name.removesuffix(_BATCH) + _ASIDE
        try:
            self._disk.write(aside, content)
            self._disk.sync(aside)
            self._disk.rename(aside, name)
            self._disk.sync_names()
        except OSError:
            self._disk.unlink(aside)
            raise

    def _full(self, error: OSError) -> StoreFault:
        return StoreFault(f"the journal {self._folder} cannot be written: {error.strerror}", "free space on its disk")


def _name(number: int) -> str:
    return f"{number:015d}{_BATCH}"


def _emptied(batch: Batch) -> Batch:
    """The batch without its records. What was read is not said either: the ledger weighs it against what is stored."""
    return replace(batch, blocks=(), outcomes=(), facts=(), events=(), rejected=(), read={})


def _in_place_of(batch: Batch, former: Sequence[Batch], lost: Counter[str]) -> Batch:
    """The batch with what those that gave way still have to tell: their drops, and how far their sources were read."""
    drops = sum((Counter(each.drops) for each in (*former, batch)), lost)
    progress = {each.source: each for one in (*former, batch) for each in one.progress}
    return replace(batch, drops=dict(drops), progress=tuple(progress.values()))
