"""What routes ask for by `Depends`."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.security import APIKeyCookie

COOKIE = "wardwatch_session"
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="Set by POST /api/v1/session.")


def viewer(request: Request, token: Annotated[str | None, Depends(_cookie)]) -> Any:
    raise NotImplementedError


def services(request: Request) -> Any:
    raise NotImplementedError


Viewer = Annotated[Any, Depends(viewer)]
Using = Annotated[Any, Depends(services)]
Limit = Annotated[int, Query(ge=1, le=500, description="How many items a page holds at most.")]
Cursor = Annotated[str | None, Query(max_length=512, description="`next` of the page before.")]
Search = Annotated[str | None, Query(max_length=200, description="Words to look for; diacritics and case do not matter.")]
