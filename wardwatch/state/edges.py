"""Remote edges and the zones they poll."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from wardwatch.errors import Conflict, NotFound
from wardwatch.model.access import Actor, Scope
from wardwatch.model.edges import Edge
from wardwatch.state import tables
from wardwatch.state.database import Database, Write
from wardwatch.state.dialects import upsert
from wardwatch.state.tables import edge

_COLUMNS = (edge.c.name, edge.c.zone, edge.c.token_hash, edge.c.created_at, edge.c.revoked_at, edge.c.last_seen_at)


class SqlEdgeStore:
    """`wardwatch.ports.EdgeStore`. Adding or revoking an edge moves the inventory's version, for it moves work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor, new: Edge) -> None:
        with self._database.write(actor) as write:
            for row in write.connection.execute(select(*_COLUMNS).where(edge.c.revoked_at.is_(None))):
                if row.name == new.name:
                    raise Conflict(f"there is an edge {new.name} already", f"revoke it first: edge revoke {new.name}")
                if row.zone == new.zone:
                    raise Conflict(f"zone {new.zone} is polled by edge {row.name}", "revoke that one first")
            upsert(
                write.connection,
                edge,
                [
                    {
                        "name": new.name,
                        "zone": new.zone,
                        "token_hash": new.token_hash,
                        "created_at": new.created_at,
                        "revoked_at": None,
                        "last_seen_at": None,
                    }
                ],
            )
            _move_work(write)
            write.audit("edge.add", new.name, {"zone": new.zone})

    def edges(self, scope: Scope) -> Sequence[Edge]:
        if scope.units is not None:
            return []
        with self._database.read() as connection:
            found = [Edge(**row) for row in connection.execute(select(*_COLUMNS)).mappings()]
        return sorted(found, key=lambda edge: edge.name)

    def revoke(self, actor: Actor, name: str, at: datetime) -> None:
        with self._database.write(actor) as write:
            found = write.connection.execute(
                update(edge).where(edge.c.name == name, edge.c.revoked_at.is_(None)).values(revoked_at=at)
            )
            if not found.rowcount:
                raise NotFound(f"there is no active edge {name}", "wardwatch edge list shows them")
            _move_work(write)
            write.audit("edge.revoke", name)

    def seen(self, actor: Actor, name: str, at: datetime) -> None:
        """Not audited: an edge that works is no news."""
        with self._database.write(actor) as write:
            write.connection.execute(update(edge).where(edge.c.name == name).values(last_seen_at=at))


def _move_work(write: Write) -> None:
    version = tables.inventory_version
    write.connection.execute(update(version).values(version=version.c.version + 1))
