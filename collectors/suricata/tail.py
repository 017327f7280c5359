"""The tail of Suricata's files: the files of one log are followed; they are their own journal."""

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from collectors.suricata.folder import LogFolder
from collectors.suricata.followed import File
from collectors.suricata.follower import LogFollower
from collectors.suricata.generation import DEFAULT_LIMITS, Chunk, ReadLimits
from wardwatch.model.records import SourceProgress

LOOK_EVERY_S = 10.0
LOOK_SOON_S = 1.0
MAX_OPEN = 64
STATUS_WAIT_S = 0.05
_TOLD_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class TailSettings:
    """In which folder the log is, its name (`eve.json`: also its threads' logs and rotated copies), and how much is
    read at once."""

    folder: Path
    log: str = "eve.json"
    limits: ReadLimits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class TailStatus:
    """Now: bytes written but not handed on, files that are open, files that cannot be read and why. Since the start:
    files cut in place, and bytes that were lost, by reason."""

    lag_bytes: int
    open_files: int
    unreadable: dict[str, str]
    replaced: int
    lost_bytes: dict[str, int]


def mint_generation() -> str:
    """A new source id."""
    return str(uuid.uuid4())


class EveTail:
    """Reads new lines: what was put aside first, the oldest of it before the younger, then what grows, in turns, so
    that a busy file does not starve the others. Reading and `status` may be in different threads."""

    def __init__(
        self,
        settings: TailSettings,
        mint: Callable[[], str] = mint_generation,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._mint = mint
        self._clock = clock
        self._wall = wall
        self._folder = LogFolder(settings.folder, settings.log)
        self._follower = self._following(())
        self._lock = threading.Lock()
        self._status = TailStatus(0, 0, {}, 0, {})
        self._looked_at = float("-inf")
        self._had_news = False
        self._sorted = 0
        self._backlog: deque[File] = deque()
        self._turns: deque[File] = deque()

    def open(self, known: Sequence[SourceProgress]) -> None:
        """Takes what the store knows of every source; reading goes on from there."""
        self._follower = self._following(known)

    def read(self) -> Chunk | None:
        """The next lines of the file whose turn it is; None when all were read."""
        with self._lock:
            self._look()
            chunk = self._told() or self._next()
            self._had_news = chunk is not None
            return chunk

    def status(self) -> TailStatus:
        """How it is now; while it is being read for long (a packed file is sought through), how it was."""
        if self._lock.acquire(timeout=STATUS_WAIT_S):
            try:
                self._status = self._status_now()
            finally:
                self._lock.release()
        return self._status

    def close(self) -> None:
        with self._lock:
            self._follower.close()

    def _status_now(self) -> TailStatus:
        now, follower = self._clock(), self._follower
        for file in follower.active.values():
            file.look(now)
        return TailStatus(
            sum(file.unread for file in follower.active.values()),
            sum(file.generation is not None for file in follower.active.values()),
            dict(follower.unreadable),
            follower.replaced,
            dict(follower.lost_bytes),
        )

    def _following(self, known: Sequence[SourceProgress]) -> LogFollower:
        return LogFollower(self._folder, known, self._mint, self._settings.limits, self._clock, self._wall)

    def _look(self) -> None:
        """While there is news, the folder is looked at once a second; else whenever it has changed."""
        now, follower = self._clock(), self._follower
        age_s = now - self._looked_at
        is_due = age_s >= (LOOK_SOON_S if follower.unreadable else LOOK_EVERY_S)
        is_time_to_ask = not self._had_news or age_s >= LOOK_SOON_S
        if is_due or (is_time_to_ask and (self._folder.has_changed() or follower.has_started_lines())):
            self._looked_at = now
            follower.look()

    def _told(self) -> Chunk | None:
        """What the store must know though no line comes with it: files left out and that the folder is followed
        first, so that a crash changes neither; then what was lost."""
        follower = self._follower
        if follower.to_tell:
            told = tuple(follower.to_tell[:_TOLD_AT_ONCE])
            del follower.to_tell[: len(told)]
            return Chunk(progress=told)
        if follower.drops:
            drops = dict(follower.drops)
            follower.drops.clear()
            return Chunk(drops=drops)
        return None

    def _next(self) -> Chunk | None:
        """The next lines. A file that has none just now stays open for a while, but not too many do."""
        self._sort()
        kept_open = 0
        for files in (self._backlog, self._turns):
            for file in list(files):
                chunk = self._read(file, kept_open >= MAX_OPEN)
                if chunk is not None:
                    if files is self._turns and file in files:
                        files.remove(file)
                        files.append(file)
                    return chunk
                kept_open += file.generation is not None and not file.is_live
        return self._told()

    def _sort(self) -> None:
        """Takes over what a look has found; what is finished leaves the queue."""
        follower = self._follower
        while self._backlog and follower.active.get(self._backlog[0].entry.identity) is not self._backlog[0]:
            self._backlog.popleft()
        if self._sorted == follower.looks:
            return
        self._sorted = follower.looks
        active = sorted(follower.active.values(), key=lambda file: (file.entry.modified_ns, file.entry.path.name))
        self._backlog = deque(file for file in active if file.is_backlog)
        growing = [file for file in active if not file.is_backlog]
        before = [file for file in self._turns if any(file is each for each in growing)]
        new = sorted((file for file in growing if not any(file is each for each in before)), key=lambda f: f.entry.path)
        self._turns = deque([*before, *new])

    def _read(self, file: File, at_once: bool) -> Chunk | None:
        """The next lines of a file; `at_once` also of one whose last line may still be completed. One that was cut is
        examined anew, and others with it."""
        follower, identity, now = self._follower, file.entry.identity, self._clock()
        if follower.active.get(identity) is not file:
            return None
        try:
            if not file.open(self._settings.limits) or file.generation is None:
                self._looked_at = float("-inf")
                return None
            if not file.generation.intact():
                follower.cut(identity)
                return self._next()
            file.look(now)
            lines = file.lines(file.is_final(now) or (at_once and not file.is_live))
        except OSError as error:
            follower.failed(file, error)
            return None
        if lines:
            return Chunk(tuple(lines), (follower.read_on(file),))
        if file.is_done(now):
            follower.finish(identity)
        return None
