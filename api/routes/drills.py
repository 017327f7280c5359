"""Drill runs."""

from collections.abc import Sequence

from fastapi import APIRouter

from api.dependencies import Caller, Services, Using, Viewer
from api.schemas.base import ListPage
from api.schemas.drills import DrillDetail, DrillView
from wardwatch.errors import NotFound

router = APIRouter(prefix="/drills", tags=["drills"])


@router.get("")
def list_drills(caller: Viewer, using: Using) -> ListPage[DrillView]:
    """Drill runs, newest first."""
    runs = _in_sight(caller, using)
    items = [DrillView(**{name: getattr(run, name) for name in DrillView.model_fields}) for run in runs]
    return ListPage(items=items, total=len(items))


@router.get("/{drill_id}")
def get_drill(drill_id: str, caller: Viewer, using: Using) -> DrillDetail:
    """One run with its expectations."""
    for run in _in_sight(caller, using):
        if run.id == drill_id:
            return run
    raise NotFound(f"there is no drill run '{drill_id}'", "GET /api/v1/drills lists them")


def _in_sight(caller: Caller, using: Services) -> Sequence[DrillDetail]:
    """A run belongs to no unit, so it is seen with the whole city only."""
    return using.drill_results.runs() if caller.scope.units is None else ()
