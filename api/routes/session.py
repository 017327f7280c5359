"""Logging in, out, and who am I."""

from fastapi import APIRouter, Request, Response, status

from api.dependencies import Using, Viewer
from api.schemas.session import Login, SessionView

router = APIRouter(prefix="/session", tags=["session"])


@router.post("", status_code=status.HTTP_201_CREATED)
def log_in(login: Login, request: Request, response: Response, using: Using) -> SessionView:
    """Opens a session and sets its cookie."""
    raise NotImplementedError


@router.get("")
def who_am_i(caller: Viewer, using: Using) -> SessionView:
    """The session of the cookie; 401 when there is none."""
    raise NotImplementedError


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
def log_out(caller: Viewer, response: Response, using: Using) -> None:
    """Ends the session."""
    raise NotImplementedError
