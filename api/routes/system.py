"""Search and audit."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Limit, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.system import AuditEntryView, SearchResult

router = APIRouter(tags=["system"])


@router.get("/search")
def search(
    caller: Viewer, using: Using, q: Annotated[str, Query(min_length=1, max_length=200)], limit: Limit = 20
) -> SearchResult:
    """Units, devices and services by name, code or address, best first; diacritics do not matter."""
    raise NotImplementedError


@router.get("/audit")
def audit(
    caller: Viewer,
    using: Using,
    start: Annotated[str, Query(alias="from", description="RFC 3339, or relative.")] = "now-24h",
    end: Annotated[str, Query(alias="to")] = "now",
    limit: Limit = 200,
) -> ListPage[AuditEntryView]:
    """The audit chain, newest first; administrators only."""
    raise NotImplementedError
