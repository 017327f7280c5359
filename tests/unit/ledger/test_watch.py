"""The ledger on the board: well while it adds up, failed while it does not or cannot be read."""

from datetime import UTC, date, datetime, timedelta

from wardwatch.errors import StoreFault
from wardwatch.ledger_watch import LedgerWatch
from wardwatch.model.access import Scope
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.ledger import DropRow, Ledger, LedgerRow, RejectedLine, RejectedPage, RejectedQuery
from wardwatch.model.records import Position

NOW = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
TODAY = date(2026, 3, 2)


class Books:
    """A ledger that is what a test says."""

    def __init__(self) -> None:
        self.answer: Ledger | StoreFault = Ledger()
        self.asked: tuple[date, date] | None = None

    def ledger(self, scope: Scope, first_day: date, last_day: date) -> Ledger:
        self.asked = first_day, last_day
        if isinstance(self.answer, StoreFault):
            raise self.answer
        return self.answer

    def rejected(self, scope: Scope, query: RejectedQuery) -> RejectedPage:
        raise AssertionError("nobody looks at lines")

    def rejected_line(self, scope: Scope, position: Position) -> RejectedLine | None:
        raise AssertionError("nobody looks at lines")


def row(read: int, stored: int, path: str = "/eve.json") -> LedgerRow:
    return LedgerRow(TODAY, "ingest", "s", path, read, 0, stored, 0, 0)


def test_it_fails_while_the_ledger_does_not_add_up() -> None:
    books, heard, now = Books(), list[PartHealth](), [NOW]
    watch = LedgerWatch(books, lambda: now[0], heard.extend)
    answers = (
        Ledger((row(5, 5),), (DropRow(TODAY, "ingest", "sample", 3),)),
        Ledger((row(5, 5), row(9, 7, "/x\x1b"), row(3, 4))),
        StoreFault("the disk is gone"),
        Ledger(),
    )
    for answer in answers:
        books.answer = answer
        watch.look()
        now[0] += timedelta(minutes=1)
    assert [part.state for part in heard] == [
        PartState.RUNNING,
        PartState.FAILED,
        PartState.FAILED,
        PartState.RUNNING,
    ]
    assert [part.since for part in heard] == [
        NOW,
        NOW + timedelta(minutes=1),
        heard[1].since,
        now[0] - timedelta(minutes=1),
    ]
    assert heard[0].figures == {"missing_lines": 0, "rejected_lines": 0, "dropped": 3, "lost_bytes": 0}
    assert heard[1].figures["missing_lines"] == 3
    assert heard[1].detail.en == "the ledger is out by 2 lines at /x\\x1b (ingest, 2026-03-02) and at 1 other sources"
    assert "the disk is gone" in heard[2].detail.vi
    assert books.asked == (TODAY - timedelta(days=1), TODAY)


def test_a_file_that_was_gone_before_it_was_read_is_an_alarm() -> None:
    books, heard = Books(), list[PartHealth]()
    books.answer = Ledger((row(5, 5),), (DropRow(TODAY, "gialam/ingest", "eve_cut_bytes", 9),))
    LedgerWatch(books, lambda: NOW, heard.extend).look()
    assert heard[0].state is PartState.FAILED
    assert heard[0].detail.en == "9 bytes of source files were gone before they were read (gialam/ingest)"
    assert heard[0].figures["lost_bytes"] == 9
