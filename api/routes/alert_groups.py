"""The inbox of alert groups."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Cursor, Limit, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.incidents import AlertGroupDetail, AlertGroupView
from wardwatch.model.status import Severity

router = APIRouter(prefix="/alert-groups", tags=["alerts"])


@router.get("")
def list_alert_groups(
    caller: Viewer,
    using: Using,
    severity: Annotated[list[Severity] | None, Query(description="Any of these.")] = None,
    unit: Annotated[str | None, Query(description="Groups that touch this unit.")] = None,
    incident: Annotated[str | None, Query(description="Groups of this incident.")] = None,
    since: Annotated[str | None, Query(description="Last seen since: RFC 3339, or `now-24h`.")] = None,
    namespace: Annotated[str | None, Query(description="`default`, or a drill's; absent for all.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[AlertGroupView]:
    """Alert groups, last seen first."""
    raise NotImplementedError


@router.get("/{group_id}")
def get_alert_group(group_id: str, caller: Viewer, using: Using) -> AlertGroupDetail:
    """One group with its newest events."""
    raise NotImplementedError
