"""Appends batches: records, progress of sources and the edge's sequence move in one transaction."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

from wardwatch.model.records import AppendResult, Batch, Event, Position, Rejected, SourceProgress
from wardwatch.model.tallies import Fate, Kept, drops, tallies
from wardwatch.model.time import Clock
from wardwatch.records.answers import answered, kept_answer
from wardwatch.records.embedded.database import Cursor, Database
from wardwatch.records.embedded.ledger import add_drops, add_tallies
from wardwatch.records.embedded.positions import known_offsets
from wardwatch.records.embedded.rows import BatchRows, batch_rows
from wardwatch.records.embedded.tables import quoted

Member = TypeVar("Member", Event, Rejected)

# Thousands of members a batch pass here: what goes through these costs no call of ours for each.
_POSITION, _SOURCE, _OFFSET = attrgetter("position"), attrgetter("source"), attrgetter("offset")


@dataclass(frozen=True, slots=True)
class _Source:
    """What is known of a source: its progress, when one was told, and the highest offset stored of it."""

    progress: SourceProgress | None
    reached: int


@dataclass(frozen=True, slots=True)
class _Edge:
    """The last batch committed of an edge's epoch, and what was answered to it."""

    sequence: int
    answer: str | None


class Writer:
    """The one way in. Appends of several threads take turns.

    Sequences and progress are kept in memory beside their tables: nobody else can write the file.
    """

    def __init__(self, database: Database, sealed: Path, clock: Clock) -> None:
        self._database = database
        self._sealed = sealed
        self._clock = clock
        self._turn = threading.Lock()
        with database.transaction("opening") as cursor:
            self._edges = _read_edges(cursor)
            self._sources = _read_sources(cursor)

    def append(self, batch: Batch) -> AppendResult:
        """Durable when it returns. A batch that follows no committed one raises `TransportFault` naming the gap."""
        with self._turn:
            last = self._edges.get((batch.edge, batch.epoch), _Edge(0, None))
            before = answered(batch, last.sequence, last.answer)
            if before is not None:
                return before
            return self._store(batch)

    def committed(self, edge: str, epoch: str) -> int:
        known = self._edges.get((edge, epoch))
        return known.sequence if known else 0

    def progress(self, source: str) -> SourceProgress | None:
        known = self._sources.get(source)
        return known.progress if known else None

    def sources(self) -> Sequence[SourceProgress]:
        return [known.progress for known in list(self._sources.values()) if known.progress]

    def _store(self, batch: Batch) -> AppendResult:
        now = self._clock()
        today = now.astimezone(UTC).date()
        with self._database.transaction("appending to") as cursor:
            came = _offsets(batch)
            known = known_offsets(cursor, self._sealed, self._doubtful(came))
            events, doubled_events = _unknown(batch.events, known)
            rejected, doubled_rejected = _unknown(batch.rejected, known)
            rows = batch_rows(batch, events, rejected, now)
            for name, table in rows.tables.items():
                cursor.register("arriving", table)
                cursor.execute(f"INSERT INTO {quoted(name)} SELECT * FROM arriving")
                cursor.unregister("arriving")
            sources = self._moved_sources(batch, came)
            doubled = [*doubled_events, *doubled_rejected]
            result = _result(rows, len(rejected), len(doubled))
            edge = _Edge(batch.sequence, kept_answer(batch, result))
            _write_sources(cursor, sources)
            _write_edge(cursor, batch, edge)
            add_tallies(cursor, today, batch.edge, tallies(batch, _fate(batch, rows, rejected, doubled)))
            add_drops(cursor, today, batch.edge, drops(batch))
        self._edges[batch.edge, batch.epoch] = edge
        self._sources.update(sources)
        return result

    def _doubtful(self, came: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
        """Offsets by source that may be stored already: those not beyond the highest one stored."""
        doubtful: dict[str, list[int]] = {}
        for source, offsets in came.items():
            known = self._sources.get(source)
            if known is not None and min(offsets) <= known.reached:
                doubtful[source] = [offset for offset in offsets if offset <= known.reached]
        return doubtful

    def _moved_sources(self, batch: Batch, came: Mapping[str, Sequence[int]]) -> dict[str, _Source]:
        told = {progress.source: progress for progress in batch.progress}
        moved: dict[str, _Source] = {}
        for source in {**came, **told}:
            known = self._sources.get(source, _Source(None, -1))
            reached = max(known.reached, max(came.get(source, ()), default=-1))
            moved[source] = _Source(told.get(source, known.progress), reached)
        return moved


def _offsets(batch: Batch) -> dict[str, list[int]]:
    """The offsets of every source that the batch has members of, in the order they came."""
    came: dict[str, list[int]] = {}
    for members in (batch.events, batch.rejected):
        for source, positions in groupby(map(_POSITION, members), _SOURCE):
            came.setdefault(source, []).extend(map(_OFFSET, positions))
    return came


def _unknown(members: Sequence[Member], known: dict[str, set[int]]) -> tuple[Sequence[Member], list[Position]]:
    """The members not stored yet, each once, and the positions of those that were; `known` learns the new ones."""
    if not known and len(set(map(_POSITION, members))) == len(members):
        for source, positions in groupby(map(_POSITION, members), _SOURCE):
            known.setdefault(source, set()).update(map(_OFFSET, positions))
        return members, []
    fresh: list[Member] = []
    doubled: list[Position] = []
    for member in members:
        offsets = known.setdefault(member.position.source, set())
        if member.position.offset not in offsets:
            offsets.add(member.position.offset)
            fresh.append(member)
        else:
            doubled.append(member.position)
    return fresh, doubled


def _result(rows: BatchRows, rejected: int, duplicates: int) -> AppendResult:
    return AppendResult(
        stored_samples=rows.stored_samples,
        stored_events=len(rows.stored),
        duplicates=duplicates,
        rejected=rejected + len(rows.refused),
        new_events=rows.stored,
    )


def _fate(batch: Batch, rows: BatchRows, rejected: Sequence[Rejected], doubled: Sequence[Position]) -> Fate:
    refused = [member.position for member in (*rejected, *rows.refused_events)]
    samples = Kept(rows.stored_samples, rows.refused_samples)
    return Fate(rows.stored, doubled, refused, samples, Kept(len(batch.outcomes)))


def _read_edges(cursor: Cursor) -> dict[tuple[str, str], _Edge]:
    rows = cursor.execute("SELECT edge, epoch, sequence, answer FROM edge").fetchall()
    return {(edge, epoch): _Edge(sequence, answer) for edge, epoch, sequence, answer in rows}


def _read_sources(cursor: Cursor) -> dict[str, _Source]:
    rows = cursor.execute("SELECT source, progress, path, fingerprint, reached FROM source").fetchall()
    return {
        source: _Source(None if progress is None else SourceProgress(source, progress, path, fingerprint), reached)
        for source, progress, path, fingerprint, reached in rows
    }


def _write_sources(cursor: Cursor, sources: Mapping[str, _Source]) -> None:
    for source, known in sources.items():
        told = known.progress
        _write_row(
            cursor,
            "UPDATE source SET progress = ?, path = ?, fingerprint = ?, reached = ? WHERE source = ?",
            "INSERT INTO source (progress, path, fingerprint, reached, source) VALUES (?, ?, ?, ?, ?)",
            [told and told.offset, told and told.path, told and told.fingerprint, known.reached, source],
        )


def _write_edge(cursor: Cursor, batch: Batch, edge: _Edge) -> None:
    _write_row(
        cursor,
        "UPDATE edge SET sequence = ?, answer = ? WHERE edge = ? AND epoch = ?",
        "INSERT INTO edge (sequence, answer, edge, epoch) VALUES (?, ?, ?, ?)",
        [edge.sequence, edge.answer, batch.edge, batch.epoch],
    )


def _write_row(cursor: Cursor, update: str, insert: str, values: Sequence[object]) -> None:
    """Nearly always the row is there, and an update takes a quarter of what ON CONFLICT does."""
    changed = cursor.execute(update, values).fetchone()
    if not changed or not changed[0]:
        cursor.execute(insert, values)
