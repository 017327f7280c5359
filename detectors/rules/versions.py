"""Every set that was deployed, and the way back to it: what, when, by whom, why."""

import gzip
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from detectors.rules.candidate import Counts
from detectors.rules.places import RulePlaces
from wardwatch.errors import NotFound, StoreFault, UserError
from wardwatch.shipping.rules import version_of

KEPT = 30
"""Sets that are kept whole; of older ones the history remains."""
_VERSION = re.compile(r"[0-9a-f]{6,64}")


class Deed(StrEnum):
    """What was done with a set."""

    TRIED = "tried"  # handed to the sensors that come first
    DEPLOYED = "deployed"  # handed to all
    HALTED = "halted"  # a first sensor refused it, or somebody stopped it
    ROLLED_BACK = "rolled-back"  # handed to all in place of a later one


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history. `why` is a person's word, or the reason of a sensor."""

    version: str
    deed: Deed
    at: datetime
    by: str
    why: str
    counts: Counts


class Versions:
    """The history of one installation."""

    def __init__(self, places: RulePlaces) -> None:
        self._places = places
        self._history = places.versions / "history.jsonl"

    def history(self) -> Sequence[Entry]:
        """Newest first."""
        try:
            lines = self._history.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreFault(f"the history {self._history} cannot be read: {error.strerror}") from None
        return [_entry(line) for line in reversed(lines) if line.endswith("}")]

    def put(self, text: str) -> str:
        """Keeps a set whole and returns its version; the oldest of more than `KEPT` go."""
        version = version_of_text(text)
        folder = self._places.versions
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / ".aside"
        aside.write_bytes(gzip.compress(text.encode(), mtime=0))
        aside.rename(self._file(version))
        kept = sorted(folder.glob("*.rules.gz"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        deployed = self.deployed()
        for old in kept[KEPT:]:
            if old != self._file(deployed):
                old.unlink()
        return version

    def text(self, version: str) -> str:
        """A set that was deployed. Raises `NotFound` where it is not kept."""
        try:
            return gzip.decompress(self._file(version).read_bytes()).decode()
        except FileNotFoundError:
            raise NotFound(f"the rules {version:.12} are not kept", f"the newest {KEPT} sets are") from None
        except (OSError, EOFError) as error:
            raise StoreFault(f"the rules {version:.12} cannot be read: {error}") from None

    def note(self, entry: Entry) -> None:
        """Adds a line to the history, durable when it returns."""
        self._history.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(asdict(entry) | {"at": entry.at.isoformat()}, ensure_ascii=False)
        with self._history.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())

    def deployed(self) -> str:
        """The version that sensors get; empty where they get none of ours."""
        try:
            return version_of({self._places.deployed.name: self._places.deployed.read_bytes()})
        except FileNotFoundError:
            return ""

    def whole(self, given: str) -> str:
        """The version that begins so. Raises `UserError` where none does, or several do."""
        if _VERSION.fullmatch(given) is None:
            raise UserError(f"'{given}' is no version", "give at least six characters of one")
        found = sorted({entry.version for entry in self.history() if entry.version.startswith(given)})
        if len(found) != 1:
            raise NotFound(
                f"{len(found) or 'no'} versions begin with {given}", "wardwatch rules list --versions shows them"
            )
        return found[0]

    def previous(self) -> str:
        """The version that all sensors had before the one they have. Raises `NotFound` where there was none."""
        now = self.deployed()
        everywhere = [entry for entry in self.history() if entry.deed in (Deed.DEPLOYED, Deed.ROLLED_BACK)]
        for entry in everywhere:
            if entry.version != now:
                return entry.version
        raise NotFound("there is no earlier version", "wardwatch rules list --versions shows what was deployed")

    def _file(self, version: str) -> Path:
        return self._places.versions / f"{version}.rules.gz"


def version_of_text(text: str) -> str:
    """The version of a set as sensors will say it."""
    return version_of({"suricata.rules": text.encode()})


def _entry(line: str) -> Entry:
    plain = json.loads(line)
    return Entry(
        plain["version"],
        Deed(plain["deed"]),
        datetime.fromisoformat(plain["at"]),
        plain["by"],
        plain["why"],
        Counts(**plain["counts"]),
    )
