"""What a process with a journal does about it: works on it alone, and says how it is."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from wardwatch.app.reporting import WRONG_CLOCK_S
from wardwatch.errors import UserError
from wardwatch.model.health import PartHealth, PartState
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.model.time import Clock
from wardwatch.shipping import Journal

DRAIN_S = 5.0
"""How long a process that is stopped waits for its journal to be taken."""


@contextmanager
def alone(journal: Path) -> Iterator[None]:
    """One process a journal: two would give the same numbers to different batches. Raises `UserError`."""
    lock_file = journal.with_name(f"{journal.name}.lock")
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"another process works with the journal {journal}", "stop it, or give another --data folder"
            ) from None
        yield


def journal_health(
    journal: Journal, edge: str, part: str, began: datetime, clock: Clock, clock_skew_s: float
) -> PartHealth:
    """How a journal is; `clock_skew_s` is the core's clock minus this machine's."""
    figures = {
        "pending_batches": float(journal.pending),
        "pending_bytes": float(journal.pending_bytes),
        "dropped": float(journal.dropped.total()),
        "damaged_batches": float(journal.damaged),
        "refused_batches": float(journal.refused),
        "clock_skew_s": clock_skew_s,
    }
    detail = _wrong_clock(clock_skew_s) if abs(clock_skew_s) > WRONG_CLOCK_S else NO_WORDS
    return PartHealth(edge, part, clock(), PartState.RUNNING, began, detail=detail, figures=figures)


def _wrong_clock(skew_s: float) -> Words:
    return Words(
        f"Đồng hồ của máy này {'chậm' if skew_s > 0 else 'nhanh'} {abs(skew_s):.0f} giây so với trung tâm.",
        f"This machine's clock is {abs(skew_s):.0f} s {'behind' if skew_s > 0 else 'ahead of'} the core's.",
    )
