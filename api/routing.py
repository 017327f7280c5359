"""Which routers stand where: the bare application, without stores, from which OpenAPI is also made."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute

from api.routes import (
    alert_groups,
    certificates,
    devices,
    discovery,
    drills,
    events,
    flows,
    health,
    heartbeats,
    incidents,
    ledger,
    maintenance,
    notifications,
    parts,
    rules,
    services,
    session,
    sigma,
    stream,
    suppressions,
    system,
    topology,
    units,
    wall,
)
from api.schemas.base import ProblemDetail
from wardwatch.errors import UserError
from wardwatch.strict_yaml import nearest

PREFIX = "/api/v1"
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDetail, "description": "Not logged in."},
    403: {"model": ProblemDetail, "description": "The caller's role does not allow it."},
    404: {"model": ProblemDetail, "description": "There is no such thing in the caller's units."},
    422: {"model": ProblemDetail, "description": "The request breaks its rules."},
}
ROUTERS: tuple[APIRouter, ...] = (
    session.router,
    wall.router,
    units.router,
    devices.router,
    discovery.router,
    topology.router,
    events.router,
    flows.router,
    alert_groups.router,
    suppressions.router,
    services.router,
    maintenance.router,
    certificates.router,
    heartbeats.router,
    sigma.router,
    rules.router,
    incidents.router,
    notifications.router,
    drills.router,
    system.router,
    parts.router,
    ledger.router,
    stream.router,
)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _refuse_unknown_keys(request: Request) -> None:
    """Raises `UserError` for a query key that the route does not take: a mistyped filter would show far too much."""
    operation = request.app.openapi()["paths"][PREFIX + request.scope["route"].path_format][request.method.lower()]
    known = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    for key in request.query_params:
        if key not in known:
            raise UserError(f"there is no query key '{key}' here", nearest(key, known))


def bare_application() -> FastAPI:
    """All routes, wired to nothing yet."""
    app = FastAPI(
        title="WardWatch",
        version="1",
        summary="The API of WardWatch",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        generate_unique_id_function=_operation_id,
    )
    app.include_router(health.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX, responses=PROBLEMS, dependencies=[Depends(_refuse_unknown_keys)])
    return app
