"""The file operations of a journal, one by one: a crash may fall between any two of them, and a test makes it do so."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Disk(Protocol):
    """A folder of files known by their names. Each verb may raise `OSError`. Only what was synced survives a power
    loss."""

    def prepare(self) -> None:
        """Makes the folder; when it returns, the folder survives a power loss."""
        ...

    def names(self) -> Sequence[str]: ...

    def size(self, name: str) -> int: ...

    def read(self, name: str, limit: int = -1) -> bytes:
        """A file from its beginning, or its first `limit` bytes. Raises `FileNotFoundError`."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Makes or replaces a file, not yet durably."""
        ...

    def sync(self, name: str) -> None:
        """The file's content survives."""
        ...

    def rename(self, old: str, new: str) -> None: ...

    def link(self, old: str, new: str) -> None: ...

    def unlink(self, name: str) -> None:
        """No error where there is no such file."""
        ...

    def sync_names(self) -> None:
        """What was renamed, linked and unlinked survives."""
        ...


class FolderDisk:
    """A folder of the file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        missing = [path for path in (self._folder, *self._folder.parents) if not path.exists()]
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in missing:
            _sync(path.parent)

    def names(self) -> Sequence[str]:
        return sorted(path.name for path in self._folder.iterdir())

    def size(self, name: str) -> int:
        return (self._folder / name).stat().st_size

    def read(self, name: str, limit: int = -1) -> bytes:
        with (self._folder / name).open("rb") as file:
            return file.read(limit)

    def write(self, name: str, content: bytes) -> None:
        (self._folder / name).write_bytes(content)

    def sync(self, name: str) -> None:
        _sync(self._folder / name)

    def rename(self, old: str, new: str) -> None:
        (self._folder / old).rename(self._folder / new)

    def link(self, old: str, new: str) -> None:
        (self._folder / new).hardlink_to(self._folder / old)

    def unlink(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def sync_names(self) -> None:
        _sync(self._folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
