"""Reads refused lines: pages of their beginnings, and one whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wardwatch.model.ledger import LISTED_CHARACTERS, RejectedLine, RejectedPage, RejectedQuery
from wardwatch.model.records import Position
from wardwatch.records.embedded.database import Cursor, Database
from wardwatch.records.embedded.filters import Clause
from wardwatch.records.embedded.manifest import SealedFile, aware, files_with_offsets, naive, newest_groups
from wardwatch.records.embedded.tables import REJECTED, TIME, quoted
from wardwatch.records.questions import MAX_OFFSET, MAX_PAGE, read_cursor, write_cursor

_NEWEST_FIRST = f'{TIME} DESC, source DESC, "offset" DESC'
_BEGINNING = f"left(original, {LISTED_CHARACTERS})"


class RejectedReader:
    """Answers from the hot table and the sealed files that the question touches, the newest first."""

    def __init__(self, database: Database, sealed: Path) -> None:
        self._database = database
        self._sealed = sealed

    def lines(self, query: RejectedQuery) -> RejectedPage:
        clause = _where(query)
        if query.cursor:
            at, source, offset = read_cursor(query.cursor)
            clause &= Clause(f'({TIME}, source, "offset") < (?, ?, ?)', (naive(at), source, offset))
        limit = max(1, min(query.limit, MAX_PAGE))
        items = self._database.read("reading", lambda cursor: self._newest(cursor, query, clause, limit + 1))
        if len(items) <= limit:
            return RejectedPage(tuple(items))
        last = items[limit - 1]
        return RejectedPage(tuple(items[:limit]), write_cursor((last.at, last.position.source, last.position.offset)))

    def line(self, position: Position) -> RejectedLine | None:
        if not 0 <= position.offset <= MAX_OFFSET:
            return None
        clause = Clause('source = ? AND "offset" = ?', (position.source, position.offset))

        def find(cursor: Cursor) -> list[RejectedLine]:
            files = files_with_offsets(cursor, REJECTED.name, position.source, position.offset, position.offset)
            return self._select(cursor, files, True, clause, "original", 1)

        found = self._database.read("reading", find)
        return found[0] if found else None

    def _newest(self, cursor: Cursor, query: RejectedQuery, clause: Clause, limit: int) -> list[RejectedLine]:
        found: list[RejectedLine] = []
        first = True
        for group, rest_until in newest_groups(_files(cursor, query)):
            newer = self._select(cursor, [sealed.file for sealed in group], first, clause, _BEGINNING, limit)
            found = sorted([*found, *newer], key=_place, reverse=True)[:limit]
            first = False
            if len(found) == limit and (rest_until is None or found[-1].at > rest_until):
                break
        return found

    def _select(
        self, cursor: Cursor, files: Sequence[str], hot: bool, clause: Clause, original: str, limit: int
    ) -> list[RejectedLine]:
        relations = [Clause(quoted(REJECTED.name))] if hot else []
        if files:
            paths = [str(self._sealed / file) for file in files]
            relations.append(Clause("read_parquet(?, union_by_name = true)", (paths,)))
        columns = f'source, "offset", {TIME}, reason, {original} AS original, length(original) AS characters'
        union = " UNION ALL ".join(
            f"(SELECT {columns} FROM {relation.sql} WHERE {clause.sql} ORDER BY {_NEWEST_FIRST} LIMIT {limit})"
            for relation in relations
        )
        parameters = [parameter for relation in relations for parameter in (*relation.parameters, *clause.parameters)]
        rows = cursor.execute(
            f"SELECT found.source, found.\"offset\", {TIME}, coalesce(path, ''), reason, original, characters"
            f" FROM ({union}) AS found LEFT JOIN source ON source.source = found.source"
            f' ORDER BY {TIME} DESC, found.source DESC, found."offset" DESC LIMIT {limit}',
            parameters,
        ).fetchall()
        return [_line(row) for row in rows]


def _where(query: RejectedQuery) -> Clause:
    clause = Clause("TRUE")
    if query.time is not None:
        clause &= Clause(f"{TIME} >= ? AND {TIME} < ?", (naive(query.time.start), naive(query.time.end)))
    if query.source is not None:
        clause &= Clause("source = ?", (query.source,))
    if query.begins is not None:
        clause &= Clause("starts_with(source, ?)", (query.begins,))
    return clause


def _files(cursor: Cursor, query: RejectedQuery) -> list[SealedFile]:
    """The sealed files that may hold what is asked, newest first: those that list its source, in its time."""
    clause = Clause("table_name = ? AND NOT leaving", (REJECTED.name,))
    if query.time is not None:
        clause &= Clause("last_at >= ? AND first_at < ?", (naive(query.time.start), naive(query.time.end)))
    named = Clause("TRUE")
    if query.source is not None:
        named &= Clause("source = ?", (query.source,))
    if query.begins is not None:
        named &= Clause("starts_with(source, ?)", (query.begins,))
    clause &= Clause(f"file IN (SELECT file FROM sealed_source WHERE {named.sql})", named.parameters)
    rows = cursor.execute(
        f"SELECT file, first_at, last_at FROM manifest WHERE {clause.sql} ORDER BY last_at DESC, file",
        list(clause.parameters),
    ).fetchall()
    return [SealedFile(file, aware(first), aware(last)) for file, first, last in rows]


def _line(row: Sequence[Any]) -> RejectedLine:
    source, offset, at, path, reason, original, length = row
    return RejectedLine(Position(source, offset), aware(at), path, reason, original, length)


def _place(line: RejectedLine) -> tuple[object, ...]:
    return line.at, line.position.source, line.position.offset
