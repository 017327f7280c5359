"""The books of a record store that has no transactions: sequences, progress, admission and the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, insert, select

from wardwatch.model.access import Actor
from wardwatch.model.admission import LINE_END, Admission, Known, Run, admitted, joined, without
from wardwatch.model.ledger import Ledger, Tally
from wardwatch.model.records import Batch, Event, Rejected, SourceProgress
from wardwatch.model.tallies import drops, ledger_name
from wardwatch.state.database import Database, Write
from wardwatch.state.dialects import upsert
from wardwatch.state.ledger import add_drops, add_tallies, forget_days, read_ledger
from wardwatch.state.tables import (
    shipping_committed,
    shipping_edge,
    shipping_pending,
    shipping_source,
)

_FORGOTTEN_AFTER = timedelta(days=30)
_LAST_OFFSET = 2**63 - 1
_NUL = "\N{SYMBOL FOR NULL}"


class SqlShippingBooks:
    """`wardwatch.ports.ShippingBooks`. Epochs that have been silent for 30 days are forgotten.

    Names that no database takes as a key (over-long, or with NUL) are kept by their hash (`ledger_name`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self, edge: str, epoch: str) -> tuple[int, str | None]:
        statement = select(shipping_edge.c.sequence, shipping_edge.c.answer).where(
            shipping_edge.c.edge == ledger_name(edge), shipping_edge.c.epoch == ledger_name(epoch)
        )
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return (row.sequence, row.answer) if row else (0, None)

    def sources(self) -> Sequence[SourceProgress]:
        columns = shipping_source.c
        statement = select(columns.source, columns.offset, columns.path, columns.fingerprint)
        with self._database.read() as connection:
            return [SourceProgress(*row) for row in connection.execute(statement)]

    def admit(self, actor: Actor, members: Sequence[Event | Rejected], day: date) -> Admission:
        if not members:
            return Admission(day, {})
        with self._database.write(actor) as write:
            known = {
                source: Known(
                    _runs(write, shipping_pending, source, first, last),
                    _runs(write, shipping_committed, source, first, last),
                )
                for source, (first, last) in _reach(members).items()
            }
            admission = admitted(members, known, day)
            for source, runs in _by_source(admission.runs).items():
                pending = known[source].pending
                _put(write, shipping_pending, [part for run in runs for part in without([run], pending)])
        return admission

    def commit(self, actor: Actor, batch: Batch, admission: Admission, answer: str, tallies: Sequence[Tally]) -> None:
        with self._database.write(actor) as write:
            for source, runs in _by_source(admission.runs).items():
                _settle(write, source, runs)
            upsert(write.connection, shipping_source, [_source_row(progress) for progress in batch.progress])
            add_tallies(write.connection, admission.day, batch.edge, tallies)
            add_drops(write.connection, admission.day, batch.edge, drops(batch))
            _write_edge(write, batch, answer)

    def ledger(self, first_day: date, last_day: date) -> Ledger:
        with self._database.read() as connection:
            return read_ledger(connection, first_day, last_day)

    def forget(self, actor: Actor, before: date) -> None:
        with self._database.write(actor) as write:
            forget_days(write.connection, before)
            for table in (shipping_pending, shipping_committed):
                write.connection.execute(delete(table).where(table.c.day < before))


def _settle(write: Write, source: str, runs: Sequence[Run]) -> None:
    """Moves runs of a source from the pending to the committed, beside which they are joined."""
    first, last = runs[0].first, runs[-1].last
    pending = _runs(write, shipping_pending, source, first, last)
    _remove(write, shipping_pending, pending)
    _put(write, shipping_pending, without(pending, runs))
    table = shipping_committed
    beside = (table.c.first <= runs[-1].after + LINE_END) & (table.c.after >= first - LINE_END)
    touched = _select(write, table, source, beside)
    _remove(write, table, touched)
    _put(write, table, joined([*touched, *runs]))


def _reach(members: Iterable[Event | Rejected]) -> dict[str, tuple[int, int]]:
    """The lowest and highest offset of each source."""
    reach: dict[str, tuple[int, int]] = {}
    for member in members:
        offset = member.position.offset
        first, last = reach.get(member.position.source, (offset, offset))
        reach[member.position.source] = (min(first, offset), max(last, offset))
    return reach


def _by_source(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        found[run.source].append(run)
    return found


def _runs(write: Write, table: Table, source: str, first: int, last: int) -> list[Run]:
    return _select(write, table, source, (table.c.first <= last) & (table.c.last >= first))


def _select(write: Write, table: Table, source: str, condition: ColumnElement[bool]) -> list[Run]:
    columns = table.c
    statement = select(columns.first, columns.last, columns.after, columns.day)
    of_source = (columns.source == ledger_name(source)) & condition
    return [Run(source, *row) for row in write.connection.execute(statement.where(of_source).order_by(columns.first))]


def _remove(write: Write, table: Table, runs: Sequence[Run]) -> None:
    for run in runs:
        write.connection.execute(
            delete(table).where(table.c.source == ledger_name(run.source), table.c.first == run.first)
        )


def _put(write: Write, table: Table, runs: Sequence[Run]) -> None:
    if runs:
        rows = [
            {
                "source": ledger_name(run.source),
                "first": run.first,
                "last": run.last,
                "after": run.after,
                "day": run.day,
            }
            for run in runs
        ]
        write.connection.execute(insert(table), rows)


def _source_row(progress: SourceProgress) -> Mapping[str, Any]:
    return {
        "source": ledger_name(progress.source),
        "offset": min(progress.offset, _LAST_OFFSET),
        "path": _without_nul(progress.path),
        "fingerprint": _without_nul(progress.fingerprint),
    }


def _without_nul(text: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return text.replace("\0", _NUL) if text and "\0" in text else text


def _write_edge(write: Write, batch: Batch, answer: str) -> None:
    now, edge, epoch = write.now, ledger_name(batch.edge), ledger_name(batch.epoch)
    if batch.sequence == 1:
        old = (shipping_edge.c.edge == edge) & (shipping_edge.c.at < now - _FORGOTTEN_AFTER)
        write.connection.execute(delete(shipping_edge).where(old))
    row = {"edge": edge, "epoch": epoch, "sequence": batch.sequence, "answer": answer, "at": now}
    upsert(write.connection, shipping_edge, [row])
