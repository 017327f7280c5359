"""Drill runs."""

from fastapi import APIRouter

from api.dependencies import Using, Viewer
from api.schemas.base import ListPage
from api.schemas.drills import DrillDetail, DrillView

router = APIRouter(prefix="/drills", tags=["drills"])


@router.get("")
def list_drills(caller: Viewer, using: Using) -> ListPage[DrillView]:
    """Drill runs, newest first."""
    raise NotImplementedError


@router.get("/{drill_id}")
def get_drill(drill_id: str, caller: Viewer, using: Using) -> DrillDetail:
    """One run with its expectations."""
    raise NotImplementedError
