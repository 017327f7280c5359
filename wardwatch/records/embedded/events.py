"""Reads events: pages, one by its position, counts."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from wardwatch.ecs import restored
from wardwatch.model.access import Scope
from wardwatch.model.queries import EventPage, EventQuery, StoredEvent
from wardwatch.model.records import Position
from wardwatch.records.embedded.database import Cursor, Database
from wardwatch.records.embedded.filters import Clause, in_scope, values_of, where
from wardwatch.records.embedded.manifest import aware, files_of, files_with_offsets, naive, newest_groups
from wardwatch.records.embedded.tables import EVENT, TIME, quoted
from wardwatch.records.questions import ADDRESSES, MAX_PAGE, by_number, read_cursor, short_address, write_cursor

_SHOWN = f'source, "offset", {TIME}, ingested, document, original'
_NEWEST_FIRST = f'{TIME} DESC, source DESC, "offset" DESC'


class EventReader:
    """Answers from the hot table and those sealed files whose time range the question touches."""

    def __init__(self, database: Database, sealed: Path) -> None:
        self._database = database
        self._sealed = sealed

    def events(self, scope: Scope, query: EventQuery) -> EventPage:
        clause = where(scope, query)
        if query.cursor:
            at, source, offset = read_cursor(query.cursor)
            clause &= Clause(f'({TIME}, source, "offset") < (?, ?, ?)', (naive(at), source, offset))
        limit = max(1, min(query.limit, MAX_PAGE))
        rows = self._database.read("reading", lambda cursor: self._newest(cursor, query, clause, limit + 1))
        items = tuple(_stored(row) for row in rows[:limit])
        if len(rows) <= limit:
            return EventPage(items, None)
        last = items[-1]
        return EventPage(items, write_cursor((last.at, last.position.source, last.position.offset)))

    def event(self, scope: Scope, position: Position) -> StoredEvent | None:
        clause = Clause('source = ? AND "offset" = ?', (position.source, position.offset)) & in_scope(scope)

        def find(cursor: Cursor) -> list[Any]:
            files = files_with_offsets(cursor, EVENT.name, position.source, position.offset, position.offset)
            return _select(cursor, self._relations(files), clause, 1)

        rows = self._database.read("reading", find)
        return _stored(rows[0]) if rows else None

    def count(self, scope: Scope, query: EventQuery, by: str) -> dict[str, int]:
        clause, values = where(scope, query), values_of(by)
        # The forms of one address are one value, so whole lists are counted and taken apart here.
        value = values.sql if by in ADDRESSES else f"unnest({values.sql})"

        def ask(cursor: Cursor) -> list[Any]:
            files = [sealed.file for sealed in files_of(cursor, EVENT.name, query.time)]
            union = " UNION ALL ".join(
                f"SELECT {value} AS value FROM {relation.sql} WHERE {clause.sql}" for relation in self._relations(files)
            )
            parameters = [
                parameter
                for relation in self._relations(files)
                for parameter in (*values.parameters, *relation.parameters, *clause.parameters)
            ]
            return cursor.execute(f"SELECT value, count(*) FROM ({union}) GROUP BY ALL", parameters).fetchall()

        counts: Counter[str] = Counter()
        for found, number in self._database.read("counting in", ask):
            for each in {short_address(one or "") for one in found} if by in ADDRESSES else (found or "",):
                counts[each] += number
        return by_number(counts)

    def _newest(self, cursor: Cursor, query: EventQuery, clause: Clause, limit: int) -> list[Any]:
        """The newest rows: the hot table and the newest files first, older files only while rows are missing."""
        found: list[Any] = []
        for group, rest_until in newest_groups(files_of(cursor, EVENT.name, query.time)):
            relations = self._relations([sealed.file for sealed in group], hot=not found)
            found = _merged(found, _select(cursor, relations, clause, limit), limit)
            if len(found) == limit and (rest_until is None or aware(found[-1][2]) > rest_until):
                break
        return found

    def _relations(self, files: Sequence[str], hot: bool = True) -> list[Clause]:
        relations = [Clause(quoted(EVENT.name))] if hot else []
        if files:
            paths = [str(self._sealed / file) for file in files]
            relations.append(Clause("read_parquet(?, union_by_name = true)", (paths,)))
        return relations


def _select(cursor: Cursor, relations: Sequence[Clause], clause: Clause, limit: int) -> list[Any]:
    union = " UNION ALL ".join(
        f"(SELECT {_SHOWN} FROM {relation.sql} WHERE {clause.sql} ORDER BY {_NEWEST_FIRST} LIMIT {limit})"
        for relation in relations
    )
    parameters = [parameter for relation in relations for parameter in (*relation.parameters, *clause.parameters)]
    return cursor.execute(f"SELECT * FROM ({union}) ORDER BY {_NEWEST_FIRST} LIMIT {limit}", parameters).fetchall()


def _merged(left: list[Any], right: list[Any], limit: int) -> list[Any]:
    return sorted([*left, *right], key=lambda row: (row[2], row[0], row[1]), reverse=True)[:limit]


def _stored(row: Any) -> StoredEvent:
    source, offset, at, ingested, document, original = row
    ecs: dict[str, Any] = restored(orjson.loads(document), original)
    event = ecs.setdefault("event", {})
    event["original"] = original
    event["ingested"] = aware(ingested).isoformat().replace("+00:00", "Z")
    return StoredEvent(Position(source, offset), aware(at), ecs)
