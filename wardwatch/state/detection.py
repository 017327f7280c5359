"""What detection has seen, and what it still owes to the incidents."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select

from wardwatch.model.access import Actor
from wardwatch.model.detection import Checkpoint, Finding, Owed
from wardwatch.state.alert_groups import clear_groups, merge_groups
from wardwatch.state.database import Database, Write
from wardwatch.state.devices import write_facts, write_statuses
from wardwatch.state.dialects import upsert
from wardwatch.state.tables import detection_owed, detection_seen

_FORGOTTEN_AFTER = timedelta(days=30)


class SqlDetectionStore:
    """`wardwatch.ports.DetectionStore`. Epochs that have been silent for 30 days are forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, edge: str, epoch: str) -> int:
        statement = select(detection_seen.c.sequence).where(
            detection_seen.c.edge == edge, detection_seen.c.epoch == epoch
        )
        with self._database.read() as connection:
            return connection.execute(statement).scalar() or 0

    def commit(self, actor: Actor, finding: Finding) -> int | None:
        with self._database.write(actor) as write:
            if finding.facts:
                write_facts(write, actor, finding.facts)
            if finding.statuses:
                write_statuses(write, actor, finding.statuses)
            if finding.groups:
                merge_groups(write, finding.groups)
            if finding.clearings:
                clear_groups(write, finding.clearings)
            if finding.checkpoint is not None:
                _write_seen(write, finding.checkpoint)
            return _write_owed(write, finding.owed) if finding.owed else None

    def owed(self) -> Sequence[tuple[int, Owed]]:
        statement = select(detection_owed).order_by(detection_owed.c.id)
        with self._database.read() as connection:
            return [(row.id, msgspec.convert(row.body, Owed)) for row in connection.execute(statement)]

    def settle(self, actor: Actor, number: int) -> None:
        with self._database.write(actor) as write:
            write.connection.execute(delete(detection_owed).where(detection_owed.c.id == number))


def _write_seen(write: Write, checkpoint: Checkpoint) -> None:
    now = write.now
    if checkpoint.sequence == 1:
        old = (detection_seen.c.edge == checkpoint.edge) & (detection_seen.c.at < now - _FORGOTTEN_AFTER)
        write.connection.execute(delete(detection_seen).where(old))
    row = {"edge": checkpoint.edge, "epoch": checkpoint.epoch, "sequence": checkpoint.sequence, "at": now}
    upsert(write.connection, detection_seen, [row])


def _write_owed(write: Write, owed: Owed) -> int:
    body: Any = msgspec.to_builtins(owed)
    made = write.connection.execute(insert(detection_owed).values(body=body))
    (number,) = made.inserted_primary_key or (0,)
    return int(number)
