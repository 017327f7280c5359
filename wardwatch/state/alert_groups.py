"""The inbox."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from wardwatch.model.access import Actor, Scope
from wardwatch.model.detection import Clearing
from wardwatch.model.incidents import AlertGroup, GroupState
from wardwatch.model.records import Position
from wardwatch.model.state import AlertGroupQuery, Page
from wardwatch.model.status import Severity, worst_severity
from wardwatch.state.database import Database, Write
from wardwatch.state.dialects import upsert
from wardwatch.state.pages import page_size, read_cursor, shares_unit, write_cursor
from wardwatch.state.tables import UtcTime, alert_group, alert_group_unit

MAX_POSITIONS = 100
_ASKED = 500
"""Clearings whose rules are asked for at once: a database takes so many parameters and not many more."""
_MARKS = ("handled_at", "handled_by", "verdict", "suppression", "cleared_at")
_COLUMNS = tuple(column.name for column in fields(AlertGroup))


class SqlAlertGroupStore:
    """`wardwatch.ports.AlertGroupStore`.

    Alerts come in by the thousand: `merge` adds one entry a call to the audit chain, with how many groups are new and
    how many alerts were added. Of a group's alerts the positions of the newest 100 are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def merge(self, actor: Actor, groups: Sequence[AlertGroup]) -> None:
        if not groups:
            return
        with self._database.write(actor) as write:
            merge_groups(write, groups)

    def group(self, scope: Scope, group_id: str) -> AlertGroup | None:
        statement = select(alert_group).where(alert_group.c.id == group_id, _visible(scope))
        with self._database.read() as connection:
            row = connection.execute(statement).mappings().first()
        return _group(row) if row else None

    def chosen(self, scope: Scope, group_ids: Collection[str]) -> dict[str, AlertGroup]:
        with self._database.read() as connection:
            return _known(connection, group_ids, _visible(scope))

    def groups(self, scope: Scope, query: AlertGroupQuery) -> Page[AlertGroup]:
        limit = page_size(query.limit)
        matching = [_visible(scope), *_conditions(query)]
        statement = select(alert_group).where(*matching)
        if query.cursor:
            at, key = read_cursor(query.cursor)
            place = tuple_(alert_group.c.last_seen, alert_group.c.id)
            statement = statement.where(place < tuple_(literal(at, UtcTime()), literal(key)))
        newest = statement.order_by(alert_group.c.last_seen.desc(), alert_group.c.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(newest).mappings().all()
            total = connection.execute(select(func.count()).select_from(alert_group).where(*matching)).scalar_one()
        items = tuple(_group(row) for row in rows[:limit])
        more = write_cursor(items[-1].last_seen, items[-1].id) if len(rows) > limit else None
        return Page(items, more, total)

    def link(self, actor: Actor, group_ids: Sequence[str], incident_id: str) -> None:
        if not group_ids:
            return
        with self._database.write(actor) as write:
            statement = update(alert_group).where(alert_group.c.id.in_(list(group_ids)))
            write.connection.execute(statement.values(incident=incident_id))
            units = (
                select(alert_group_unit.c.unit).where(alert_group_unit.c.alert_group.in_(list(group_ids))).distinct()
            )
            seen_by = list(write.connection.scalars(units))
            write.audit("alert_group.link", incident_id, {"groups": list(group_ids), "units": seen_by}, seen_by)

    def mark(self, actor: Actor, groups: Sequence[AlertGroup]) -> None:
        if not groups:
            return
        with self._database.write(actor) as write:
            for group in groups:
                marks = {name: getattr(group, name) for name in _MARKS}
                write.connection.execute(update(alert_group).where(alert_group.c.id == group.id).values(**marks))
            units = {unit for group in groups for unit in _seen_by(group)}
            states = Counter(str(group.state) for group in groups)
            detail = {"groups": [group.id for group in groups], "states": dict(states), "units": sorted(units)}
            write.audit("alert_group.mark", f"{len(groups)} groups", detail, units)


def clear_groups(write: Write, clearings: Sequence[Clearing]) -> None:
    """Marks what is over. Not audited: the event that says so is kept."""
    parts = (clearings[first : first + _ASKED] for first in range(0, len(clearings), _ASKED))
    over = [found for part in parts for found in _over(write.connection, part)]
    if over:
        statement = update(alert_group).where(alert_group.c.id == bindparam("over")).values(cleared_at=bindparam("at"))
        write.connection.execute(statement, over)


def _over(connection: Connection, clearings: Sequence[Clearing]) -> Iterator[dict[str, object]]:
    """The open groups that these end, and when. Devices tell in a storm what is over, of groups that few are: these
    are asked for by their rules at once, not by each clearing."""
    ended = {(each.namespace, each.rule_id, *_place(each.device, each.source_ip)): each.at for each in clearings}
    columns = (alert_group.c[name] for name in ("id", "namespace", "rule_id", "device", "source_ip", "last_seen"))
    rules = {each.rule_id for each in clearings}
    asked = select(*columns).where(alert_group.c.rule_id.in_(rules), alert_group.c.cleared_at.is_(None))
    for row in connection.execute(asked):
        places = {_place(row.device, row.source_ip), (None, row.source_ip)}
        times = [ended.get((row.namespace, row.rule_id, *place)) for place in places]
        if at := max((at for at in times if at is not None and row.last_seen <= at), default=None):
            yield {"over": row.id, "at": at}


def _place(device: str | None, source_ip: str | None) -> tuple[str | None, str | None]:
    """Where a condition is: at a device, or at the address of an unknown one."""
    return (device, None) if device is not None else (None, source_ip)


def merge_groups(write: Write, groups: Sequence[AlertGroup]) -> None:
    """`merge`, inside a transaction."""
    known = _known(write.connection, {group.id for group in groups})
    merged = dict(known)
    for group in groups:
        merged[group.id] = merged_group(merged.get(group.id), group)
    upsert(write.connection, alert_group, [_row(group) for group in merged.values()])
    _write_units(write, known, merged)
    units = {unit for group in merged.values() for unit in _seen_by(group)}
    detail = {
        "new": len(merged) - len(known),
        "grown": len(known),
        "alerts": sum(group.count for group in groups),
        "units": sorted(units),
    }
    write.audit("alert_group.merge", f"{len(merged)} groups", detail, units)


def merged_group(known: AlertGroup | None, new: AlertGroup) -> AlertGroup:
    """A known group and more alerts of it: counts add up, first and last seen widen, the newest positions stay. What
    somebody handled stays handled; it is hidden as the newest alerts are, and cleared no longer."""
    if known is None:
        return replace(new, positions=new.positions[-MAX_POSITIONS:])
    positions = tuple(dict.fromkeys((*known.positions, *new.positions)))
    return replace(
        known,
        severity=worst_severity(known.severity, new.severity),
        units=tuple(dict.fromkeys((*known.units, *new.units))),
        first_seen=min(known.first_seen, new.first_seen),
        last_seen=max(known.last_seen, new.last_seen),
        count=known.count + new.count,
        positions=positions[-MAX_POSITIONS:],
        incident=known.incident or new.incident,
        suppression=new.suppression,
        cleared_at=known.cleared_at if known.cleared_at and known.cleared_at >= new.last_seen else None,
    )


def _visible(scope: Scope) -> ColumnElement[bool]:
    return shares_unit(scope, alert_group.c.id, alert_group_unit.c.alert_group, alert_group_unit)


def _conditions(query: AlertGroupQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.namespace is not None:
        conditions.append(alert_group.c.namespace == query.namespace)
    if query.severities:
        conditions.append(alert_group.c.severity.in_([str(severity) for severity in query.severities]))
    if query.unit is not None:
        conditions.append(_visible(Scope.of(query.unit)))
    if query.incident is not None:
        conditions.append(alert_group.c.incident == query.incident)
    if query.rule_id is not None:
        conditions.append(alert_group.c.rule_id == query.rule_id)
    if query.address is not None:
        conditions.append(or_(alert_group.c.source_ip == query.address, alert_group.c.destination_ip == query.address))
    if query.states:
        conditions.append(or_(*(_in_state(state) for state in query.states)))
    if query.since is not None:
        conditions.append(alert_group.c.last_seen >= query.since)
    return conditions


def _in_state(state: GroupState) -> ColumnElement[bool]:
    """`AlertGroup.state`, as SQL."""
    handled = alert_group.c.handled_at.is_not(None)
    hidden = alert_group.c.suppression.is_not(None)
    cleared = alert_group.c.cleared_at.is_not(None)
    match state:
        case GroupState.HANDLED:
            return handled
        case GroupState.SUPPRESSED:
            return and_(not_(handled), hidden)
        case GroupState.CLEARED:
            return and_(not_(handled), not_(hidden), cleared)
        case GroupState.OPEN:
            return and_(not_(handled), not_(hidden), not_(cleared))


def _known(connection: Connection, ids: Collection[str], *visible: ColumnElement[bool]) -> dict[str, AlertGroup]:
    statement = select(alert_group).where(alert_group.c.id.in_(sorted(ids)), *visible)
    return {row["id"]: _group(row) for row in connection.execute(statement).mappings()}


def _write_units(write: Write, known: dict[str, AlertGroup], merged: dict[str, AlertGroup]) -> None:
    rows = [
        {"alert_group": group.id, "unit": unit}
        for group in merged.values()
        for unit in sorted(_seen_by(group) - _seen_by(known.get(group.id)))
    ]
    if rows:
        write.connection.execute(insert(alert_group_unit), rows)


def _seen_by(group: AlertGroup | None) -> set[str]:
    return {unit for unit in (group.unit, *group.units) if unit} if group else set()


def _row(group: AlertGroup) -> dict[str, Any]:
    positions = [[position.source, position.offset] for position in group.positions]
    row = {column: getattr(group, column) for column in _COLUMNS}
    return {**row, "units": list(group.units), "positions": positions, "severity": str(group.severity)}


def _group(row: Any) -> AlertGroup:
    positions = tuple(Position(source, offset) for source, offset in row["positions"])
    return AlertGroup(
        **{**row, "units": tuple(row["units"]), "positions": positions, "severity": Severity(row["severity"])}
    )
