"""The parts of WardWatch itself."""

from fastapi import APIRouter

from api.dependencies import Using, Viewer
from api.schemas.base import ListPage
from api.schemas.parts import PartView
from wardwatch.errors import Forbidden

router = APIRouter(prefix="/parts", tags=["system"])


@router.get("")
def get_parts(caller: Viewer, using: Using) -> ListPage[PartView]:
    """Processes, journals and sensors of this installation and of its remote edges; for callers of the whole city."""
    if caller.scope.units is not None:
        raise Forbidden("the parts of the installation belong to no unit", "ask for a role in the whole city")
    found = [PartView.model_validate(part) for part in using.parts()]
    return ListPage(items=found, total=len(found))
