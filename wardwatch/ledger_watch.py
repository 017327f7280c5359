"""Looks at the ledger every minute, and says on the board when it does not add up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wardwatch.errors import StoreFault
from wardwatch.model.access import Scope
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.ledger import Balance, DropRow, DropUnit, Ledger, LedgerRow
from wardwatch.model.text import NO_WORDS, Words, visible
from wardwatch.model.time import Clock
from wardwatch.ports import LedgerReader

EDGE = "core"
PART = "ledger"
EVERY = timedelta(minutes=1)

Take = Callable[[Sequence[PartHealth]], None]


@dataclass(frozen=True, slots=True)
class _Seen:
    state: PartState
    detail: Words
    figures: dict[str, float]


class LedgerWatch:
    """Judges today and yesterday (UTC): an alarm stays for the night shift after midnight, and then only in the
    ledger."""

    def __init__(self, records: LedgerReader, clock: Clock, take: Take) -> None:
        self._records = records
        self._clock = clock
        self._take = take
        self._state: tuple[PartState, datetime] | None = None

    def look(self) -> None:
        """Reports how the ledger is; also that it cannot be read."""
        now = self._clock()
        seen = self._seen(now)
        if self._state is None or self._state[0] is not seen.state:
            self._state = seen.state, now
        since = self._state[1]
        part = PartHealth(EDGE, PART, now, seen.state, since, 0, seen.detail, seen.figures, EVERY.total_seconds())
        self._take([part])

    def _seen(self, now: datetime) -> _Seen:
        today = now.astimezone(UTC).date()
        try:
            ledger = self._records.ledger(Scope.everything(), today - timedelta(days=1), today)
        except StoreFault as fault:
            return _Seen(PartState.FAILED, Words(f"không đọc được sổ đối soát: {fault.message}", fault.message), {})
        return _judged(ledger)


def _judged(ledger: Ledger) -> _Seen:
    out = [row for row in ledger.rows if row.balance is Balance.OUT]
    figures = {
        "missing_lines": float(sum(abs(row.missing) for row in out)),
        "rejected_lines": float(sum(row.rejected for row in ledger.rows)),
        "dropped": float(sum(drop.count for drop in ledger.drops if drop.unit is DropUnit.RECORDS)),
        "lost_bytes": float(sum(drop.count for drop in ledger.drops if drop.unit is DropUnit.BYTES)),
    }
    if out:
        return _Seen(PartState.FAILED, _does_not_add_up(out), figures)
    gaps = [drop for drop in ledger.drops if drop.unit is DropUnit.BYTES]
    if gaps:
        return _Seen(PartState.FAILED, _gone(gaps), figures)
    return _Seen(PartState.RUNNING, NO_WORDS, figures)


def _gone(gaps: Sequence[DropRow]) -> Words:
    lost = sum(drop.count for drop in gaps)
    edges = visible(", ".join(sorted({drop.edge for drop in gaps})))
    return Words(
        f"mất {lost} byte của tệp nguồn trước khi kịp đọc ({edges})",
        f"{lost} bytes of source files were gone before they were read ({edges})",
    )


def _does_not_add_up(out: Sequence[LedgerRow]) -> Words:
    first = out[0]
    name = visible(first.path or first.source)
    difference = abs(first.missing)
    vi = f"sổ đối soát lệch {difference} dòng ở {name} ({first.edge}, {first.day:%d/%m})"
    en = f"the ledger is out by {difference} lines at {name} ({first.edge}, {first.day})"
    if len(out) > 1:
        return Words(f"{vi} và {len(out) - 1} nguồn khác", f"{en} and at {len(out) - 1} other sources")
    return Words(vi, en)
