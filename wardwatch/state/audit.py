"""The audit chain: read, extended by hand, verified."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from wardwatch.model.access import Actor, Scope
from wardwatch.model.state import AuditEntry
from wardwatch.model.time import TimeRange
from wardwatch.state.chain import GENESIS, holds
from wardwatch.state.database import Database
from wardwatch.state.pages import shares_unit
from wardwatch.state.tables import audit_entry, audit_head, audit_unit

_AT_ONCE = 1000


class SqlAuditLog:
    """`wardwatch.ports.AuditLog`. Writes of the other stores add their entries through `Write.audit`.

    A scope sees the entries that name one of its units (under `units` in the detail); those of none are seen with the
    whole city only.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any]) -> AuditEntry:
        units = detail.get("units") or ()
        with self._database.write(actor) as write:
            return write.audit(action, subject, detail, [unit for unit in units if isinstance(unit, str)])

    def entries(self, scope: Scope, time: TimeRange, limit: int) -> Sequence[AuditEntry]:
        """Newest first."""
        statement = (
            select(audit_entry)
            .where(audit_entry.c.at >= time.start, audit_entry.c.at < time.end)
            .where(shares_unit(scope, audit_entry.c.sequence, audit_unit.c.sequence, audit_unit))
            .order_by(audit_entry.c.sequence.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_entry(row) for row in connection.execute(statement)]

    def verify(self) -> int | None:
        """Reads the whole chain. A removed entry breaks it where it stood, the last ones against the chain's head."""
        with self._database.read() as connection:
            head = connection.execute(select(audit_head)).one()
            sequence, previous = 0, GENESIS
            while True:
                following = (
                    select(audit_entry).where(audit_entry.c.sequence > sequence).order_by(audit_entry.c.sequence)
                )
                rows = connection.execute(following.limit(_AT_ONCE)).all()
                for entry in map(_entry, rows):
                    if entry.sequence != sequence + 1 or entry.previous != previous or not holds(entry):
                        return sequence + 1
                    sequence, previous = entry.sequence, entry.hash
                if not rows:
                    return None if (sequence, previous) == (head.sequence, head.hash) else sequence + 1


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(
        sequence=row.sequence,
        at=row.at,
        actor=row.actor,
        address=row.address,
        action=row.action,
        subject=row.subject,
        detail=json.loads(row.detail),
        previous=row.previous,
        hash=row.hash,
    )
