"""Incidents: what people work on."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from api.changes import carry_out, etag, version_of
from api.dependencies import Caller, Cursor, Limit, Services, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.incidents import IncidentChange, IncidentDetail, IncidentView
from api.views.incidents import incident_detail, incident_view
from api.views.units import within
from wardwatch.errors import NotFound
from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.state import AlertGroupQuery, IncidentQuery
from wardwatch.model.status import Severity

router = APIRouter(prefix="/incidents", tags=["incidents"])


@router.get("")
def list_incidents(
    caller: Viewer,
    using: Using,
    state: Annotated[list[IncidentState] | None, Query(description="Any of these.")] = None,
    severity: Annotated[list[Severity] | None, Query(description="Any of these.")] = None,
    unit: Annotated[str | None, Query(description="Incidents that touch this unit's subtree.")] = None,
    namespace: Annotated[str | None, Query(description="`default`, or a drill's; absent for all.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[IncidentView]:
    """Incidents, newest first."""
    city = using.cities.city(caller.scope)
    query = IncidentQuery(namespace, tuple(state or ()), tuple(severity or ()), limit=limit, cursor=cursor)
    found = using.state.incidents.incidents(within(city, unit), query)
    items = [incident_view(city, incident) for incident in found.items]
    return ListPage(items=items, next=found.next, total=found.total)


@router.get("/{incident_id}")
def get_incident(incident_id: str, caller: Viewer, using: Using, response: Response) -> IncidentDetail:
    """One incident with its timeline, alert groups, devices and services; the ETag is its version."""
    incident = using.state.incidents.incident(caller.scope, incident_id)
    if incident is None:
        raise NotFound(f"there is no incident '{incident_id}' in your units", "GET /api/v1/incidents lists them")
    response.headers["ETag"] = etag(incident)
    return _detail(using, caller, incident)


@router.patch("/{incident_id}")
def change_incident(
    incident_id: str,
    change: IncidentChange,
    caller: Viewer,
    using: Using,
    response: Response,
    if_match: Annotated[str | None, Header(description="The ETag the change is made upon.", examples=['"3"'])] = None,
    idempotency_key: Annotated[
        str | None, Header(max_length=200, description="The same key again gives the same answer, done once.")
    ] = None,
) -> IncidentDetail:
    """Acknowledges, assigns, comments or closes. 412 when somebody changed it meanwhile, 428 without `If-Match`."""
    version = version_of(if_match)
    fingerprint = f"{incident_id} {version} {change.model_dump_json()}"

    def write() -> IncidentDetail:
        return _detail(using, caller, carry_out(using, caller, incident_id, change, version))

    answer = using.writes.once(caller.user.name, idempotency_key, fingerprint, write)
    response.headers["ETag"] = f'"{answer.version}"'
    return answer


def _detail(using: Services, caller: Caller, incident: Incident) -> IncidentDetail:
    city = using.cities.city(caller.scope)
    timeline = using.state.incidents.timeline(caller.scope, incident.id)
    query = AlertGroupQuery(namespace=None, incident=incident.id, limit=200)
    groups = using.state.alert_groups.groups(caller.scope, query).items
    return incident_detail(city, incident, tuple(timeline), groups, using.attention(city))
