"""What became of every attempt: one JSON line each, durable before the next step is taken.

The log is also the memory: a step that is in it is not decided a second time after a restart. Lines past their age
are let go when the log is opened.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from wardwatch.errors import StoreFault

KEPT = timedelta(days=90)
KEPT_LINES = 50_000


class Outcome(StrEnum):
    """What became of a notification; the last one counts."""

    QUEUED = "queued"
    SENT = "sent"
    RETRYING = "retrying"
    FAILED = "failed"
    DROPPED = "dropped"


TERMINAL = frozenset({Outcome.SENT, Outcome.FAILED, Outcome.DROPPED})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line: of `step` (its key; empty for a test) to `channel`. `units` are those of the incident, for scope."""

    at: datetime
    step: str
    channel: str
    outcome: Outcome
    title: str
    attempt: int = 0
    reason: str = ""
    incident: str = ""
    route: str = ""
    drill: bool = False
    units: tuple[str, ...] = ()


class AttemptLog:
    """The log of an installation. Not thread-safe: the notifier writes it under its lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines: deque[Attempt] = deque(maxlen=KEPT_LINES)
        self.since: datetime | None = None

    def open(self, now: datetime) -> None:
        """Reads what there is and lets old lines go; a new log remembers when it began. Raises `StoreFault`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.read(now)
            self.since = self.since or now
            fresh = self._path.with_suffix(".new")
            with fresh.open("wb") as file:
                file.write(orjson.dumps({"since": self.since}) + b"\n")
                file.writelines(orjson.dumps(line) + b"\n" for line in self.lines)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            raise StoreFault(f"{self._path} cannot be kept: {error.strerror}", "free space, or mend the disk") from None

    def read(self, now: datetime) -> None:
        """Reads what there is and changes nothing. Raises `OSError`."""
        self.lines.clear()
        if self._path.exists():
            self._read(now - KEPT)

    def add(self, attempts: Sequence[Attempt]) -> None:
        """Durable when it returns. Raises `StoreFault`."""
        if not attempts:
            return
        try:
            with self._path.open("ab") as file:
                file.writelines(orjson.dumps(line) + b"\n" for line in attempts)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreFault(
                f"{self._path} cannot be written: {error.strerror}", "free space, or mend the disk"
            ) from None
        self.lines.extend(attempts)

    def _read(self, oldest: datetime) -> None:
        for said in _objects(self._path):
            if "since" in said:
                self.since = datetime.fromisoformat(said["since"])
                continue
            at = datetime.fromisoformat(said["at"])
            if at >= oldest:
                known = {**said, "at": at, "outcome": Outcome(said["outcome"]), "units": tuple(said["units"])}
                self.lines.append(Attempt(**known))


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    """The complete lines; a power loss may have cut the last one."""
    for line in path.read_bytes().splitlines():
        try:
            said = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(said, dict):
            yield said
