"""Devices that a run left in a state nobody knows, or half changed: each is an alert of high severity, which opens an
incident, until a later run of that device ends well."""

import fcntl
import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playbooks.journal import FINAL, State, entries
from wardwatch.ecs import event_of
from wardwatch.errors import WardWatchError
from wardwatch.model.inventory import Inventory
from wardwatch.model.records import AppendResult, Batch, Event, Position, SourceProgress
from wardwatch.model.status import Severity
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

EDGE = "changes"
_TITLES = {
    State.UNKNOWN: ("không rõ cấu hình đang chạy", "nobody knows what it runs"),
    State.PUSHING: ("đang thay đổi dở dang", "half changed"),
}


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A device, the run that left it so, how and why."""

    device: str
    plan: str
    state: State
    why: str


def unsettled(runs: Path) -> dict[str, Unsettled]:
    """Of the newest state of each device over all runs, those that are no good end. A run that is going on is none."""
    newest: dict[str, tuple[str, Unsettled | None]] = {}
    for path in sorted(runs.glob("*.jsonl")):
        try:
            records = [record for record in entries(path) if record["event"] == "state"]
            going_on = _held(path)
        except (WardWatchError, OSError) as error:
            log.warning("journal left out run=%s reason=%s", path.stem[:12], error)
            continue
        for record in records:
            state = State(record["state"])
            left = state is State.UNKNOWN or (state not in FINAL and state is not State.PLANNED and not going_on)
            if record["at"] >= newest.get(record["device"], ("", None))[0] and state is not State.REFUSED:
                found = Unsettled(record["device"], path.stem, state, record["why"]) if left else None
                newest[record["device"]] = (record["at"], found)
    return {device: found for device, (_, found) in newest.items() if found is not None}


class UnsettledWatch:
    """`look` is called again and again, by one thread at a time; what is told is told once, and again after a
    restart."""

    def __init__(
        self, runs: Path, inventory: Callable[[], Inventory], accept: Callable[[Batch], AppendResult], clock: Clock
    ) -> None:
        self._runs = runs
        self._inventory = inventory
        self._accept = accept
        self._clock = clock
        self._epoch = str(uuid.uuid4())
        self._sequence = 0
        self._offset = 0
        self._told: dict[str, Unsettled] = {}

    def look(self) -> None:
        """What cannot be stored now is told the next time."""
        found = unsettled(self._runs) if self._runs.is_dir() else {}
        news = [(each, True) for device, each in found.items() if self._told.get(device) != each]
        news += [(each, False) for device, each in self._told.items() if device not in found]
        if not news:
            return
        devices = self._inventory().devices
        now = self._clock()
        events = tuple(
            _event(Position(self._epoch, self._offset + number), now, each, alert, devices[each.device].unit)
            for number, (each, alert) in enumerate(news)
            if each.device in devices
        )
        progress = (SourceProgress(self._epoch, self._offset + len(news), EDGE, ""),)
        try:
            self._accept(
                Batch(EDGE, self._epoch, self._sequence + 1, events=events, progress=progress,
                      read={self._epoch: len(events)})
            )  # fmt: skip
        except WardWatchError as fault:
            log.error("unsettled devices wait for the stores reason=%s", fault)
            return
        self._sequence += 1
        self._offset += len(news)
        self._told = found


def _held(path: Path) -> bool:
    """Whether a process runs it now."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _event(position: Position, at: datetime, each: Unsettled, alert: bool, unit: str) -> Event:
    vi, en = _TITLES.get(each.state, _TITLES[State.PUSHING])
    rule = f"change.unsettled.{each.device}"
    document = {
        "event": {
            "kind": "alert" if alert else "event",
            "category": ["configuration"],
            "type": ["change"],
            "module": "wardwatch",
            "dataset": "wardwatch.changes",
            "action": "change-unsettled" if alert else "change-unsettled-over",
        },
        "@timestamp": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "ecs": {"version": "8.17.0"},
        "message": f"{each.device}: {vi} / {en}: {each.why} (playbook resume {each.plan[:12]})",
        "rule": {"id": rule, "name": f"{each.device}: {vi}", "category": "care"},
        "wardwatch": {"severity": Severity.HIGH.value, "destination": {"unit": unit, "device": each.device}},
    }
    original = json.dumps({"rule": rule, "alert": alert, "plan": each.plan, "why": each.why}, ensure_ascii=False)
    return event_of(position, at, (unit,), document, original)
