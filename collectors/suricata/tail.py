"""The tail of Suricata's files: every path of the patterns is followed; the files are their own journal."""

import glob
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from collectors.suricata.follower import FileFollower
from collectors.suricata.generation import DEFAULT_LIMITS, Chunk, ReadLimits
from wardwatch.model.records import SourceProgress

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TailSettings:
    """Which files: paths or globs (`eve.json`, `eve.*.json` of threaded output), and how much is read at once."""

    patterns: tuple[str, ...]
    limits: ReadLimits = DEFAULT_LIMITS


def mint_generation() -> str:
    """A new source id."""
    return str(uuid.uuid4())


class EveTail:
    """Reads new lines of all followed files, in turns, so that a busy file does not starve the others."""

    def __init__(self, settings: TailSettings, mint: Callable[[], str] = mint_generation) -> None:
        self._settings = settings
        self._mint = mint
        self._known: tuple[SourceProgress, ...] = ()
        self._followers: dict[str, FileFollower] = {}
        self._turn: list[str] = []
        self.unreadable: dict[str, str] = {}

    def open(self, known: Sequence[SourceProgress]) -> None:
        """Takes what the store knows of every source; reading goes on from there."""
        self._known = tuple(known)

    def read(self) -> Chunk | None:
        """The next lines of the file whose turn it is; None when all were read."""
        if not self._turn:
            self._look_for_files()
        for _ in range(len(self._turn)):
            path = self._turn.pop(0)
            chunk = self._read(path)
            if chunk is not None:
                self._turn.append(path)
                return chunk
        return None

    @property
    def lag_bytes(self) -> int:
        """Bytes written but not handed on, over all files."""
        return sum(follower.lag_bytes for follower in self._followers.values())

    @property
    def replaced(self) -> int:
        """How often a file was cut or overwritten in place."""
        return sum(follower.replaced for follower in self._followers.values())

    def close(self) -> None:
        for follower in self._followers.values():
            follower.close()
        self._followers.clear()
        self._turn.clear()

    def _look_for_files(self) -> None:
        for pattern in self._settings.patterns:
            for path in glob.glob(pattern):  # noqa: PTH207 - a pattern may be absolute, which Path.glob refuses
                if path not in self._followers:
                    self._followers[path] = FileFollower(Path(path), self._known, self._mint, self._settings.limits)
                    log.info("file met path=%s", path)
        self._turn = sorted(self._followers)

    def _read(self, path: str) -> Chunk | None:
        try:
            chunk = self._followers[path].read()
        except OSError as error:
            if path not in self.unreadable:
                log.error("file cannot be read path=%s reason=%s", path, error.strerror)
            self.unreadable[path] = error.strerror or str(error)
            return None
        self.unreadable.pop(path, None)
        return chunk
