"""Bulk requests: sent until every member is answered for.

Of each member the answer is looked at: 201 is stored; 409 is there already (by an earlier try); 400 is refused with its
reason; 404 means that its index is gone, which is made again; all else (429, 5xx, blocks) is sent again with growing,
jittered pauses. When patience ends, `StoreFault`: the batch stays at its edge.

Two requests are under way at once: while the node works on one, the next is being encoded, and its second core is busy.
"""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson
from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, TlsError
from elasticsearch import ApiError, Elasticsearch

from wardwatch.errors import StoreFault
from wardwatch.records.elastic.client import faults
from wardwatch.records.elastic.indices import Indices, Place

log = logging.getLogger(__name__)

_BUSY = frozenset({429, 502, 503, 504})
_THERE = frozenset({200, 201, 409})
_OPERATORS = frozenset({"index_closed_exception", "cluster_block_exception"})
"""What an operator did to an index, which is no fault of a record."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_REASON = 1000
_AT_ONCE = 2
# Named plain JSON, which the server takes as well, the client hands the body on without copying it line by line.
_HEADERS = {"accept": "application/json", "content-type": "application/json"}
_ASKED = ("errors", "items.*.status", *(f"items.*.error.{part}" for part in ("type", "reason", "caused_by.reason")))
_PATH = f"/_bulk?require_alias=true&filter_path={','.join(_ASKED)}"


@dataclass(frozen=True, slots=True)
class Item:
    """One record on its way: the place it goes to, its id (None: the server's, by time series) and its JSON."""

    place: Place
    id: str | None
    source: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """A member that Elasticsearch will never take, and why."""

    number: int
    reason: str


class Bulk:
    """Sends items. `sleep`, `monotonic` and `jitter` (0 to 1) are what tests turn by hand."""

    def __init__(
        self,
        client: Elasticsearch,
        indices: Indices,
        bulk_bytes: int,
        patience_s: float,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._indices = indices
        self._bulk_bytes = bulk_bytes
        self._patience_s = patience_s
        self._sleep = sleep
        self._monotonic = monotonic
        self._jitter = jitter
        self._counting = threading.Lock()
        self._senders = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="bulk")
        self.retries = 0

    def send(self, items: Iterable[Item]) -> list[Refusal]:
        """Returns when every item is stored or refused; items are asked for while earlier ones are on their way.
        Raises `StoreFault` when that cannot be had in time."""
        deadline = self._monotonic() + self._patience_s
        refused: list[Refusal] = []
        under_way: deque[Future[list[Refusal]]] = deque()
        try:
            for first, part in self._cut(items):
                if len(under_way) == _AT_ONCE:
                    refused.extend(under_way.popleft().result())
                under_way.append(self._senders.submit(self._part, first, part, deadline))
            while under_way:
                refused.extend(under_way.popleft().result())
        finally:
            # What still travels after a failure must not meet the next try of the same batch.
            wait(under_way)
        return refused

    def close(self) -> None:
        """Nothing is sent any more."""
        self._senders.shutdown()

    def _part(self, first: int, items: Sequence[Item], deadline: float) -> list[Refusal]:
        refusals = self._finish(items, list(range(len(items))), deadline)
        return [Refusal(first + refusal.number, refusal.reason) for refusal in refusals]

    def _cut(self, items: Iterable[Item]) -> Iterator[tuple[int, list[Item]]]:
        """Parts that fit into a request, each with the number of its first item."""
        part: list[Item] = []
        first = size = 0
        for item in items:
            weight = len(item.source) + 256
            if part and size + weight > self._bulk_bytes:
                yield first, part
                first, part, size = first + len(part), [], 0
            part.append(item)
            size += weight
        if part:
            yield first, part

    def _finish(self, items: Sequence[Item], numbers: list[int], deadline: float) -> list[Refusal]:
        refused: list[Refusal] = []
        pause = _FIRST_PAUSE_S
        while True:
            again, reason = self._try(items, numbers, refused)
            if not again:
                return refused
            wait = pause * (0.5 + self._jitter())
            if self._monotonic() + wait > deadline:
                raise StoreFault(
                    f"Elasticsearch does not take {len(again)} of {len(items)} records: {reason}",
                    "the batch stays at its edge and is sent again; see the nodes",
                )
            with self._counting:
                self.retries += 1
            log.warning("elasticsearch is asked again records=%d pause_s=%.1f reason=%s", len(again), wait, reason)
            self._sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
            numbers = again

    def _try(self, items: Sequence[Item], numbers: list[int], refused: list[Refusal]) -> tuple[list[int], str]:
        """Sends once; returns the numbers to send again, and why."""
        lines: list[bytes] = []
        place: Place | None = None
        target = ""
        for number in numbers:
            item = items[number]
            if item.place is not place:
                place, target = item.place, self._indices.target(item.place)
            lines.append(_action(target, item.id))
            lines.append(item.source)
        lines.append(b"")
        with faults("appending to"):
            try:
                response = self._client.perform_request("POST", _PATH, headers=_HEADERS, body=b"\n".join(lines))
            except TlsError:
                raise
            except (NoConnection, ConnectionTimeout) as error:
                return numbers, f"no node answers: {error.message}"
            except ApiError as error:
                if error.status_code in _BUSY:
                    return numbers, f"{error.status_code} from the node"
                if error.status_code == 413:
                    return self._halve(items, numbers, refused)
                raise
        return self._judge(items, numbers, response.body, refused)

    def _halve(self, items: Sequence[Item], numbers: list[int], refused: list[Refusal]) -> tuple[list[int], str]:
        """The request is larger than the node or something before it takes."""
        if len(numbers) == 1:
            refused.append(Refusal(numbers[0], "larger than a request that Elasticsearch takes"))
            return [], ""
        half = len(numbers) // 2
        first, reason = self._try(items, numbers[:half], refused)
        second, other = self._try(items, numbers[half:], refused)
        return first + second, reason or other

    def _judge(
        self, items: Sequence[Item], numbers: list[int], body: Any, refused: list[Refusal]
    ) -> tuple[list[int], str]:
        if body.get("errors") is False:
            return [], ""
        again: list[int] = []
        why = ""
        gone: set[Place] = set()
        answers = body.get("items", ())
        if len(answers) != len(numbers):
            _garbled(len(numbers), len(answers))
        for number, answer in zip(numbers, answers, strict=True):
            (about,) = answer.values()
            status = about["status"]
            if status in _THERE:
                continue
            reason = _words(about)
            if status == 400 and about["error"].get("type") not in _OPERATORS:
                refused.append(Refusal(number, reason))
                continue
            again.append(number)
            why = reason
            if status == 404:
                gone.add(items[number].place)
        for place in gone:
            self._indices.missing(place)
        return again, why


def _action(target: str, record_id: str | None) -> bytes:
    about = {"_index": target} if record_id is None else {"_index": target, "_id": record_id}
    return orjson.dumps({"create": about})


def _words(about: Any) -> str:
    error = about.get("error", {})
    caused = error.get("caused_by", {}).get("reason")
    words = f"{error.get('type')}: {error.get('reason')}"
    return f"{words}: {caused}"[:_REASON] if caused else words[:_REASON]


def _garbled(sent: int, answered: int) -> NoReturn:
    raise StoreFault(f"Elasticsearch answered for {answered} of {sent} records", "something between alters its answers")
