"""Incidents: what people work on."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from api.dependencies import Cursor, Limit, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.incidents import IncidentChange, IncidentDetail, IncidentView
from wardwatch.model.incidents import IncidentState
from wardwatch.model.status import Severity

router = APIRouter(prefix="/incidents", tags=["incidents"])


@router.get("")
def list_incidents(
    caller: Viewer,
    using: Using,
    state: Annotated[list[IncidentState] | None, Query(description="Any of these.")] = None,
    severity: Annotated[list[Severity] | None, Query(description="Any of these.")] = None,
    unit: Annotated[str | None, Query(description="Incidents that touch this unit.")] = None,
    namespace: Annotated[str | None, Query(description="`default`, or a drill's; absent for all.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[IncidentView]:
    """Incidents, newest first."""
    raise NotImplementedError


@router.get("/{incident_id}")
def get_incident(incident_id: str, caller: Viewer, using: Using, response: Response) -> IncidentDetail:
    """One incident with its timeline, alert groups, devices and services; the ETag is its version."""
    raise NotImplementedError


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
    raise NotImplementedError
