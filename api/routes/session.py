"""Logging in, out, and who am I."""

from datetime import datetime

from fastapi import APIRouter, Request, Response, status

from api.dependencies import COOKIE, Services, Using, Viewer, refuse_forged
from api.schemas.session import GrantView, Login, SessionView
from api.views.units import unit_ref
from wardwatch.model.state import User

router = APIRouter(prefix="/session", tags=["session"])


@router.post("", status_code=status.HTTP_201_CREATED)
def log_in(login: Login, request: Request, response: Response, using: Using) -> SessionView:
    """Opens a session and sets its cookie. 401 for a wrong name or password, 429 after too many."""
    refuse_forged(request)
    address = request.client.host if request.client else None
    token, session = using.accounts.log_in(login.username, login.password, address)
    secure = using.settings.secure_cookies
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(using.settings.session_ttl.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https" if secure is None else secure,
    )
    user = using.state.accounts.user(session.user)
    assert user is not None, "a session was just opened for it"
    return _view(using, user, session.expires_at)


@router.get("")
def who_am_i(caller: Viewer, using: Using) -> SessionView:
    """The session of the cookie; 401 when there is none."""
    return _view(using, caller.user, caller.session.expires_at)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
def log_out(caller: Viewer, response: Response, using: Using) -> None:
    """Ends the session."""
    using.accounts.log_out(caller.actor, caller.session)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def _view(using: Services, user: User, expires_at: datetime) -> SessionView:
    grants = using.state.accounts.grants(user.name)
    scope = using.cities.scope(grants)
    city = using.cities.city(scope)
    return SessionView(
        user=user.name,
        full_name=user.full_name,
        language=user.language,
        roles=sorted({grant.role for grant in grants}),
        grants=[GrantView(role=grant.role, unit=unit_ref(city, grant.unit)) for grant in grants],
        whole_city=scope.units is None,
        expires_at=expires_at,
    )
