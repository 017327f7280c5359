"""Backups without anybody asking: all devices at an interval, and one soon after its syslog said it was changed.

Who changed it comes from the message and is the author of the commit.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playbooks.service import Changes, Kept
from wardwatch.model.inventory import Inventory
from wardwatch.model.queries import EventPage, EventQuery
from wardwatch.model.time import Clock, TimeRange

SETTLED = timedelta(seconds=20)
"""A person who configures writes many lines: the backup waits until they are through."""
LATE = timedelta(minutes=5)
"""Events may reach the store this long after they happened."""
_PAGE = 500


class BackupWatch:
    """Decides which devices are to be read. `marker` holds up to when messages were followed, across restarts."""

    def __init__(self, marker: Path, events: Callable[[EventQuery], EventPage], clock: Clock) -> None:
        self._marker = marker
        self._events = events
        self._clock = clock
        self._done: dict[tuple[str, int], datetime] = {}

    def all(self, changes: Changes) -> list[Kept]:
        """Every device that has a login."""
        return changes.backup([], "wardwatch", "scheduled backup")

    def changed(self, changes: Changes) -> list[Kept]:
        """The devices whose messages said since the last look that their configuration was changed."""
        until = self._clock() - SETTLED
        since = self._since(until)
        found = self._changed_by(changes.access.inventory, TimeRange(since - LATE, until))
        kept = [
            each
            for device, who in found.items()
            if changes.access.rule(changes.device(device)) is not None
            for each in changes.backup([device], who, f"changed by {who}, said its syslog")
        ]
        self._marker.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._marker.write_text(until.isoformat(), "ascii")
        return kept

    def _since(self, until: datetime) -> datetime:
        try:
            return min(until, datetime.fromisoformat(self._marker.read_text("ascii").strip()))
        except (FileNotFoundError, ValueError):
            return until

    def _changed_by(self, inventory: Inventory, time: TimeRange) -> dict[str, str]:
        """Each device and who changed it last; an event is followed once."""
        addresses = {device.address: device.id for device in inventory.devices.values()}
        self._done = {key: at for key, at in self._done.items() if at >= time.start}
        found: dict[str, str] = {}
        cursor: str | None = None
        while True:
            query = EventQuery(time, filters={"event.action": ("configuration-changed",)}, limit=_PAGE, cursor=cursor)
            page = self._events(query)
            for event in page.items:
                key = (event.position.source, event.position.offset)
                device = addresses.get(event.document.get("observer", {}).get("ip", ""))
                if key not in self._done and device is not None:
                    # The newest comes first.
                    found.setdefault(device, _who(event.document))
                self._done[key] = event.at
            cursor = page.next
            if cursor is None:
                return found


def _who(document: dict[str, Any]) -> str:
    """A name that can stand in a commit."""
    return re.sub(r"[^\w.@-]", "", str(document.get("user", {}).get("name", "")))[:60] or "unknown"
