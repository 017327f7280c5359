"""The notifier: looks at open incidents every few seconds, tells whom the settings name, and says how it is."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from wardwatch.errors import NotFound, UserError
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.access import Scope
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.state import IncidentQuery
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.model.time import Clock
from wardwatch.notify.channels import Send
from wardwatch.notify.documents import read_notify
from wardwatch.notify.log import Attempt, AttemptLog, Outcome
from wardwatch.notify.outbox import Outbox
from wardwatch.notify.plan import Step, due_steps, kinds_of
from wardwatch.notify.settings import NotifySettings
from wardwatch.notify.wording import trial_message
from wardwatch.ports import StateStore

LOOKED_EVERY = timedelta(seconds=5)
_PAGE = 200
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotifierSettings:
    """Where the settings and the log of attempts are."""

    document: Path
    log: Path


class Notifier:
    """Tells incidents that opened since it was first started. Safe to call from several threads."""

    def __init__(
        self, settings: NotifierSettings, state: StateStore, resolve: Callable[[str], str], send: Send, clock: Clock
    ) -> None:
        self._files = settings
        self._state = state
        self._resolve = resolve
        self._send = send
        self._clock = clock
        self._log = AttemptLog(settings.log)
        self._outbox = Outbox(self._log, resolve, send)
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._problem = ""
        self._since: datetime = clock()
        self._opened = False
        self._tree = UnitTree({})
        self._inventory = -1
        self.settings = NotifySettings()

    def look(self) -> int:
        """Reads changed settings, tells what is due; returns how many messages were tried."""
        with self._lock:
            self._open()
            now = self._clock()
            if not self.settings.channels:
                return 0
            self._outbox.offer(self._due(now), now)
            return self._outbox.flush(self.settings, now)

    def test(self, name: str) -> Attempt:
        """Sends a test to a channel now and logs it. Raises `NotFound` for a channel that is not there."""
        with self._lock:
            self._open()
            channel = self.settings.channels.get(name)
            if channel is None:
                raise NotFound(f"there is no channel '{name}'", f"known: {', '.join(sorted(self.settings.channels))}")
            message = trial_message(name, channel.language)
            try:
                reason = self._send(self._resolve(channel.url), message)
            except UserError as error:
                reason = str(error)
            outcome = Outcome.SENT if reason is None else Outcome.FAILED
            tried = Attempt(self._clock(), "", name, outcome, message.title, 1, reason or "")
            self._log.add([tried])
            return tried

    def current(self) -> NotifySettings:
        """The settings in force."""
        with self._lock:
            self._open()
            return self.settings

    def attempts(self, scope: Scope, limit: int) -> list[Attempt]:
        """The newest attempts that a scope may see; tests are seen with the whole city."""
        with self._lock:
            self._open()
            lines = list(self._log.lines)
        seen = [line for line in reversed(lines) if scope.sees(*line.units)]
        return seen[:limit]

    def health(self) -> Sequence[PartHealth]:
        """How it is, for the board; nothing where there is no notify.yaml."""
        if not self.settings.channels and not self._problem:
            return []
        failing = self._outbox.failing()
        said = self._problem or (f"not reached: {', '.join(failing)}" if failing else "")
        words = Words.same(said) if said else NO_WORDS
        counts = self._outbox.counts
        figures = {f"notifications_{outcome}": float(counts[outcome]) for outcome in Outcome}
        figures["notifications_waiting"] = float(self._outbox.waiting)
        state = PartState.FAILED if said else PartState.RUNNING
        every_s = LOOKED_EVERY.total_seconds()
        return [PartHealth("core", "notify", self._clock(), state, self._since, 0, words, figures, every_s)]

    def _open(self) -> None:
        """Reads changed settings; the log begins with the first of them."""
        try:
            found = self._files.document.stat()
        except FileNotFoundError:
            self.settings, self._stamp, self._problem = NotifySettings(), None, ""
            return
        if not self._opened:
            self._log.open(self._clock())
            self._outbox.restore()
            self._opened = True
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self.settings, self._problem = read_notify(self._files.document), ""
        except UserError as error:
            # What was in force stays in force.
            self._problem = str(error)
            log.warning("notify settings refused problem=%s", error)

    def _due(self, now: datetime) -> list[Step]:
        asks_kinds = any(route.kinds for route in self.settings.routes)
        steps: list[Step] = []
        for incident in self._open_incidents():
            if self._log.since is not None and incident.opened_at < self._log.since:
                continue
            timeline = self._state.incidents.timeline(Scope.everything(), incident.id) if asks_kinds else ()
            steps += due_steps(incident, kinds_of(timeline), self.settings, self._above, now)
        return steps

    def _open_incidents(self) -> list[Incident]:
        found: list[Incident] = []
        cursor: str | None = None
        while True:
            query = IncidentQuery(namespace=None, states=(IncidentState.OPEN,), limit=_PAGE, cursor=cursor)
            page = self._state.incidents.incidents(Scope.everything(), query)
            found += page.items
            cursor = page.next
            if cursor is None:
                return found

    def _above(self, unit: str) -> list[str]:
        """The unit and all above it."""
        version = self._state.inventory.version()
        if version != self._inventory:
            self._tree = UnitTree(self._state.inventory.read(Scope.everything()).units)
            self._inventory = version
        return [unit, *self._tree.ancestors(unit)]
