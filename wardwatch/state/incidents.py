"""Incidents and their timelines."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from wardwatch.errors import Conflict, UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import EntryKind, Incident, IncidentState, TimelineEntry
from wardwatch.model.state import IncidentQuery, Page
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.state.database import Database, Write
from wardwatch.state.pages import page_size, shares_unit
from wardwatch.state.tables import incident, incident_unit, timeline_entry

_LISTS = ("units", "devices", "services", "techniques")


class SqlIncidentStore:
    """`wardwatch.ports.IncidentStore`. Numbers have no gaps: they are given inside the writer's turn."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, actor: Actor, incident: Incident, entries: Sequence[TimelineEntry]) -> Incident:
        with self._database.write(actor) as write:
            stored = _stored(write, incident.id)
            if incident.version != (stored.version if stored else 0) + 1:
                raise Conflict(
                    f"incident {incident.id} is at version {stored.version if stored else 0},"
                    f" so it cannot be saved as version {incident.version}",
                    "read it again and repeat the change",
                )
            saved = _insert(write, incident) if stored is None else _update(write, stored, incident)
            added = _add_entries(write, entries)
            units = _seen_by(saved)
            detail = {
                "number": saved.number,
                "version": saved.version,
                "state": saved.state,
                "severity": saved.severity,
                "assignee": saved.assignee,
                "verdict": saved.verdict,
                "entries": added,
                "units": sorted(units),
            }
            write.audit("incident.open" if stored is None else "incident.change", saved.id, detail, units)
            return saved

    def incident(self, scope: Scope, incident_id: str) -> Incident | None:
        statement = select(incident).where(incident.c.id == incident_id, _visible(scope))
        with self._database.read() as connection:
            row = connection.execute(statement).mappings().first()
        return _incident(row) if row else None

    def incidents(self, scope: Scope, query: IncidentQuery) -> Page[Incident]:
        limit = page_size(query.limit)
        matching = [_visible(scope), *_conditions(query)]
        statement = select(incident).where(*matching)
        if query.cursor:
            statement = statement.where(incident.c.number < _number(query.cursor))
        with self._database.read() as connection:
            newest = statement.order_by(incident.c.number.desc()).limit(limit + 1)
            rows = connection.execute(newest).mappings().all()
            total = connection.execute(select(func.count()).select_from(incident).where(*matching)).scalar_one()
        items = tuple(_incident(row) for row in rows[:limit])
        return Page(items, str(items[-1].number) if len(rows) > limit else None, total)

    def timeline(self, scope: Scope, incident_id: str) -> Sequence[TimelineEntry]:
        statement = (
            select(timeline_entry)
            .join(incident, incident.c.id == timeline_entry.c.incident)
            .where(timeline_entry.c.incident == incident_id, _visible(scope))
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).mappings().all()
        found = [
            TimelineEntry(**{**row, "kind": EntryKind(row["kind"]), "summary": Words(**row["summary"])}) for row in rows
        ]
        return sorted(found, key=lambda entry: (entry.at, entry.id))


def _stored(write: Write, incident_id: str) -> Incident | None:
    row = write.connection.execute(select(incident).where(incident.c.id == incident_id)).mappings().first()
    return _incident(row) if row else None


def _insert(write: Write, new: Incident) -> Incident:
    last = write.connection.execute(select(func.max(incident.c.number))).scalar_one()
    numbered = replace(new, number=(last or 0) + 1)
    write.connection.execute(insert(incident).values(_row(numbered)))
    _write_units(write, numbered)
    return numbered


def _update(write: Write, stored: Incident, changed: Incident) -> Incident:
    kept = replace(changed, number=stored.number)
    write.connection.execute(update(incident).where(incident.c.id == kept.id).values(_row(kept)))
    write.connection.execute(delete(incident_unit).where(incident_unit.c.incident == kept.id))
    _write_units(write, kept)
    return kept


def _write_units(write: Write, saved: Incident) -> None:
    rows = [{"incident": saved.id, "unit": unit} for unit in sorted(_seen_by(saved))]
    if rows:
        write.connection.execute(insert(incident_unit), rows)


def _add_entries(write: Write, entries: Sequence[TimelineEntry]) -> list[str]:
    """Adds the entries whose ids are new; returns these."""
    ids = select(timeline_entry.c.id).where(timeline_entry.c.id.in_([entry.id for entry in entries]))
    known = set(write.connection.scalars(ids))
    new = {entry.id: entry for entry in reversed(entries) if entry.id not in known}
    if new:
        rows = [{**asdict(entry), "kind": str(entry.kind)} for entry in new.values()]
        write.connection.execute(insert(timeline_entry), rows)
    return sorted(new)


def _seen_by(saved: Incident) -> set[str]:
    return {unit for unit in (saved.unit, *saved.units) if unit}


def _visible(scope: Scope) -> ColumnElement[bool]:
    return shares_unit(scope, incident.c.id, incident_unit.c.incident, incident_unit)


def _conditions(query: IncidentQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.namespace is not None:
        conditions.append(incident.c.namespace == query.namespace)
    if query.states:
        conditions.append(incident.c.state.in_([str(state) for state in query.states]))
    if query.severities:
        conditions.append(incident.c.severity.in_([str(severity) for severity in query.severities]))
    if query.unit is not None:
        conditions.append(_visible(Scope.of(query.unit)))
    return conditions


def _number(cursor: str) -> int:
    if not cursor.isascii() or not cursor.isdigit():
        raise UserError(f"{cursor!r} is no cursor of incidents", "start again from the first page")
    return int(cursor)


def _row(saved: Incident) -> dict[str, Any]:
    lists = {name: list(getattr(saved, name)) for name in _LISTS}
    return {**asdict(saved), **lists, "state": str(saved.state), "severity": str(saved.severity)}


def _incident(row: Any) -> Incident:
    lists = {name: tuple(row[name]) for name in _LISTS}
    state, severity = IncidentState(row["state"]), Severity(row["severity"])
    return Incident(**{**row, **lists, "title": Words(**row["title"]), "state": state, "severity": severity})
