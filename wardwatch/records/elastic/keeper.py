"""House-keeping: makes tomorrow's indices, and lets those past their age go."""

from datetime import date

from wardwatch.model.access import Actor
from wardwatch.ports import ShippingBooks
from wardwatch.records.elastic.indices import Indices
from wardwatch.records.elastic.names import EVENTS, REJECTED

_KEEPER = Actor.system("records")


class Keeper:
    """Runs every hour; what is done already is not done again."""

    def __init__(self, indices: Indices, books: ShippingBooks) -> None:
        self._indices = indices
        self._books = books

    def retain(self, today: date) -> int:
        """Deletes whole indices; returns how many. Positions are forgotten after the records they stand for."""
        self._indices.prepare(today)
        removed = self._indices.remove(today)
        if removed:
            self._books.forget(_KEEPER, min(self._indices.keeps(kind, today) for kind in (EVENTS, REJECTED)))
        return removed
