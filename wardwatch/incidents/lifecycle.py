"""What people do with incidents: take, assign, comment, close. Each is one saved version and one timeline entry.

`version` is the one the person saw: `Conflict` when somebody changed the incident since. `NotFound` covers both no such
incident and none in scope. A closed incident takes comments only.
"""

import uuid
from dataclasses import replace
from datetime import datetime

from wardwatch.errors import Conflict, NotFound, UserError
from wardwatch.incidents.wording import Detail
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import EntryKind, Incident, IncidentState, TimelineEntry
from wardwatch.model.text import Words, nfc
from wardwatch.ports import IncidentStore

VERDICTS: tuple[str, ...] = ("true_positive", "false_positive", "benign", "drill", "duplicate", "outage")
MAX_COMMENT_CHARACTERS = 10_000
_IDS = uuid.UUID("2f0c8a4e-6b55-5d3a-9c1f-3b8a4f7d2e10")


def acknowledge(
    store: IncidentStore, scope: Scope, actor: Actor, incident_id: str, version: int, at: datetime
) -> Incident:
    """Takes an open incident; it is assigned to who takes it unless somebody has it."""
    incident = _read(store, scope, incident_id, version)
    if incident.state is not IncidentState.OPEN:
        raise UserError(f"incident {incident.number} is {incident.state}, so it cannot be acknowledged")
    changed = replace(incident, state=IncidentState.ACKNOWLEDGED, assignee=incident.assignee or actor.name)
    summary = Words(f"{actor.name} tiếp nhận sự cố", f"{actor.name} took the incident")
    return _save(store, actor, changed, at, EntryKind.STATE, summary, {"event": "acknowledged"})


def assign(
    store: IncidentStore, scope: Scope, actor: Actor, incident_id: str, version: int, assignee: str, at: datetime
) -> Incident:
    """Gives an incident to a user."""
    incident = _read(store, scope, incident_id, version)
    _refuse_closed(incident, "assigned")
    if not assignee.strip():
        raise UserError("an incident is assigned to a user: the name is empty")
    detail = {"event": "assigned", "assignee": assignee, "before": incident.assignee}
    changed = replace(incident, assignee=assignee)
    summary = Words(f"{actor.name} phân công cho {assignee}", f"{actor.name} assigned it to {assignee}")
    return _save(store, actor, changed, at, EntryKind.STATE, summary, detail)


def comment(
    store: IncidentStore, scope: Scope, actor: Actor, incident_id: str, version: int, text: str, at: datetime
) -> Incident:
    """Adds a comment."""
    incident = _read(store, scope, incident_id, version)
    said = _said(text)
    return _save(store, actor, incident, at, EntryKind.COMMENT, Words.same(said), {"event": "commented", "text": said})


def close(
    store: IncidentStore,
    scope: Scope,
    actor: Actor,
    incident_id: str,
    version: int,
    verdict: str,
    at: datetime,
    text: str | None = None,
) -> Incident:
    """Closes an incident with a verdict (one of `VERDICTS`) and, where there is more to say, a comment."""
    incident = _read(store, scope, incident_id, version)
    _refuse_closed(incident, "closed again")
    if verdict not in VERDICTS:
        raise UserError(f"'{verdict}' is no verdict", f"one of {', '.join(VERDICTS)}")
    summary = Words(f"{actor.name} đóng sự cố", f"{actor.name} closed the incident")
    changed = replace(incident, state=IncidentState.CLOSED, verdict=verdict, closed_at=at)
    detail = {"event": "closed", "verdict": verdict, "text": _said(text) if text else None}
    return _save(store, actor, changed, at, EntryKind.STATE, summary, detail)


def _read(store: IncidentStore, scope: Scope, incident_id: str, version: int) -> Incident:
    incident = store.incident(scope, incident_id)
    if incident is None:
        raise NotFound(f"there is no incident {incident_id}, or none that you may see")
    if incident.version != version:
        raise Conflict(
            f"incident {incident.number} is at version {incident.version}, not {version}",
            "read it again and repeat the change",
        )
    return incident


def _refuse_closed(incident: Incident, what: str) -> None:
    if incident.state is IncidentState.CLOSED:
        raise UserError(f"incident {incident.number} is closed, so it cannot be {what}")


def _said(text: str) -> str:
    said = nfc(text)
    if not said:
        raise UserError("the comment is empty")
    if len(said) > MAX_COMMENT_CHARACTERS:
        raise UserError(f"the comment has {len(said)} characters; at most {MAX_COMMENT_CHARACTERS} are taken")
    return said


def _save(
    store: IncidentStore, actor: Actor, changed: Incident, at: datetime, kind: EntryKind, summary: Words, detail: Detail
) -> Incident:
    version = changed.version + 1
    entry_id = str(uuid.uuid5(_IDS, f"{changed.id}|{detail['event']}|{version}"))
    entry = TimelineEntry(entry_id, changed.id, at, kind, actor.name, summary, actor.name, detail)
    return store.save(actor, replace(changed, version=version, updated_at=at), [entry])
