"""The inventory, each kind a table: the columns that queries need, and the whole of a thing as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, or_, select, true, update

from wardwatch.model.access import Actor, Scope
from wardwatch.model.inventory import Check, Circuit, Credential, Device, Inventory, Link, Service, Site, Unit, Zone
from wardwatch.model.text import fold
from wardwatch.state import tables
from wardwatch.state.database import Database, Write
from wardwatch.state.dialects import upsert
from wardwatch.state.pages import in_scope
from wardwatch.state.tables import credential, device, link, service, site, unit, unit_closure


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of the inventory: its table, its type, what is searched in it, and what of it a limited scope sees."""

    table: Table
    type: type[Any]
    visible: Callable[[Scope], ColumnElement[bool]]
    searched: tuple[str, ...] = ()

    def row(self, thing: Any) -> dict[str, Any]:
        body = msgspec.json.decode(msgspec.json.encode(thing))
        row = {
            column.name: body.get(column.name)
            for column in self.table.columns
            if column.name not in ("body", "searchable")
        }
        if self.searched:
            row["searchable"] = fold(" ".join(str(body[name]) for name in self.searched if body.get(name)))
        return {**row, "body": body}


class SqlInventoryStore:
    """`wardwatch.ports.InventoryStore`.

    A limited scope sees: its units and their ancestors; sites of its units and those its devices stand at; devices and
    services of its units, with their checks; links and circuits that end at a device it sees (the far device stays out
    of sight); credentials its devices use; all zones.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, scope: Scope) -> Inventory:
        with self._database.read() as connection:
            return Inventory(**{name: _things(connection, kind, kind.visible(scope)) for name, kind in KINDS.items()})

    def replace(self, actor: Actor, inventory: Inventory) -> None:
        with self._database.write(actor) as write:
            changes = {
                name: moves
                for name, kind in KINDS.items()
                if (moves := _replace(write, kind, getattr(inventory, name)))
            }
            if not changes:
                return
            if "units" in changes:
                _write_closure(write, inventory.units)
            if "devices" in changes:
                _forget_devices(write)
            version = tables.inventory_version
            write.connection.execute(update(version).values(version=version.c.version + 1))
            write.audit("inventory.replace", "inventory", changes)

    def version(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(select(tables.inventory_version.c.version)).scalar_one())


def _everything(scope: Scope) -> ColumnElement[bool]:
    return true()


def _units(scope: Scope) -> ColumnElement[bool]:
    if scope.units is None:
        return true()
    ancestors = select(unit_closure.c.ancestor).where(in_scope(scope, unit_closure.c.descendant))
    return unit.c.id.in_(ancestors)


def _devices(scope: Scope, column: Any = device.c.id) -> Any:
    """Which devices a scope sees, by one of their columns."""
    return select(column).where(in_scope(scope, device.c.unit))


def _sites(scope: Scope) -> ColumnElement[bool]:
    return or_(in_scope(scope, site.c.unit), site.c.id.in_(_devices(scope, device.c.site)))


def _credentials(scope: Scope) -> ColumnElement[bool]:
    return true() if scope.units is None else credential.c.id.in_(_devices(scope, device.c.credential))


def _links(scope: Scope) -> ColumnElement[bool]:
    if scope.units is None:
        return true()
    return or_(link.c.upstream.in_(_devices(scope)), link.c.downstream.in_(_devices(scope)))


def _circuits(scope: Scope) -> ColumnElement[bool]:
    if scope.units is None:
        return true()
    return tables.circuit.c.id.in_(select(link.c.circuit).where(_links(scope)))


def _checks(scope: Scope) -> ColumnElement[bool]:
    if scope.units is None:
        return true()
    return tables.check.c.service.in_(select(service.c.id).where(in_scope(scope, service.c.owner)))


KINDS: dict[str, _Kind] = {
    "units": _Kind(unit, Unit, _units, ("name", "short_name", "code")),
    "zones": _Kind(tables.zone, Zone, _everything),
    "sites": _Kind(site, Site, _sites),
    "credentials": _Kind(credential, Credential, _credentials),
    "devices": _Kind(device, Device, lambda scope: in_scope(scope, device.c.unit), ("name", "address", "id")),
    "circuits": _Kind(tables.circuit, Circuit, _circuits),
    "links": _Kind(link, Link, _links),
    "services": _Kind(service, Service, lambda scope: in_scope(scope, service.c.owner), ("name", "code", "hostname")),
    "checks": _Kind(tables.check, Check, _checks),
}
"""Every kind of the inventory by its name in `Inventory`."""


def _things(connection: Connection, kind: _Kind, condition: ColumnElement[bool]) -> dict[str, Any]:
    statement = select(kind.table.c.body).where(condition)
    things = [msgspec.convert(body, kind.type) for body in connection.scalars(statement)]
    # In the order of code points on every engine: databases sort text by rules of their own.
    return {thing.id: thing for thing in sorted(things, key=lambda thing: thing.id)}


def _replace(write: Write, kind: _Kind, wanted: Mapping[str, Any]) -> dict[str, int]:
    """Makes a table equal to what is wanted; returns how many things came, changed and went."""
    statement = select(kind.table.c.id, kind.table.c.body)
    stored = {row.id: row.body for row in write.connection.execute(statement)}
    rows = {key: kind.row(thing) for key, thing in wanted.items()}
    gone = sorted(stored.keys() - rows.keys())
    moved = [row for key, row in rows.items() if stored.get(key) != row["body"]]
    if gone:
        write.connection.execute(delete(kind.table).where(kind.table.c.id.in_(gone)))
    upsert(write.connection, kind.table, moved)
    added = sum(1 for row in moved if row["id"] not in stored)
    counts = {"added": added, "changed": len(moved) - added, "removed": len(gone)}
    return counts if any(counts.values()) else {}


def _write_closure(write: Write, units: Mapping[str, Unit]) -> None:
    """Every unit with each of its ancestors and itself."""
    rows = [{"ancestor": above, "descendant": name} for name in units for above in lineage(units, name)]
    write.connection.execute(delete(unit_closure))
    if rows:
        write.connection.execute(insert(unit_closure), rows)


def lineage(units: Mapping[str, Unit], name: str) -> list[str]:
    """A unit and its ancestors, nearest first; a parent that does not exist, or a circle, ends it."""
    chain: list[str] = []
    current: str | None = name
    while current is not None and current in units and current not in chain:
        chain.append(current)
        current = units[current].parent
    return chain


def _forget_devices(write: Write) -> None:
    """What is known of devices goes with them."""
    known = select(device.c.id)
    for table in (tables.device_status, tables.device_facts):
        write.connection.execute(delete(table).where(table.c.device.not_in(known)))
