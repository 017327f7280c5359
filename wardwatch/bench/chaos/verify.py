"""Reads the stores back after a trial and weighs them against what was sent."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from detectors.sigma.alerts import RULESET
from wardwatch.bench.chaos.figures import Figures
from wardwatch.bench.chaos.rig import Rig, days, is_line
from wardwatch.bench.chaos.sensor import Sensor, digest
from wardwatch.bench.eve_lines import FIRST
from wardwatch.installation import read_installation
from wardwatch.model.access import Scope
from wardwatch.model.ledger import Balance, DropUnit, Ledger
from wardwatch.model.queries import EventQuery, StoredEvent
from wardwatch.model.state import AlertGroupQuery
from wardwatch.model.time import TimeRange, utc_now
from wardwatch.ports import RecordReader, StateStore

PAGE = 1000
_ALL = Scope.everything()


def verify(rig: Rig, sensor: Sensor, recoveries: list[float]) -> Figures:
    """Opens the stopped installation's stores. Lines are looked up one by one; rows of samples are counted."""
    installation = read_installation(rig.data)
    state = installation.open_state(utc_now)
    try:
        records = installation.open_records(utc_now, state.shipping)
        try:
            found, positions = Counter[bytes](), Counter[object]()
            for event in _events(records):
                found[digest(event.document["event"]["original"].encode())] += 1
                positions[event.position] += 1
            today = utc_now().date()
            before, after = days()
            ledger = records.ledger(_ALL, today - before, today + after)
        finally:
            records.close()
        counted = sum(group for group in _counts(state))
    finally:
        state.close()
    known = sum(1 for each in found if each in sensor.sent)
    doubled = max(found.total() - known, positions.total() - len(positions))
    return _weighed(ledger, sensor, known, doubled, counted, recoveries)


def _weighed(
    ledger: Ledger, sensor: Sensor, known: int, doubled: int, counted: int, recoveries: list[float]
) -> Figures:
    lines = [row for row in ledger.rows if is_line(row.source)]
    polled = [row for row in ledger.rows if not is_line(row.source)]
    dropped = sum(drop.count for drop in ledger.drops if drop.unit is DropUnit.RECORDS)
    dropped += sum(row.rejected for row in ledger.rows)
    sent = sensor.written + sum(row.read for row in polled)
    stored = known + sum(row.stored for row in polled)
    # A row that the ledger counts as stored and that is not there, or the other way round, is a doubt of its own.
    uneven = sum(row.balance is Balance.OUT for row in ledger.rows) + (sum(row.stored for row in lines) != known)
    return Figures(
        sent=sent,
        stored=stored,
        dropped=dropped,
        lost=sent - stored - dropped,
        doubled=doubled,
        recovery_s=round(max(recoveries, default=0.0), 2),
        faults=len(recoveries),
        alerts_off=abs(sensor.alerts - counted),
        uneven=uneven,
    )


def _events(records: RecordReader) -> Iterator[StoredEvent]:
    cursor: str | None = None
    time = TimeRange(FIRST - timedelta(days=1), FIRST + timedelta(days=1))
    while True:
        page = records.events(_ALL, EventQuery(time, limit=PAGE, cursor=cursor))
        yield from page.items
        if page.next is None:
            return
        cursor = page.next


def _counts(state: StateStore) -> Iterator[int]:
    """How many alerts of the sensor each group of the inbox has; hits of Sigma rules are groups beside them."""
    cursor: str | None = None
    while True:
        page = state.alert_groups.groups(_ALL, AlertGroupQuery(limit=PAGE, cursor=cursor))
        yield from (group.count for group in page.items if group.category != RULESET)
        if page.next is None:
            return
        cursor = page.next
