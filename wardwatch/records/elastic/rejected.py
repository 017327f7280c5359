"""Reads refused lines: pages of their beginnings, and one whole."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from elasticsearch import Elasticsearch

from wardwatch.model.ledger import RejectedLine, RejectedPage, RejectedQuery
from wardwatch.model.records import Position, SourceProgress
from wardwatch.records.elastic.filters import Clause, in_time
from wardwatch.records.elastic.items import record_id
from wardwatch.records.elastic.names import REJECTED
from wardwatch.records.elastic.searching import search
from wardwatch.records.elastic.visibility import Visibility
from wardwatch.records.questions import MAX_OFFSET, MAX_PAGE, read_cursor, write_cursor

_NEWEST_FIRST: list[Clause] = [
    {"@timestamp": {"order": "desc", "format": "strict_date_optional_time_nanos"}},
    {"record.source": "desc"},
    {"record.offset": "desc"},
]


class RejectedReader:
    """Answers from the indices of refused lines, of every namespace."""

    def __init__(
        self,
        client: Elasticsearch,
        prefix: str,
        visibility: Visibility,
        sources: Callable[[], Sequence[SourceProgress]],
    ) -> None:
        self._client = client
        self._indices = f"{prefix}-{REJECTED}-*"
        self._visibility = visibility
        self._sources = sources

    def lines(self, query: RejectedQuery) -> RejectedPage:
        limit = max(1, min(query.limit, MAX_PAGE))
        ask: Clause = {"query": {"bool": {"filter": _where(query)}}, "sort": _NEWEST_FIRST, "size": limit + 1}
        ask["_source"] = {"excludes": ["original"]}
        if query.cursor:
            at, source, offset = read_cursor(query.cursor)
            ask["search_after"] = [at.isoformat(), source, offset]
        self._visibility.before_read()
        hits = search(self._client, self._indices, ask)["hits"]["hits"]
        paths = self._paths() if hits else {}
        items = tuple(_line(hit["_source"], "beginning", paths) for hit in hits[:limit])
        if len(hits) <= limit:
            return RejectedPage(items)
        last = items[-1]
        return RejectedPage(items, write_cursor((last.at, last.position.source, last.position.offset)))

    def line(self, position: Position) -> RejectedLine | None:
        """One that was appended a moment ago is found, too."""
        if not 0 <= position.offset <= MAX_OFFSET:
            return None
        ask: Clause = {"query": {"ids": {"values": [record_id(position)]}}, "size": 1}
        self._visibility.before_read()
        hits = search(self._client, self._indices, ask)["hits"]["hits"]
        if not hits and self._visibility.refresh():
            hits = search(self._client, self._indices, ask)["hits"]["hits"]
        return _line(hits[0]["_source"], "original", self._paths()) if hits else None

    def _paths(self) -> Mapping[str, str]:
        return {known.source: known.path for known in self._sources()}


def _where(query: RejectedQuery) -> list[Clause]:
    clauses: list[Clause] = []
    if query.time is not None:
        clauses.append(in_time(query.time))
    if query.source is not None:
        clauses.append({"term": {"record.source": query.source}})
    if query.begins is not None:
        clauses.append({"prefix": {"record.source": query.begins}})
    return clauses


def _line(document: Mapping[str, Any], original: str, paths: Mapping[str, str]) -> RejectedLine:
    record = document["record"]
    return RejectedLine(
        Position(record["source"], record["offset"]),
        datetime.fromisoformat(document["@timestamp"]).astimezone(UTC),
        paths.get(record["source"], ""),
        document["reason"],
        document[original],
        document["length"],
    )
