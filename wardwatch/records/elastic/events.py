"""Reads events: pages, one by its position, counts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from wardwatch.ecs import restored
from wardwatch.model.access import Scope
from wardwatch.model.queries import EventPage, EventQuery, StoredEvent
from wardwatch.model.records import Position
from wardwatch.model.time import TimeRange
from wardwatch.records.elastic.filters import Clause, field_of, in_scope, where
from wardwatch.records.elastic.items import record_id
from wardwatch.records.elastic.mappings import AT, BOOLEANS, FIELDS
from wardwatch.records.elastic.names import EVENTS, alias_name
from wardwatch.records.elastic.searching import search
from wardwatch.records.elastic.visibility import Visibility
from wardwatch.records.questions import ADDRESSES, MAX_PAGE, UNITS, by_number, read_cursor, short_address, write_cursor

_NEWEST_FIRST: list[Clause] = [
    {AT: {"order": "desc", "format": "strict_date_optional_time_nanos"}},
    {"record.source": "desc"},
    {"record.offset": "desc"},
]
_NEWEST_PARTS = (256, 16, 1)
_VALUES_A_REQUEST = 50_000


class EventReader:
    """Answers from the indices behind the alias of a namespace; where there are none, there are no events.

    A page begins after a place in a total order, so pages neither skip nor repeat, and no state of a walk through them
    is kept in the server.
    """

    def __init__(
        self, client: Elasticsearch, prefix: str, visibility: Visibility, values_a_request: int = _VALUES_A_REQUEST
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._visibility = visibility
        self._values_a_request = values_a_request

    def events(self, scope: Scope, query: EventQuery) -> EventPage:
        limit = max(1, min(query.limit, MAX_PAGE))
        ask: Clause = {"sort": _NEWEST_FIRST, "size": limit + 1}
        time = query.time
        if query.cursor:
            at, source, offset = read_cursor(query.cursor)
            ask["search_after"] = [at.isoformat(), source, offset]
            time = _until(time, at)
        self._visibility.before_read()
        hits: list[Any] = []
        for newest in _newest(time):
            ask["query"] = _all(where(scope, replace(query, time=newest)))
            hits = search(self._client, alias_name(self._prefix, EVENTS, query.namespace), ask)["hits"]["hits"]
            if len(hits) > limit:
                break
        items = tuple(_stored(hit["_source"]) for hit in hits[:limit])
        if len(hits) <= limit:
            return EventPage(items, None)
        last = items[-1]
        return EventPage(items, write_cursor((last.at, last.position.source, last.position.offset)))

    def event(self, scope: Scope, position: Position) -> StoredEvent | None:
        """Of any namespace; one that was appended a moment ago is found, too."""
        clauses: list[Clause] = [
            {"ids": {"values": [record_id(position)]}},
            *in_scope(scope, FIELDS[UNITS]),
        ]
        ask = {"query": _all(clauses), "size": 1}
        self._visibility.before_read()
        hits = search(self._client, f"{self._prefix}-{EVENTS}-*", ask)["hits"]["hits"]
        if not hits and self._visibility.refresh():
            hits = search(self._client, f"{self._prefix}-{EVENTS}-*", ask)["hits"]["hits"]
        return _stored(hits[0]["_source"]) if hits else None

    def count(self, scope: Scope, query: EventQuery, by: str) -> dict[str, int]:
        source = {"value": {"terms": {"field": field_of(by), "missing_bucket": True}}}
        composite: Clause = {"size": self._values_a_request, "sources": [source]}
        ask = {"query": _all(where(scope, query)), "size": 0, "aggs": {"values": {"composite": composite}}}
        alias = alias_name(self._prefix, EVENTS, query.namespace)
        counts: Counter[str] = Counter()
        self._visibility.before_read()
        while True:
            found = search(self._client, alias, ask).get("aggregations", {}).get("values", {"buckets": []})
            for bucket in found["buckets"]:
                counts[_text(by, bucket["key"]["value"])] += bucket["doc_count"]
            if len(found["buckets"]) < self._values_a_request:
                return by_number(counts)
            composite["after"] = found["after_key"]


def _newest(time: TimeRange) -> Iterator[TimeRange]:
    """The newest part of a range, a longer one, and all of it.

    The server looks at every event of the range that fits, and most pages are full of the newest ones.
    """
    for parts in _NEWEST_PARTS:
        yield TimeRange(time.end - time.span / parts, time.end)


def _until(time: TimeRange, at: datetime) -> TimeRange:
    """The range up to an instant and with it."""
    return TimeRange(time.start, max(time.start, min(time.end, at + timedelta(microseconds=1))))


def _all(clauses: list[Clause]) -> Clause:
    return {"bool": {"filter": clauses}}


def _text(key: str, value: Any) -> str:
    """A bucket's key as filters take it."""
    if value is None:
        return ""
    if key in BOOLEANS:
        return "true" if value else "false"
    return short_address(value) if key in ADDRESSES else str(value)


def _stored(document: dict[str, Any]) -> StoredEvent:
    record = document.pop("record")
    document = restored(document, document["event"]["original"])
    return StoredEvent(Position(record["source"], record["offset"]), _time(record["at"]), document)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
