"""Suppressions: what is hidden from the inbox."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from wardwatch.errors import NotFound
from wardwatch.model.access import Actor, Scope
from wardwatch.model.suppressions import Suppression
from wardwatch.state.database import Database
from wardwatch.state.pages import in_scope
from wardwatch.state.work_tables import suppression


class SqlSuppressionStore:
    """`wardwatch.ports.SuppressionStore`. None is deleted: who hid what stays to be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor, new: Suppression) -> None:
        with self._database.write(actor) as write:
            write.connection.execute(insert(suppression).values(asdict(new)))
            write.audit("suppression.add", new.id, _told(new), [new.unit] if new.unit else [])

    def end(self, actor: Actor, suppression_id: str, at: datetime) -> Suppression:
        running = (suppression.c.id == suppression_id, suppression.c.ended_at.is_(None), suppression.c.expires_at > at)
        with self._database.write(actor) as write:
            row = write.connection.execute(select(suppression).where(*running)).mappings().first()
            if row is None:
                raise NotFound(f"there is no active suppression {suppression_id}", "read the list again")
            write.connection.execute(update(suppression).where(*running).values(ended_at=at))
            ended = Suppression(**{**row, "ended_at": at})
            write.audit("suppression.end", ended.id, _told(ended), [ended.unit] if ended.unit else [])
        return ended

    def suppressions(self, scope: Scope, active_at: datetime | None = None) -> Sequence[Suppression]:
        statement = select(suppression).where(in_scope(scope, suppression.c.unit))
        if active_at is not None:
            statement = statement.where(
                suppression.c.created_at <= active_at,
                suppression.c.expires_at > active_at,
                or_(suppression.c.ended_at.is_(None), suppression.c.ended_at > active_at),
            )
        newest = statement.order_by(suppression.c.created_at.desc(), suppression.c.id)
        with self._database.read() as connection:
            return [Suppression(**row) for row in connection.execute(newest).mappings()]


def _told(known: Suppression) -> dict[str, str]:
    """Its conditions, reason and end, for the audit."""
    return {name: str(value) for name, value in asdict(known).items() if value is not None}
