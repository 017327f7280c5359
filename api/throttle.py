"""How often somebody may try to log in: failures within a sliding window, bounded in memory."""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from wardwatch.model.time import Clock


class Throttle:
    """Counts failures under a key. At most `capacity` keys are kept: the one touched longest ago goes first."""

    def __init__(self, clock: Clock, attempts: int, window: timedelta, capacity: int = 10_000) -> None:
        self._clock = clock
        self._attempts = attempts
        self._window = window
        self._capacity = capacity
        self._failures: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, key: str) -> float:
        """Takes one attempt and answers 0, or takes none and answers how many seconds the key has to wait. An attempt
        counts as a failure until `succeeded`, so that many at once find no gap."""
        now = self._clock()
        with self._lock:
            failures = self._failures.setdefault(key, deque(maxlen=self._attempts))
            self._failures.move_to_end(key)
            while len(self._failures) > self._capacity:
                self._failures.popitem(last=False)
            while failures and failures[0] + self._window <= now:
                failures.popleft()
            if len(failures) >= self._attempts:
                return (failures[0] + self._window - now).total_seconds()
            failures.append(now)
            return 0.0

    def succeeded(self, key: str) -> None:
        """Gives the last attempt back."""
        with self._lock:
            if failures := self._failures.get(key):
                failures.pop()
