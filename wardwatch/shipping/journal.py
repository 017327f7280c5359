"""An edge's journal: batches wait on disk until the core has them.

A batch is one file, `<sequence>.batch`, written aside, synced and renamed, so that a crash leaves whole batches only.
`acknowledged` names the epoch and the last sequence the core has answered; it is synced before any batch file goes, so
a sequence is never given twice. A wiped folder starts a new epoch. When the journal is full, the oldest batch that
holds samples is emptied in place: its sequence stays, and its losses travel to the core as counted drops. So it is with
a batch that is damaged or that the core refuses for good; its file is kept aside under another suffix.

When the core knows less than it has answered (its store came back from a backup), what waits goes on under a new epoch:
the mark then also names `shipped before`, the sequence after which the new epoch counts from 1.
"""

import contextlib
import os
import threading
import uuid
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from wardwatch.errors import StoreFault, TransportFault
from wardwatch.model.records import Batch
from wardwatch.shipping.messages import decode_batch, encode_batch

_CRC_BYTES = 4


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """How much an edge may keep while its line to the core is cut, and how many files of batches that can never be
    shipped are kept for people to look at."""

    max_bytes: int = 2 * 1024 * 1024 * 1024
    kept_aside: int = 100


class Journal:
    """The batches of one edge that the core has not answered yet, oldest first."""

    def __init__(self, folder: Path, edge: str, settings: JournalSettings = JournalSettings()) -> None:
        self._folder = folder
        self._edge = edge
        self._settings = settings
        self._lock = threading.RLock()
        self._pending: dict[int, int] = {}
        self._acknowledged = 0
        self._before_epoch = 0
        self._epoch = ""
        self.dropped: Counter[str] = Counter()
        self.damaged = 0
        self.refused = 0

    def open(self) -> None:
        """Reads what an earlier run left; raises `StoreFault` when the folder cannot be used."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for leftover in self._folder.glob("*.aside"):
                leftover.unlink()
            self._read_mark()
            for path in sorted(self._folder.glob("*.batch")):
                sequence = int(path.stem)
                if sequence <= self._acknowledged:
                    path.unlink()
                else:
                    self._pending[sequence] = path.stat().st_size
        except OSError as error:
            raise StoreFault(f"the journal {self._folder} cannot be opened: {error.strerror}") from None

    @property
    def epoch(self) -> str:
        return self._epoch

    @property
    def pending(self) -> int:
        """How many batches wait."""
        return len(self._pending)

    @property
    def pending_bytes(self) -> int:
        return sum(self._pending.values())

    def append(self, batch: Batch) -> int:
        """Makes the batch durable under the next sequence, which is returned. Raises `StoreFault` on a full disk."""
        with self._lock:
            sequence = max(self._pending, default=self._acknowledged) + 1
            payload = encode_batch(replace(batch, edge=self._edge))
            while self._pending and self.pending_bytes + len(payload) > self._settings.max_bytes:
                if not self._empty_oldest():
                    break
            self._write(sequence, payload)
            return sequence - self._before_epoch

    def oldest(self) -> Batch | None:
        """The batch to ship next. A damaged file becomes an empty batch that carries the loss as a drop."""
        with self._lock:
            if not self._pending:
                return None
            sequence = min(self._pending)
            return replace(self._read(sequence), epoch=self._epoch, sequence=sequence - self._before_epoch)

    def acknowledge(self, sequence: int) -> None:
        """The core has everything of this epoch up to `sequence`."""
        with self._lock:
            reached = sequence + self._before_epoch
            if reached <= self._acknowledged:
                return
            self._acknowledged = reached
            self._write_mark()
            for done in [number for number in self._pending if number <= reached]:
                self._path(done).unlink(missing_ok=True)
                del self._pending[done]

    def resume(self, committed: int) -> bool:
        """What the core says it has of this epoch. False when that is less than it has answered: it lost records, and
        would refuse what follows as a gap for ever, so what waits begins a new epoch."""
        with self._lock:
            if committed + self._before_epoch >= self._acknowledged:
                self.acknowledge(committed)
                return True
            self._epoch, self._before_epoch = uuid.uuid4().hex, self._acknowledged
            self._write_mark()
            return False

    def set_aside(self, batch: Batch) -> bool:
        """The core will never take this (oldest) batch: its file is kept, an empty batch with the losses takes its
        place. False when it holds nothing that could be at fault."""
        with self._lock:
            lost = _members(batch)
            if not lost:
                return False
            sequence = batch.sequence + self._before_epoch
            self._keep_aside(sequence, ".refused")
            self.refused += 1
            self.dropped.update(lost)
            drops = Counter(batch.drops) + lost + Counter(refused_batch=1)
            self._write(sequence, encode_batch(Batch(self._edge, "", 0, batch.namespace, drops=dict(drops))))
            return True

    def _empty_oldest(self) -> bool:
        """Empties the oldest batch that still holds records; False when there is none left to empty."""
        for sequence in self._pending:
            batch = self._read(sequence)
            lost = _members(batch)
            if not lost:
                continue
            self.dropped.update(lost)
            drops = Counter(batch.drops) + lost
            empty = Batch(self._edge, "", 0, batch.namespace, drops=dict(drops))
            self._write(sequence, encode_batch(empty))
            return True
        return False

    def _read(self, sequence: int) -> Batch:
        try:
            content = self._path(sequence).read_bytes()
        except OSError as error:
            raise StoreFault(f"the journal file {self._path(sequence)} cannot be read: {error.strerror}") from None
        checksum, payload = content[:_CRC_BYTES], content[_CRC_BYTES:]
        if zlib.crc32(payload).to_bytes(_CRC_BYTES, "big") == checksum:
            # A version that knows no such batch any more must not stop at it either.
            with contextlib.suppress(TransportFault):
                return decode_batch(payload)
        self.damaged += 1
        self._keep_aside(sequence, ".damaged")
        empty = Batch(self._edge, "", 0, drops={"damaged_batch": 1})
        self._write(sequence, encode_batch(empty))
        return empty

    def _keep_aside(self, sequence: int, suffix: str) -> None:
        """Links a batch's file under another suffix; the oldest of those go when there are too many."""
        path = self._path(sequence)
        kept = path.with_suffix(suffix)
        try:
            kept.unlink(missing_ok=True)
            kept.hardlink_to(path)
            for old in sorted(self._folder.glob(f"*{suffix}"))[: -self._settings.kept_aside]:
                old.unlink()
        except OSError as error:
            raise StoreFault(f"the journal file {path} cannot be kept aside: {error.strerror}") from None

    def _write(self, sequence: int, payload: bytes) -> None:
        content = zlib.crc32(payload).to_bytes(_CRC_BYTES, "big") + payload
        self._durably(self._path(sequence), content)
        self._pending[sequence] = len(content)

    def _read_mark(self) -> None:
        mark = self._folder / "acknowledged"
        if mark.exists():
            epoch, *numbers = mark.read_text(encoding="ascii").split() or [""]
            if len(numbers) in (1, 2) and all(number.isdigit() for number in numbers):
                self._epoch, self._acknowledged = epoch, int(numbers[0])
                self._before_epoch = int(numbers[1]) if len(numbers) == 2 else 0
                return
        self._epoch, self._acknowledged, self._before_epoch = uuid.uuid4().hex, 0, 0
        for stale in self._folder.glob("*.batch"):
            stale.rename(stale.with_suffix(".damaged"))
            self.damaged += 1
        self._write_mark()

    def _write_mark(self) -> None:
        self._durably(
            self._folder / "acknowledged",
            f"{self._epoch} {self._acknowledged} {self._before_epoch}\n".encode("ascii"),
        )

    def _durably(self, path: Path, content: bytes) -> None:
        """Writes aside, syncs, renames, syncs the folder."""
        aside = path.with_suffix(".aside")
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(path)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise StoreFault(
                f"the journal {self._folder} cannot be written: {error.strerror}",
                "free space on its disk",
            ) from None

    def _path(self, sequence: int) -> Path:
        return self._folder / f"{sequence:015d}.batch"


def _members(batch: Batch) -> Counter[str]:
    """How many records of each kind a batch holds."""
    return +Counter(
        sample=sum(len(block.index) for block in batch.blocks),
        outcome=len(batch.outcomes),
        facts=len(batch.facts),
        event=len(batch.events),
        rejected=len(batch.rejected),
    )
