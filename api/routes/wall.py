"""The wall."""

from fastapi import APIRouter

from api.dependencies import Using, Viewer
from api.schemas.wall import Wall

router = APIRouter(prefix="/wall", tags=["wall"])


@router.get("")
def wall(caller: Viewer, using: Using) -> Wall:
    """Everything the big screen needs, for the caller's units; at most a second old."""
    raise NotImplementedError
