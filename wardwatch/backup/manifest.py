"""What a backup says of itself: `manifest.json`, written last, so that a backup with one is whole."""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from wardwatch.errors import UserError

MANIFEST = "manifest.json"
FORMAT = 1
_PIECE_BYTES = 1024 * 1024


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file: its size and the SHA-256 of its content."""

    bytes: int
    sha256: str


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A store: its engine, and how many rows each of its tables or indices has."""

    engine: str
    rows: dict[str, int]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A backup: when it was made, by which version, of which engines, and every file in it by its relative path."""

    format: int
    product: str
    made_at: datetime
    state: Store
    records: Store
    files: dict[str, Kept]


def product() -> str:
    """The version that writes backups."""
    return version("wardwatch")


def files_in(folder: Path) -> Iterator[Path]:
    """Every file below a folder but the manifest itself, relative to it, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            yield path.relative_to(folder)


def kept(path: Path) -> Kept:
    """Size and hash of a file. Raises `OSError`."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
    return Kept(size, digest.hexdigest())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Raises `OSError`."""
    with (folder / MANIFEST).open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())


def verified(folder: Path) -> Manifest:
    """The manifest of a backup whose every file is as it was written. Raises `UserError` that names the first one that
    is not."""
    manifest = _read(folder)
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise UserError(f"{folder / MANIFEST}: '{name}' leads out of the backup", "use another backup")
        try:
            found = kept(path)
        except OSError as error:
            raise UserError(
                f"{path} cannot be read: {error.strerror}", "the backup is not whole: use another"
            ) from None
        if found != expected:
            raise UserError(f"{path} is not as it was written: its content has changed", "use another backup")
    return manifest


def _read(folder: Path) -> Manifest:
    path = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise UserError(f"{folder} is no backup: it has no {MANIFEST}", "an unfinished one ends in .partial") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise UserError(f"{path} is damaged, or of another version: {error}", "use another backup") from None
    if manifest.format != FORMAT:
        raise UserError(
            f"{folder} has the format {manifest.format} of version {manifest.product}; this one reads {FORMAT}",
            f"restore it with version {manifest.product}",
        )
    return manifest
