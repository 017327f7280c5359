"""Looks into a folder for the files of one log, as seldom as it may: a folder whose names have not changed is not read
again, but for a look every few seconds at files that may have grown."""

import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from collectors.suricata.generation import Identity
from collectors.suricata.names import Kind, kind_of

_SETTLED_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file behind a name, as it was when it was looked at; links are followed."""

    identity: Identity
    path: Path
    kind: Kind
    size: int
    modified_ns: int


class LogFolder:
    """The files of one log: in its folder, and beside what its name is a link to."""

    def __init__(self, folder: Path, log: str) -> None:
        self._folder = folder
        self._log = log
        self._changed_ns: dict[Path, int | None] = {}
        self._settled = False
        self._live: dict[Path, Identity | None] = {}
        self.unreadable: dict[str, str] = {}

    @property
    def log(self) -> Path:
        """The log under its own name."""
        return self._folder / self._log

    def is_there(self) -> bool:
        return self._folder.is_dir()

    def holds(self, path: Path) -> bool:
        """Whether the path is of this folder, by its name alone."""
        return path.parent == self._folder

    def has_live(self) -> bool:
        """Whether the last look saw a log under the name it is written to."""
        return any(identity is not None for identity in self._live.values())

    def has_changed(self) -> bool:
        """Whether names may mean other files than at the last look."""
        if not self._settled or self._changed_ns != {folder: _changed_ns(folder) for folder in self._changed_ns}:
            return True
        return any(_identity(path) != identity for path, identity in self._live.items())

    def entries(self) -> list[Entry]:
        """Every file once, by its best name."""
        self.unreadable = {}
        found: dict[Identity, Entry] = {}
        changed_ns: dict[Path, int | None] = {}
        looked_ns = time.time_ns()
        for folder in self._folders():
            changed_ns[folder] = _changed_ns(folder)
            for entry in self._in(folder):
                known = found.get(entry.identity)
                if known is None or (known.kind is not Kind.LIVE and entry.kind is Kind.LIVE):
                    found[entry.identity] = entry
        self._changed_ns = changed_ns
        # Two changes within one tick of the kernel's clock leave the same time behind.
        self._settled = all(changed is None or looked_ns - changed > _SETTLED_NS for changed in changed_ns.values())
        self._live = {entry.path: entry.identity for entry in found.values() if entry.kind is Kind.LIVE}
        self._live.setdefault(self._folder / self._log, None)
        return list(found.values())

    def _folders(self) -> list[Path]:
        own = self._folder / self._log
        beside = Path(os.path.realpath(own)).parent if own.is_symlink() else self._folder
        return [self._folder] if beside.resolve() == self._folder.resolve() else [self._folder, beside]

    def _in(self, folder: Path) -> list[Entry]:
        try:
            names = os.listdir(folder)  # noqa: PTH208 - names are cheaper than paths, and most are not ours
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.unreadable[str(folder)] = error.strerror or str(error)
            return []
        entries = []
        for name in names:
            kind = kind_of(name, self._log)
            if kind is not None and (entry := self._entry(folder / name, kind)) is not None:
                entries.append(entry)
        return entries

    def _entry(self, path: Path, kind: Kind) -> Entry | None:
        try:
            status = path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            self.unreadable[str(path)] = error.strerror or str(error)
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return Entry((status.st_dev, status.st_ino), path, kind, status.st_size, status.st_mtime_ns)


def _changed_ns(folder: Path) -> int | None:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return None


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
