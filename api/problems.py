"""Every error becomes `application/problem+json` (RFC 9457); none carries a traceback."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.schemas.base import ProblemDetail
from wardwatch.errors import Conflict, Forbidden, NotFound, StoreFault, UserError, WardWatchError

_log = logging.getLogger(__name__)

_STATUS: dict[type[WardWatchError], int] = {
    NotFound: 404,
    Conflict: 409,
    Forbidden: 403,
    UserError: 422,
    StoreFault: 503,
    WardWatchError: 500,
}


class ApiError(UserError):
    """A refusal with an HTTP status of its own (401, 412, 428, 429)."""

    def __init__(self, status: int, message: str, hint: str | None = None, headers: Mapping[str, str] | None = None):
        super().__init__(message, hint)
        self.status = status
        self.headers = headers


def problem(
    status: int,
    detail: str,
    hint: str | None = None,
    error_id: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The response for a refusal or a fault."""
    title = HTTPStatus(status).phrase
    body = ProblemDetail(
        type=f"urn:wardwatch:problem:{title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=detail,
        hint=hint,
        error_id=error_id,
    )
    content = body.model_dump(exclude_none=True)
    return JSONResponse(content, status, headers=headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Puts the handlers on the application."""
    app.add_exception_handler(WardWatchError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WardWatchError)
    if isinstance(error, ApiError):
        return problem(error.status, error.message, error.hint, headers=error.headers)
    status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
    if status >= 500:
        _log.error("request failed method=%s path=%s error=%s", request.method, request.url.path, error)
    return problem(status, error.message, error.hint)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = [f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
    return problem(422, "; ".join(found), "see /api/v1/openapi.json for what is taken")


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    hint = "see /api/v1/openapi.json for what there is" if error.status_code in (404, 405) else None
    return problem(error.status_code, str(error.detail), hint, headers=error.headers)
