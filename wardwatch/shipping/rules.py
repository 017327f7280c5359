"""The rules that the core hands to the sensors of its edges."""

import hashlib
import threading
from pathlib import Path

from wardwatch.errors import SystemFault
from wardwatch.shipping.messages import MAX_FRAME_BYTES

MAX_RULES_BYTES = MAX_FRAME_BYTES - 1024 * 1024
"""Together; above that no message holds them."""


class RuleShelf:
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
