"""What is known of devices now."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import or_, select

from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import DeviceStatus
from wardwatch.model.records import DeviceFacts
from wardwatch.model.status import Status
from wardwatch.model.text import Words
from wardwatch.state.database import Database, Write
from wardwatch.state.dialects import upsert
from wardwatch.state.pages import in_scope
from wardwatch.state.tables import device, device_facts, device_status

_UNTOLD = frozenset({"arp", "fdb"})
"""Facts of who is where: they change by themselves all day, and the chain would grow by nothing else."""


class SqlDeviceStateStore:
    """`wardwatch.ports.DeviceStateStore`.

    The system writes every status of every round: the audit chain gets one entry a call, of those whose status or
    facts *changed*, and none when nothing did. What a person writes is always audited.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def statuses(self, scope: Scope) -> Sequence[DeviceStatus]:
        statement = select(device_status).where(in_scope(scope, device_status.c.unit))
        with self._database.read() as connection:
            found = [
                DeviceStatus(**{**row, "status": Status(row["status"]), "cause": Words(**row["cause"])})
                for row in connection.execute(statement).mappings()
            ]
        return sorted(found, key=lambda status: status.device)

    def put_statuses(self, actor: Actor, statuses: Sequence[DeviceStatus]) -> None:
        with self._database.write(actor) as write:
            write_statuses(write, actor, statuses)

    def facts(self, scope: Scope, device: str, kind: str) -> DeviceFacts | None:
        statement = (
            select(device_facts)
            .where(device_facts.c.device == device, device_facts.c.kind == kind)
            .where(device_in_scope(scope))
        )
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return DeviceFacts(row.device, row.kind, row.at, tuple(row.rows)) if row else None

    def put_facts(self, actor: Actor, facts: Sequence[DeviceFacts]) -> None:
        with self._database.write(actor) as write:
            write_facts(write, actor, facts)


def write_statuses(write: Write, actor: Actor, statuses: Sequence[DeviceStatus]) -> None:
    """The statuses, inside a transaction."""
    newest = {status.device: status for status in statuses}
    before = _statuses(write, list(newest))
    upsert(write.connection, device_status, [asdict(status) for status in newest.values()])
    changed = [status for name, status in newest.items() if not _by_system(actor) or before.get(name) != status.status]
    if changed:
        moves = {status.device: [before.get(status.device), str(status.status)] for status in changed}
        units = {status.unit for status in changed}
        write.audit("device.status", f"{len(changed)} devices", {"changed": moves, "units": sorted(units)}, units)


def write_facts(write: Write, actor: Actor, facts: Sequence[DeviceFacts]) -> None:
    """The facts, inside a transaction."""
    newest = {(fact.device, fact.kind): fact for fact in facts}
    before = _facts(write, {name for name, _ in newest})
    rows = [
        {"device": fact.device, "kind": fact.kind, "at": fact.at, "rows": list(fact.rows)} for fact in newest.values()
    ]
    upsert(write.connection, device_facts, rows)
    changed = sorted(
        f"{name}/{kind}"
        for (name, kind), fact in newest.items()
        if not _by_system(actor) or (kind not in _UNTOLD and before.get((name, kind)) != list(fact.rows))
    )
    if changed:
        write.audit("device.facts", f"{len(changed)} facts", {"changed": changed})


def _by_system(actor: Actor) -> bool:
    return actor.name.startswith("system:")


def device_in_scope(scope: Scope) -> Any:
    """Facts name no unit: they are those of the device, by the inventory, else by its status."""
    if scope.units is None:
        return in_scope(scope, device.c.unit)
    return or_(
        device_facts.c.device.in_(select(device.c.id).where(in_scope(scope, device.c.unit))),
        device_facts.c.device.in_(select(device_status.c.device).where(in_scope(scope, device_status.c.unit)))
        & device_facts.c.device.not_in(select(device.c.id)),
    )


def _statuses(write: Write, names: Sequence[str]) -> dict[str, str]:
    statement = select(device_status.c.device, device_status.c.status).where(device_status.c.device.in_(names))
    return {row.device: row.status for row in write.connection.execute(statement)}


def _facts(write: Write, names: set[str]) -> dict[tuple[str, str], list[Any]]:
    statement = select(device_facts).where(device_facts.c.device.in_(sorted(names)))
    return {(row.device, row.kind): row.rows for row in write.connection.execute(statement)}
