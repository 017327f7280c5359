"""Reads samples: the means of a series, the newest row of each index."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wardwatch.model.access import Scope
from wardwatch.model.queries import LatestQuery, LatestRow, Series, SeriesQuery, Total, TotalsQuery
from wardwatch.model.time import TimeRange
from wardwatch.records.embedded.database import Cursor, Database
from wardwatch.records.embedded.filters import Clause
from wardwatch.records.embedded.manifest import aware, files_of, naive
from wardwatch.records.embedded.tables import SAMPLES, TIME, RecordTable, quoted
from wardwatch.records.questions import asked_measurement, asked_step_ms, asked_totals

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class SampleReader:
    """Answers from the hot tables and those sealed files whose time range the question touches."""

    def __init__(self, database: Database, sealed: Path) -> None:
        self._database = database
        self._sealed = sealed

    def series(self, scope: Scope, query: SeriesQuery) -> Series:
        asked_measurement(query.measurement, query.columns)
        table, step_ms = SAMPLES[query.measurement], asked_step_ms(query.step)
        clause = Clause(
            f'namespace = ? AND device = ? AND "index" = ? AND {TIME} >= ? AND {TIME} < ?',
            (query.namespace, query.device, query.index, naive(query.time.start), naive(query.time.end)),
        ) & _in_scope(scope)
        means = "".join(f", avg({quoted(column)})" for column in query.columns)
        ask = (
            f"SELECT time_bucket(to_milliseconds(?), {TIME}, TIMESTAMP '1970-01-01') AS step{means}"
            " FROM ({union}) GROUP BY step ORDER BY step"
        )
        rows = self._database.read(
            "reading", lambda cursor: self._ask(cursor, table, query.time, clause, ask, (step_ms,))
        )
        columns = {column: tuple(row[place] for row in rows) for place, column in enumerate(query.columns, start=1)}
        return Series(tuple(aware(row[0]) for row in rows), columns)

    def latest(self, scope: Scope, query: LatestQuery) -> Sequence[LatestRow]:
        names = tuple(asked_measurement(query.measurement, ()).columns)
        table = SAMPLES[query.measurement]
        clause = Clause(f"namespace = ? AND {TIME} >= ?", (query.namespace, naive(query.since))) & _in_scope(scope)
        if query.devices is not None:
            clause &= Clause("device IN (SELECT unnest(?))", (list(query.devices),))
        values = ", ".join(f"{quoted(name)} := {quoted(name)}" for name in ("unit", TIME, *names))
        ask = (
            'SELECT device, "index", unnest(newest) FROM ('
            f'SELECT device, "index", max_by(struct_pack({values}), {TIME}) AS newest FROM ({{union}})'
            ' GROUP BY device, "index") ORDER BY device, "index"'
        )
        time = TimeRange(query.since, _END_OF_TIME)
        rows = self._database.read("reading", lambda cursor: self._ask(cursor, table, time, clause, ask, ()))
        return [
            LatestRow(device, unit, index, aware(at), dict(zip(names, values, strict=True)))
            for device, index, unit, at, *values in rows
        ]

    def totals(self, scope: Scope, query: TotalsQuery) -> Sequence[Total]:
        asked_totals(query)
        table, time = SAMPLES[query.measurement], query.time
        clause = Clause(
            f"namespace = ? AND {TIME} >= ? AND {TIME} < ?", (query.namespace, naive(time.start), naive(time.end))
        ) & _in_scope(scope)
        for column, allowed in (("unit", query.units), ("device", query.devices)):
            if allowed is not None:
                clause &= Clause(f"{column} IN (SELECT unnest(?))", (list(allowed),))
        if query.begins:
            either = " OR ".join(['starts_with("index", ?)'] * len(query.begins))
            clause &= Clause(f"({either})", query.begins)
        keys = [quoted(key) for key in query.by]
        parameters: tuple[object, ...] = ()
        if query.step is not None:
            keys.append(f"time_bucket(to_milliseconds(?), {TIME}, TIMESTAMP '1970-01-01')")
            parameters = (asked_step_ms(query.step),)
        sums = [f"coalesce(sum({quoted(column)}), 0)" for column in query.columns]
        ask = (
            f"SELECT {', '.join(keys + sums)} FROM ({{union}}) GROUP BY {', '.join(map(str, range(1, len(keys) + 1)))}"
        )
        rows = self._database.read("reading", lambda cursor: self._ask(cursor, table, time, clause, ask, parameters))
        kept, first = len(query.by), len(keys)
        return [Total(row[:kept], aware(row[kept]) if query.step is not None else None, row[first:]) for row in rows]

    def _ask(
        self,
        cursor: Cursor,
        table: RecordTable,
        time: TimeRange,
        clause: Clause,
        statement: str,
        parameters: tuple[object, ...],
    ) -> list[Any]:
        """Answers a statement whose `{union}` stands for the rows of hot table and files that fit the clause."""
        union = f"SELECT {table.quoted_columns} FROM {quoted(table.name)} WHERE {clause.sql}"
        bound = [*parameters, *clause.parameters]
        paths = [str(self._sealed / sealed.file) for sealed in files_of(cursor, table.name, time)]
        if paths:
            union += f" UNION ALL BY NAME SELECT * FROM read_parquet(?, union_by_name = true) WHERE {clause.sql}"
            bound += [paths, *clause.parameters]
        return cursor.execute(statement.format(union=union), bound).fetchall()


def _in_scope(scope: Scope) -> Clause:
    return Clause("TRUE") if scope.units is None else Clause("unit IN (SELECT unnest(?))", (sorted(scope.units),))
