"""Bulk requests: sent until every member is answered for.

Of each member the answer is looked at: 201 is stored; 409 is there already (by an earlier try); 400 is refused with its
reason; 404 means that its index is gone, which is made again; all else (429, 5xx, blocks) is sent again with growing,
jittered pauses. When patience ends, `StoreFault`: the batch stays at its edge.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
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
_HEADERS = {"accept": "application/json", "content-type": "application/x-ndjson"}
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
        self.retries = 0

    def send(self, items: Sequence[Item]) -> list[Refusal]:
        """Returns when every item is stored or refused. Raises `StoreFault` when that cannot be had in time."""
        refused: list[Refusal] = []
        deadline = self._monotonic() + self._patience_s
        for numbers in self._cut(items):
            refused.extend(self._finish(items, numbers, deadline))
        return refused

    def _cut(self, items: Sequence[Item]) -> Iterator[list[int]]:
        part: list[int] = []
        size = 0
        for number, item in enumerate(items):
            weight = len(item.source) + 256
            if part and size + weight > self._bulk_bytes:
                yield part
                part, size = [], 0
            part.append(number)
            size += weight
        if part:
            yield part

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
            self.retries += 1
            log.warning("elasticsearch is asked again records=%d pause_s=%.1f reason=%s", len(again), wait, reason)
            self._sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
            numbers = again

    def _try(self, items: Sequence[Item], numbers: list[int], refused: list[Refusal]) -> tuple[list[int], str]:
        """Sends once; returns the numbers to send again, and why."""
        targets = {place: self._indices.target(place) for place in {items[number].place for number in numbers}}
        lines: list[bytes] = []
        for number in numbers:
            item = items[number]
            lines.append(_action(targets[item.place], item.id))
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
