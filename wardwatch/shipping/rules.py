"""The rules that the core hands to the sensors of its edges."""

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path

from wardwatch.errors import SystemFault
from wardwatch.shipping.messages import MAX_FRAME_BYTES

MAX_RULES_BYTES = MAX_FRAME_BYTES - 1024 * 1024
"""Together; above that no message holds them."""


LOCAL = "local"
"""What the sensor beside the core is called among edges."""
FIRST = "first"
"""The folder with the rules of those edges that try a set before the others; its file `edges` names them."""


class RuleShelf:
    """What each edge's sensor gets: the rules of a folder, or those of the folder `first` in it."""

    def __init__(self, folder: Path) -> None:
        self._all = _Files(folder)
        self._first = _Files(folder / FIRST)
        self._edges = folder / FIRST / "edges"
        self._asked: dict[str, str] = {}

    def current(self, edge: str = LOCAL) -> tuple[str, dict[str, bytes]]:
        """Version and files for an edge. Raises `SystemFault` where they cannot be read or are too large for a
        message."""
        try:
            is_first = edge in self._edges.read_text(encoding="utf-8").split()
        except OSError:
            is_first = False
        return (self._first if is_first else self._all).current()

    def answer(self, edge: str, version: str) -> tuple[str, dict[str, bytes]]:
        """As `current`, for an edge that has that version already: no files then."""
        self._asked[edge] = version
        current, files = self.current(edge)
        return current, {} if current == version else files

    def asked(self) -> Mapping[str, str]:
        """The version that each edge had when it asked last, since the core's start."""
        return dict(self._asked)


class _Files:
    """The files `*.rules` of a folder. Their version is a hash of names and contents, computed when one has changed;
    without any file it is empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._version = ""
        self._files: dict[str, bytes] = {}

    def current(self) -> tuple[str, dict[str, bytes]]:
        """Version and files. Raises `SystemFault` where they cannot be read or are too large for a message."""
        with self._lock:
            try:
                paths = sorted(self._folder.glob("*.rules"))
                seen = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
                if seen != self._seen:
                    total = sum(size for _, _, size in seen)
                    if total > MAX_RULES_BYTES:
                        raise SystemFault(
                            f"the rules in {self._folder} are too large: {total} bytes, above {MAX_RULES_BYTES}",
                            "leave out rule sets that no sensor needs",
                        )
                    self._files = {path.name: path.read_bytes() for path in paths}
                    self._version = version_of(self._files)
                    self._seen = seen
            except OSError as error:
                raise SystemFault(f"the rules in {self._folder} cannot be read: {error.strerror}") from None
            return self._version, self._files


def version_of(files: dict[str, bytes]) -> str:
    """What tells two sets of rules apart; empty for none."""
    if not files:
        return ""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
