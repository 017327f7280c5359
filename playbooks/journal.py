"""The journal of a run: every state and every line, durable before the next step, each record linked to the one before.

A line is written down before it is sent (`sending`), with its secrets as references, so that after a crash nobody has
to guess what a device may have got.
"""

import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from wardwatch.errors import Conflict, NotFound, StoreFault


class State(StrEnum):
    """Where a device stands in a run. The last five are final."""

    PLANNED = "planned"
    PUSHING = "pushing"
    PUSHED = "pushed"
    CONFIRMED = "confirmed"
    SAVED = "saved"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    ROLLED_BACK = "rolled-back"
    UNKNOWN = "unknown"


FINAL = frozenset({State.SAVED, State.UNCHANGED, State.REFUSED, State.ROLLED_BACK, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest state of a device, why, and the digest of the configuration that was read last."""

    state: State
    why: str = ""
    found: str = ""


class Journal:
    """One run's file, locked by the process that runs it. Threads share it. A context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._syncing = threading.Lock()
        self._written = self._durable = 0
        self._file: IO[str] | None = None
        self._last = ""

    def __enter__(self) -> Self:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = self._path.open("a", encoding="utf-8")
        if not _locked(self._file):
            self._file.close()
            raise Conflict(f"the run {self._path.stem} is being run by another process")
        records = entries(self._path)
        whole = sum(len(_text(record)) + 1 for record in records)
        # A last line that was cut by a crash was never acted on.
        os.truncate(self._path, whole)
        self._last = records[-1]["hash"] if records else ""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def write(self, event: str, device: str = "", **detail: object) -> None:
        """Durable when it returns."""
        with self._turn:
            if self._file is None:
                raise StoreFault("the journal of the run is closed")
            record: dict[str, Any] = {
                "at": datetime.now(UTC).isoformat(),
                "event": event,
                "device": device,
                **detail,
                "previous": self._last,
            }
            record["hash"] = _hash(record)
            self._file.write(_text(record).decode() + "\n")
            self._file.flush()
            self._last = record["hash"]
            self._written += 1
            mine, descriptor = self._written, self._file.fileno()
        with self._syncing:
            # Of threads that come together one makes the lines of all durable.
            if self._durable < mine:
                until = self._written
                os.fdatasync(descriptor)
                self._durable = until

    def state(self, device: str, state: State, why: str = "", found: str = "") -> None:
        """The device is there now."""
        self.write("state", device, state=state.value, why=why, found=found)


def _locked(file: IO[str]) -> bool:
    """Takes the file's lock; one who only looks whether it is taken holds it for a moment."""
    for attempt in range(3):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt < 2:
                time.sleep(0.05)
        else:
            return True
    return False


def entries(path: Path) -> list[dict[str, Any]]:
    """The whole records of a journal. Raises `StoreFault` where one was changed or removed."""
    if not path.exists():
        raise NotFound(f"there is no run {path.stem}", "see 'wardwatch playbook status'")
    found: list[dict[str, Any]] = []
    lines = path.read_bytes().split(b"\n")
    last = ""
    for number, line in enumerate(lines[:-1], 1):
        try:
            record = json.loads(line)
            holds = record["previous"] == last and record["hash"] == _hash(record)
        except (ValueError, KeyError, TypeError):
            holds = False
        if not holds:
            raise StoreFault(f"{path}:{number}: the journal of the run was changed", "restore it from a backup")
        last = record["hash"]
        found.append(record)
    return found


def standings(records: list[dict[str, Any]]) -> dict[str, Standing]:
    """The newest state of each device."""
    return {
        record["device"]: Standing(State(record["state"]), record["why"], record["found"])
        for record in records
        if record["event"] == "state"
    }


def _text(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _hash(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text({key: value for key, value in record.items() if key != "hash"})).hexdigest()


class Lease:
    """One device for one process. Ends with the process, however that ends; `fence` counts its holders. A context
    manager."""

    def __init__(self, folder: Path, device: str) -> None:
        self._path = folder / f"{device}.lease"
        self._device = device
        self._descriptor = -1
        self.fence = 0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise Conflict(f"{self._device} is being changed by another run", "wait for it to end") from None
        self.fence = int(os.pread(self._descriptor, 20, 0) or b"0") + 1
        os.pwrite(self._descriptor, str(self.fence).encode(), 0)
        os.fsync(self._descriptor)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
