"""Makes a backup while an installation runs: one instant of both stores and of the journals beside them.

Batches wait only while the instant is taken: both stores hand out a snapshot that stays as it is, and the journals'
files, which never change, get a second name. What an edge has not shipped by then is in its journal; what it has, the
records hold.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from wardwatch.backup.manifest import FORMAT, Manifest, Store, files_in, kept, product, write_manifest
from wardwatch.backup.places import FILES, JOURNAL, RECORDS, STATE, plain_entries
from wardwatch.errors import StoreFault, UserError
from wardwatch.installation import Installation
from wardwatch.model.time import Clock
from wardwatch.ports import RecordStore, StateStore

_LINKED = ".backup"


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """What was written: how many files, how many bytes, and how many rows of each store."""

    files: int
    bytes: int
    state_rows: int
    record_rows: int


class Backups:
    """Makes backups of open stores. `paused` keeps batches waiting for the length of a block."""

    def __init__(
        self,
        installation: Installation,
        state: StateStore,
        records: RecordStore,
        paused: Callable[[], AbstractContextManager[None]],
        clock: Clock,
    ) -> None:
        self._installation = installation
        self._state = state
        self._records = records
        self._paused = paused
        self._clock = clock

    def make(self, target: Path) -> BackupSummary:
        """Writes a backup into a new folder. Raises `UserError` for a place where none can be, `StoreFault` when a
        store or the disk fails; then nothing is left behind."""
        partial = self._begun(target)
        try:
            manifest = self._write(partial)
            _sync_tree(partial)
            partial.rename(target)
            _sync(target.parent)
        except OSError as error:
            raise StoreFault(
                f"the backup {target} cannot be written: {error.strerror}", "free space, or name another place"
            ) from None
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return BackupSummary(
            len(manifest.files),
            sum(each.bytes for each in manifest.files.values()),
            sum(manifest.state.rows.values()),
            sum(manifest.records.rows.values()),
        )

    def _begun(self, target: Path) -> Path:
        root = self._installation.data.root.resolve()
        if not target.is_absolute() or target.resolve().is_relative_to(root):
            raise UserError(f"{target}: a backup does not lie in the data folder", "name a folder on another disk")
        if target.exists():
            raise UserError(f"{target} is there already", "name a new folder, for example one with today's date")
        partial = target.with_name(f"{target.name}.partial")
        try:
            # What a killed run left behind is worth nothing.
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(mode=0o700)
        except OSError as error:
            raise UserError(
                f"{partial} cannot be made: {error.strerror}", "name a folder that can be written"
            ) from None
        return partial

    def _write(self, folder: Path) -> Manifest:
        for part in (STATE, RECORDS, JOURNAL, FILES):
            (folder / part).mkdir(mode=0o700)
        data, linked = self._installation.data, self._installation.data.journal / _LINKED
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, linked, ignore_errors=True)
            with self._paused():
                made_at = self._clock()
                state = self._state.snapshot()
                stack.callback(state.close)
                records = self._records.snapshot()
                stack.callback(records.close)
                _link_journals(data.journal, linked)
            state_rows = state.write(folder / STATE)
            record_rows = records.write(folder / RECORDS)
            if linked.is_dir():
                shutil.copytree(linked, folder / JOURNAL, dirs_exist_ok=True)
        _copy(plain_entries(data), folder / FILES)
        manifest = Manifest(
            FORMAT,
            product(),
            made_at,
            Store(self._installation.state_engine, state_rows),
            Store(self._installation.records_engine, record_rows),
            {str(name): kept(folder / name) for name in files_in(folder)},
        )
        write_manifest(folder, manifest)
        return manifest


def _link_journals(journals: Path, linked: Path) -> None:
    """A second name for every file that waits: batches first, then how far the core had them, so that at worst a batch
    is there that the mark says is done."""
    shutil.rmtree(linked, ignore_errors=True)
    for journal in sorted(journals.iterdir()) if journals.is_dir() else ():
        if not journal.is_dir() or journal == linked:
            continue
        (linked / journal.name).mkdir(parents=True)
        names = sorted((path for path in journal.iterdir() if path.is_file()), key=lambda path: path.suffix != ".batch")
        for path in names:
            try:
                os.link(path, linked / journal.name / path.name)
            except FileNotFoundError:
                continue


def _copy(entries: Sequence[Path], into: Path) -> None:
    for entry in entries:
        if entry.is_dir():
            shutil.copytree(entry, into / entry.name, symlinks=True, ignore=_no_sockets)
        else:
            shutil.copy2(entry, into / entry.name)


def _no_sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (path := Path(folder, name)).is_socket() or path.is_fifo()]


def _sync_tree(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
