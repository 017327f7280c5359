"""The ledger's tables: added to in the transaction of each batch, read by days."""

from collections.abc import Mapping, Sequence
from datetime import date

from wardwatch.model.ledger import DropRow, Ledger, LedgerRow, Tally
from wardwatch.model.tallies import ledger_name
from wardwatch.records.embedded.database import Cursor, Database


def add_tallies(cursor: Cursor, day: date, edge: str, tallies: Sequence[Tally]) -> None:
    """Adds what became of a batch to its day."""
    for tally in tallies:
        counts = [tally.read, tally.untold, tally.stored, tally.duplicates, tally.rejected]
        key = [day, ledger_name(edge), tally.source]
        # Nearly always the row is there, and an update takes a quarter of what ON CONFLICT does.
        changed = cursor.execute(
            "UPDATE ledger SET read = read + ?, untold = untold + ?, stored = stored + ?, duplicates = duplicates + ?,"
            " rejected = rejected + ? WHERE day = ? AND edge = ? AND source = ?",
            [*counts, *key],
        ).fetchone()
        if not changed or not changed[0]:
            cursor.execute("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [*key, *counts])


def add_drops(cursor: Cursor, day: date, edge: str, drops: Mapping[str, int]) -> None:
    """Adds what an edge told it let go to its day."""
    for reason, count in drops.items():
        cursor.execute(
            "INSERT INTO ledger_drop VALUES (?, ?, ?, ?)"
            " ON CONFLICT (day, edge, reason) DO UPDATE SET count = ledger_drop.count + excluded.count",
            [day, ledger_name(edge), reason, count],
        )


def forget_days(cursor: Cursor, before: date) -> None:
    """Lets the days before that one go."""
    for table in ("ledger", "ledger_drop"):
        cursor.execute(f"DELETE FROM {table} WHERE day < ?", [before])


class LedgerBooks:
    """Reads the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, first_day: date, last_day: date) -> Ledger:
        """The days from the first to the last, both in it, newest first."""

        def ask(cursor: Cursor) -> Ledger:
            rows = cursor.execute(
                "SELECT day, edge, source, coalesce(path, ''), read, untold, stored, duplicates, rejected"
                " FROM ledger LEFT JOIN source USING (source) WHERE day BETWEEN ? AND ?"
                " ORDER BY day DESC, edge, 4, source",
                [first_day, last_day],
            ).fetchall()
            drops = cursor.execute(
                "SELECT day, edge, reason, count FROM ledger_drop WHERE day BETWEEN ? AND ?"
                " ORDER BY day DESC, edge, reason",
                [first_day, last_day],
            ).fetchall()
            return Ledger(tuple(LedgerRow(*row) for row in rows), tuple(DropRow(*row) for row in drops))

        return self._database.read("reading the ledger of", ask)
