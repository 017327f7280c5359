"""What a person does to an incident over HTTP: a verb of `wardwatch.incidents.lifecycle`, told to the stream."""

import re
from dataclasses import asdict

from api.dependencies import WRITERS, Caller, Services
from api.problems import ApiError
from api.schemas.incidents import IncidentAction, IncidentChange
from wardwatch.errors import Conflict, NotFound, UserError
from wardwatch.incidents import lifecycle
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import AlertGroup, Incident
from wardwatch.model.text import nfc
from wardwatch.ports import StateStore

_ETAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')


def etag(incident: Incident) -> str:
    return f'"{incident.version}"'


def version_of(if_match: str | None) -> int:
    """The version in an `If-Match`. Raises `ApiError`: 428 without one, 412 for one that no incident has."""
    if if_match is None:
        raise ApiError(428, "the change does not say upon which version it is made", "send the ETag as If-Match")
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise ApiError(412, f"{if_match} is no ETag of an incident", "read it again and send its ETag")
    return int(match[1])


def carry_out(using: Services, caller: Caller, incident_id: str, change: IncidentChange, version: int) -> Incident:
    """The incident as saved. Raises `NotFound`, `Forbidden`, `UserError`, or `ApiError` 412 if it was changed."""
    seen = using.state.incidents.incident(caller.scope, incident_id)
    if seen is None:
        raise NotFound(f"there is no incident '{incident_id}' in your units", "GET /api/v1/incidents lists them")
    caller.require(WRITERS, lambda grants: using.cities.scope(grants).sees(seen.unit, *seen.units))
    try:
        saved = _change(using, caller.scope, caller.actor, incident_id, change, version)
    except Conflict as error:
        raise ApiError(412, error.message, error.hint) from None
    using.hub.publish("incident", payload(saved))
    return saved


def _change(
    using: Services, scope: Scope, actor: Actor, incident_id: str, change: IncidentChange, version: int
) -> Incident:
    store, now = using.state.incidents, using.clock()
    match change.action:
        case IncidentAction.ACKNOWLEDGE:
            saved = lifecycle.acknowledge(store, scope, actor, incident_id, version, now)
        case IncidentAction.ASSIGN:
            assignee = _assignee(using.state, change.assignee)
            saved = lifecycle.assign(store, scope, actor, incident_id, version, assignee, now)
        case IncidentAction.COMMENT:
            return lifecycle.comment(store, scope, actor, incident_id, version, change.comment or "", now)
        case IncidentAction.CLOSE:
            verdict = change.verdict or ""
            return lifecycle.close(store, scope, actor, incident_id, version, verdict, now, change.comment)
    if change.comment:
        saved = lifecycle.comment(store, scope, actor, incident_id, saved.version, change.comment, now)
    return saved


def _assignee(state: StateStore, name: str | None) -> str:
    """An active user's name. Raises `UserError`."""
    user = state.accounts.user(nfc(name or "").lower())
    if user is None or not user.active:
        raise UserError(f"there is no active user '{name or ''}'", "give the user name as it is used to log in")
    return user.name


def group_payload(group: AlertGroup) -> dict[str, object]:
    """What the stream says of a changed alert group."""
    return {
        "id": group.id,
        "namespace": group.namespace,
        "rule_name": group.rule_name,
        "severity": group.severity.value,
        "count": group.count,
        "units": sorted({unit for unit in (group.unit, *group.units) if unit}),
    }


def payload(incident: Incident) -> dict[str, object]:
    """What the stream says of a changed incident."""
    return {
        "id": incident.id,
        "number": incident.number,
        "title": asdict(incident.title),
        "state": incident.state.value,
        "severity": incident.severity.value,
        "namespace": incident.namespace,
        "version": incident.version,
        "units": sorted({unit for unit in (incident.unit, *incident.units) if unit}),
    }
