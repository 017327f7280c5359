"""The live stream: from any thread to every listener, each seeing its own units.

A message's id is `<boot>-<sequence>`; a bounded ring of the newest lets a listener that comes back go on where it was.
Nobody can hold the others up: a listener whose queue is full is told to read everything again, and dropped.
"""

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge

from api.problems import ApiError
from wardwatch.model.access import Scope
from wardwatch.model.time import Clock

TOPICS = ("status", "incident", "alert_group", "events", "freshness", "parts")
RESYNC = "resync"
# The age of the data is no secret of any unit; everything else belongs to units, or (`parts`) to the whole city.
_FOR_ALL = frozenset({"freshness", RESYNC})
# What these count spans all units of the message, so it is no business of a caller who sees a part of them.
_COUNTS = {"freshness": "polled", "events": "count"}


@dataclass(frozen=True, slots=True)
class Live:
    """One message of the stream."""

    id: str
    topic: str
    at: datetime
    payload: dict[str, Any]

    def seen_by(self, scope: Scope) -> "Live | None":
        """The message as the scope may see it: of its units only those in sight; None when there is none."""
        if scope.units is None:
            return self
        units = [unit for unit in self.payload.get("units", ()) if scope.sees(unit)]
        if not units and self.topic not in _FOR_ALL:
            return None
        seen = self.payload | {"units": units}
        if len(units) < len(self.payload.get("units", ())):
            seen.pop(_COUNTS.get(self.topic, ""), None)
        return Live(self.id, self.topic, self.at, seen)


class Listener:
    """One open stream: a bounded queue that is filled from any thread and emptied by one coroutine."""

    def __init__(self, scope: Scope, loop: asyncio.AbstractEventLoop, capacity: int) -> None:
        self._scope = scope
        self._loop = loop
        self._capacity = capacity
        self._queue: deque[Live] = deque()
        self._wake = asyncio.Event()
        self.closed = False

    def offer(self, message: Live) -> bool:
        """Queues the message if it is in sight. False when the listener is full and must go."""
        seen = message.seen_by(self._scope)
        if seen is None or self.closed:
            return True
        if len(self._queue) >= self._capacity:
            return False
        self._queue.append(seen)
        self._call(self._wake.set)
        return True

    def end(self, last: Live | None = None) -> None:
        """Ends the stream; with `last`, what was queued is thrown away and only that is still told."""
        if last is not None:
            self._queue.clear()
            self._queue.append(last)
        self.closed = True
        self._call(self._wake.set)

    async def next(self, timeout_s: float) -> Live | None:
        """The next message; None when none came in time, or when the stream has ended."""
        if not self._queue and not self.closed:
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), timeout_s)
            except TimeoutError:
                return None
        try:
            return self._queue.popleft()
        except IndexError:
            return None

    def _call(self, wake: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(wake)
        except RuntimeError:
            # The loop is closed: the server went down while somebody still published.
            self.closed = True


class LiveHub:
    """Hands messages to listeners. `publish` is a `wardwatch.ports.LiveListener`."""

    def __init__(
        self,
        clock: Clock,
        registry: CollectorRegistry,
        ring: int = 2048,
        queue: int = 256,
        listeners: int = 512,
        boot: str | None = None,
    ) -> None:
        self._clock = clock
        self._ring: deque[Live] = deque(maxlen=ring)
        self._queue = queue
        self._most = listeners
        self._boot = boot or secrets.token_hex(4)
        self._sequence = 0
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._published = Counter("wardwatch_live_messages", "Messages published.", ("topic",), registry=registry)
        self._slow = Counter("wardwatch_live_dropped_listeners", "Listeners that were too slow.", registry=registry)
        self._open = Gauge("wardwatch_live_listeners", "Open streams.", registry=registry)
        self.dropped = 0

    def publish(self, topic: str, payload: dict[str, Any]) -> None:
        """Tells every listener in whose sight `payload["units"]` are. Any thread may call it; it never waits."""
        with self._lock:
            self._sequence += 1
            message = Live(self._id(self._sequence), topic, self._clock(), payload)
            self._ring.append(message)
            slow = [listener for listener in self._listeners if not listener.offer(message)]
            for listener in slow:
                self._listeners.discard(listener)
                listener.end(Live(message.id, RESYNC, message.at, {"reason": "too slow"}))
            self.dropped += len(slow)
            self._open.set(len(self._listeners))
        self._published.labels(topic if topic in TOPICS else "other").inc()
        self._slow.inc(len(slow))

    def join(self, scope: Scope, last_id: str | None) -> Listener:
        """A new listener; with `last_id` it first gets what it missed, or is told to read everything again. Must be
        called on the event loop. Raises `ApiError` 503 when there are too many."""
        listener = Listener(scope, asyncio.get_running_loop(), self._queue)
        with self._lock:
            if len(self._listeners) >= self._most:
                raise ApiError(503, "too many open streams", "close a screen", {"Retry-After": "15"})
            missed = self._missed(last_id)
            if missed is None or not all(listener.offer(message) for message in missed):
                now = Live(self._id(self._sequence), RESYNC, self._clock(), {"reason": "away too long"})
                listener = Listener(scope, asyncio.get_running_loop(), self._queue)
                listener.offer(now)
            self._listeners.add(listener)
            self._open.set(len(self._listeners))
        return listener

    def leave(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)
            self._open.set(len(self._listeners))

    def close(self) -> None:
        """Ends every stream, so that the server can stop without waiting for browsers."""
        with self._lock:
            for listener in self._listeners:
                listener.end()
            self._listeners.clear()

    def _id(self, sequence: int) -> str:
        return f"{self._boot}-{sequence}"

    def _missed(self, last_id: str | None) -> list[Live] | None:
        """What was published after `last_id`; None when that cannot be known any more."""
        if last_id is None:
            return []
        boot, _, number = last_id.partition("-")
        if boot != self._boot or not number.isdigit() or int(number) > self._sequence:
            return None
        missing = self._sequence - int(number)
        if missing > len(self._ring):
            return None
        return list(self._ring)[len(self._ring) - missing :]
