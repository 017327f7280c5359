"""The ledger's tables: added to in the transaction of each batch, read by days."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, func, select

from wardwatch.model.ledger import DropRow, Ledger, LedgerRow, Tally
from wardwatch.model.tallies import ledger_name
from wardwatch.state.dialects import upsert
from wardwatch.state.tables import ledger, ledger_drop, shipping_source

_COUNTS = ("read", "untold", "stored", "duplicates", "rejected")


def add_tallies(connection: Connection, day: date, edge: str, tallies: Sequence[Tally]) -> None:
    """Adds what became of a batch to its day. Writers take turns, so that nothing comes between."""
    columns, name = ledger.c, ledger_name(edge)
    sources = [tally.source for tally in tallies]
    statement = select(ledger).where(columns.day == day, columns.edge == name, columns.source.in_(sources))
    known = {row.source: row for row in connection.execute(statement)} if tallies else {}
    rows = []
    for tally in tallies:
        row: dict[str, Any] = {"day": day, "edge": name, "source": tally.source}
        before = known.get(tally.source)
        for count in _COUNTS:
            row[count] = getattr(tally, count) + (getattr(before, count) if before else 0)
        rows.append(row)
    upsert(connection, ledger, rows)


def add_drops(connection: Connection, day: date, edge: str, drops: Mapping[str, int]) -> None:
    """Adds what an edge told it let go to its day."""
    columns, name = ledger_drop.c, ledger_name(edge)
    for reason, count in drops.items():
        statement = select(columns.count).where(columns.day == day, columns.edge == name, columns.reason == reason)
        before = connection.execute(statement).scalar() or 0
        upsert(connection, ledger_drop, [{"day": day, "edge": name, "reason": reason, "count": before + count}])


def forget_days(connection: Connection, before: date) -> None:
    """Lets the days before that one go."""
    for table in (ledger, ledger_drop):
        connection.execute(delete(table).where(table.c.day < before))


def read_ledger(connection: Connection, first_day: date, last_day: date) -> Ledger:
    """The days from the first to the last, both in it, newest first."""
    columns, path = ledger.c, func.coalesce(shipping_source.c.path, "")
    rows = connection.execute(
        select(columns.day, columns.edge, columns.source, path, *(columns[count] for count in _COUNTS))
        .select_from(ledger.outerjoin(shipping_source, shipping_source.c.source == columns.source))
        .where(columns.day.between(first_day, last_day))
        .order_by(columns.day.desc(), columns.edge, path, columns.source)
    )
    told = ledger_drop.c
    drops = connection.execute(
        select(told.day, told.edge, told.reason, told.count)
        .where(told.day.between(first_day, last_day))
        .order_by(told.day.desc(), told.edge, told.reason)
    )
    return Ledger(tuple(LedgerRow(*row) for row in rows), tuple(DropRow(*row) for row in drops))
