"""Writes that come twice with the same `Idempotency-Key` are done once and answered alike.

Kept in memory and bounded: after a restart `If-Match` still keeps a repeated change from being made twice.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from api.problems import ApiError

Answer = TypeVar("Answer")


class IdempotentWrites:
    """Remembers the answers of the newest `capacity` keys. A failed write is forgotten, so it can be tried again."""

    def __init__(self, capacity: int = 2000, wait_s: float = 30.0) -> None:
        self._capacity = capacity
        self._wait_s = wait_s
        self._known: OrderedDict[tuple[str, str], tuple[str, Future[Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def once(self, user: str, key: str | None, fingerprint: str, write: Callable[[], Answer]) -> Answer:
        """`write()`, or the answer it gave before. `fingerprint` says what is asked: the same key for something else
        is refused (422)."""
        if key is None:
            return write()
        ours: Future[Any] = Future()
        with self._lock:
            before, answer = self._known.setdefault((user, key), (fingerprint, ours))
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
        if before != fingerprint:
            raise ApiError(422, "this Idempotency-Key was used for another request", "make a new key for a new change")
        if answer is not ours:
            found: Answer = answer.result(self._wait_s)
            return found
        try:
            result = write()
        except BaseException as error:
            with self._lock:
                self._known.pop((user, key), None)
            ours.set_exception(error)
            raise
        ours.set_result(result)
        return result
