"""A source's rules as files of ours. A source that cannot be reached is used as it was the last time: an update never
fails for want of a network."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

from detectors.rules.documents import SourceDocument
from detectors.rules.parsing import read_rules
from detectors.rules.unpacking import unpacked
from wardwatch.errors import UserError, WardWatchError
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

MAX_BYTES = 200 * 1024 * 1024
Download = Callable[[str, Mapping[str, str]], bytes]
"""What stands at an address, asked with these headers. Raises `UserError`."""


class SourceState(StrEnum):
    """How a source stands in a candidate."""

    FRESH = "fresh"
    KEPT = "kept"  # it could not be read now; its last good copy is used
    ABSENT = "absent"  # it could not be read, and never was


@dataclass(frozen=True, slots=True)
class Fetched:
    """A source as it goes into a candidate: the files that have its rules, and of when they are."""

    name: str
    state: SourceState
    files: tuple[Path, ...]
    at: datetime | None = None
    sha256: str = ""
    reason: str = ""


class Sources:
    """Reads sources, keeps the last good copy of each below `cache`. `version` is Suricata's."""

    def __init__(
        self, cache: Path, archives: Path, download: Download, resolve: Callable[[str], str], clock: Clock, version: str
    ) -> None:
        self._cache = cache
        self._archives = archives
        self._download = download
        self._resolve = resolve
        self._clock = clock
        self._version = version

    def fetch(self, name: str, source: SourceDocument, offline: bool = False) -> Fetched:
        """Never raises for what is wrong with one source: the reason is in the outcome."""
        try:
            if source.folder is not None:
                return self._of_folder(name, source.folder)
            if offline and source.archive is None and not (source.url or "").startswith("file://"):
                raise UserError("this update is offline")
            filename, content = self._content(source)
            refuse_what_has_no_rules(filename, content)
            return self._keep(name, filename, content)
        except (WardWatchError, OSError) as error:
            return self._kept(name, str(error))

    def _content(self, source: SourceDocument) -> tuple[str, bytes]:
        if source.archive is not None:
            return source.archive, _read(self._archives / source.archive)
        headers = {"Authorization": self._resolve(source.authorization)} if source.authorization else {}
        url, checksum = self._address(source, headers)
        content = self._at(url, headers)
        if checksum:
            told = self._at(f"{url}.md5", headers).decode("ascii", "replace").split()
            if not told or told[0].lower() != hashlib.md5(content, usedforsecurity=False).hexdigest():
                raise UserError(f"{url} is not what its checksum says", "try again: the transfer was cut off")
        return Path(unquote(urlsplit(url).path)).name or "source.rules", content

    def _address(self, source: SourceDocument, headers: Mapping[str, str]) -> tuple[str, bool]:
        if source.url is not None:
            return source.url.replace("%(__version__)s", self._version), source.checksum
        assert source.index is not None
        index = self._at(source.index, headers)
        try:
            entry = yaml.safe_load(index)["sources"][source.source]
            parameters = {"__version__": self._version, **source.parameters}
            return str(entry["url"]) % parameters, source.checksum
        except (yaml.YAMLError, TypeError, ValueError) as error:
            raise UserError(f"{source.index} is no index of sources: {str(error)[:200]}") from None
        except KeyError as error:
            raise UserError(f"{source.index} has no {error} for the source {source.source}") from None

    def _at(self, address: str, headers: Mapping[str, str]) -> bytes:
        if "://" not in address:
            return _read(Path(address))
        if address.startswith("file://"):
            return _read(Path(unquote(urlsplit(address).path)))
        return self._download(address, headers)

    def _of_folder(self, name: str, folder: Path) -> Fetched:
        files = tuple(sorted(folder.glob("*.rules")))
        if not files:
            raise UserError(f"the folder {folder} has no *.rules")
        return Fetched(name, SourceState.FRESH, files, self._clock())

    def _keep(self, name: str, filename: str, content: bytes) -> Fetched:
        """The new copy stands whole before the old one goes."""
        folder, now = self._cache / name, self._clock()
        folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(content).hexdigest()
        file = folder / f"{digest[:16]}-{filename}"
        aside = folder / ".aside"
        aside.write_bytes(content)
        aside.rename(file)
        told = {"file": file.name, "at": now.isoformat(), "sha256": digest}
        aside.write_text(json.dumps(told), encoding="utf-8")
        aside.rename(folder / "told.json")
        for other in folder.iterdir():
            if other.name not in (file.name, "told.json"):
                other.unlink()
        return Fetched(name, SourceState.FRESH, (file,), now, digest)

    def _kept(self, name: str, reason: str) -> Fetched:
        log.warning("rule source not read source=%s reason=%s", name, reason)
        folder = self._cache / name
        try:
            told = json.loads((folder / "told.json").read_bytes())
            file, at = folder / told["file"], datetime.fromisoformat(told["at"])
            if file.is_file():
                return Fetched(name, SourceState.KEPT, (file,), at, str(told["sha256"]), reason)
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return Fetched(name, SourceState.ABSENT, (), reason=reason)


def fetched_as_json(fetched: Fetched) -> dict[str, object]:
    """For the candidate's description: without paths of this machine."""
    plain = asdict(fetched)
    del plain["files"]
    return plain | {"at": None if fetched.at is None else fetched.at.isoformat()}


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path} is above {MAX_BYTES // 1024**2} MiB")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


def refuse_what_has_no_rules(filename: str, content: bytes) -> None:
    """A page that asks for a password, or half an archive, must not take the place of good rules."""
    if not any(True for _, text in unpacked(filename, content) for _ in read_rules(text)):
        raise UserError(f"{filename} holds no rules")
