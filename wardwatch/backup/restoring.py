"""Brings a backup back into a data folder that nobody works on.

Everything is verified first, then built beside (`.restore/new`), then put in place by renames. While `.restore` is
there no process opens the folder; a restore that was killed is finished by running it again. What stood there before is
put aside, never deleted.
"""

import os
import shutil
from pathlib import Path

from wardwatch.backup.manifest import MANIFEST as MANIFEST_FILE
from wardwatch.backup.manifest import Manifest, kept, verified
from wardwatch.backup.places import FILES, JOURNAL, RECORDS, REPLACED, STATE, is_in_use, replaceable_entries
from wardwatch.errors import StoreFault, UserError
from wardwatch.installation import Installation, read_installation
from wardwatch.model.time import Clock
from wardwatch.records import load_records
from wardwatch.settings import DataFolder
from wardwatch.state import load_state

_NEW, _READY = "new", "ready"


def restore(source: Path, data: DataFolder, clock: Clock, *, replace: bool = False) -> tuple[Manifest, Path | None]:
    """Returns what was restored, and where the former data were put aside, if there were any.

    Settings that are in the data folder already stay: they say where the stores are. Raises `UserError` for a backup
    that is not whole or a folder (or an engine) that holds an installation, unless it is to be replaced, and
    `StoreFault` when a store or the disk fails: then running it again goes on.
    """
    manifest = verified(source)
    mark = kept(source / MANIFEST_FILE).sha256
    try:
        if not _is_ready(data, mark):
            if is_in_use(data) and not replace:
                raise UserError(f"{data.root} holds an installation already", "add --replace to put it aside")
            _stage(source, data, manifest, clock, replace)
            _write_ready(data, mark, _free_name(data, clock))
        aside = _put_in_place(data)
    except OSError as error:
        where = error.filename or data.root
        raise StoreFault(f"the restore failed at {where}: {error.strerror}", "free space, then run it again") from None
    return manifest, aside


def _is_ready(data: DataFolder, mark: str) -> bool:
    """Whether everything stands beside already. Raises `UserError` when that is another backup."""
    try:
        found = (data.restoring / _READY).read_text(encoding="ascii").split()[0]
    except FileNotFoundError:
        return False
    if found != mark:
        raise UserError("a restore of another backup was interrupted here", "finish that one first: run it again")
    return True


def _stage(source: Path, data: DataFolder, manifest: Manifest, clock: Clock, replace: bool) -> None:
    new = data.restoring / _NEW
    shutil.rmtree(data.restoring, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    shutil.copytree(source / FILES, new, symlinks=True, dirs_exist_ok=True)
    _keep_own_settings(data, new)
    shutil.copytree(source / JOURNAL, new / JOURNAL)
    installation = read_installation(DataFolder(new))
    _fit(installation, manifest)
    load_state(
        installation.state_url,
        source / STATE,
        manifest.state.rows,
        settings=installation.state,
        replace=replace,
        clock=clock,
    )
    load_records(source / RECORDS, manifest.records.rows, new / RECORDS, clock, installation.records, replace=replace)


def _keep_own_settings(data: DataFolder, new: Path) -> None:
    """The settings of this folder, with what they refer to, stay."""
    if not data.settings.exists():
        return
    shutil.copy2(data.settings, new / data.settings.name)
    for path in sorted(data.root.iterdir()):
        if path.is_file() and path.suffix in (".pem", ".crt", ".key") and not (new / path.name).exists():
            shutil.copy2(path, new / path.name)
    for path in sorted(data.secrets.iterdir()) if data.secrets.is_dir() else ():
        (new / data.secrets.name).mkdir(mode=0o700, exist_ok=True)
        if not (new / data.secrets.name / path.name).exists():
            shutil.copy2(path, new / data.secrets.name / path.name)


def _fit(installation: Installation, manifest: Manifest) -> None:
    """State moves between its engines; records do not."""
    if installation.records_engine != manifest.records.engine:
        raise UserError(
            f"the backup's records are {manifest.records.engine}; settings.yaml says {installation.records_engine}",
            f"set records.engine: {manifest.records.engine}",
        )


def _free_name(data: DataFolder, clock: Clock) -> str:
    """Where the former data go."""
    name = f"{REPLACED}{clock():%Y%m%dT%H%M%SZ}"
    taken = len(list(data.root.glob(f"{name}*")))
    return f"{name}-{taken}" if taken else name


def _write_ready(data: DataFolder, mark: str, aside_name: str) -> None:
    os.sync()
    aside = data.restoring / f"{_READY}.aside"
    with aside.open("w", encoding="ascii") as file:
        file.write(f"{mark} {aside_name}\n")
        file.flush()
        os.fsync(file.fileno())
    aside.rename(data.restoring / _READY)
    _sync(data.restoring)


def _put_in_place(data: DataFolder) -> Path | None:
    """By renames alone; done again it goes on where it was. What is still in `new` has not been put in place, so what
    stands under its name is the former."""
    new = data.restoring / _NEW
    aside = data.root / (data.restoring / _READY).read_text(encoding="ascii").split()[1]
    coming = {path.name for path in new.iterdir()}
    placed = {path.name for path in _placed(data)}
    for path in replaceable_entries(data):
        if path.name in coming or path.name not in placed:
            aside.mkdir(mode=0o700, exist_ok=True)
            path.rename(aside / path.name)
    for path in sorted(new.iterdir()):
        (data.restoring / f"placed-{path.name}").touch()
        path.rename(data.root / path.name)
    _sync(data.root)
    shutil.rmtree(data.restoring)
    return aside if aside.exists() else None


def _placed(data: DataFolder) -> list[Path]:
    """What an interrupted run has put in place already."""
    names = (path.name.removeprefix("placed-") for path in data.restoring.glob("placed-*"))
    return [data.root / name for name in names if not (data.restoring / _NEW / name).exists()]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
