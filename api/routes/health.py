"""Health and metrics, outside /api/v1 and without a login."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.dependencies import Using
from api.schemas.system import Health

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz(using: Using) -> Health:
    """Answers when the server serves."""
    return Health(status="ok", version=using.settings.version, now=using.clock())


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(using: Using) -> PlainTextResponse:
    """The counters of this process in Prometheus text format."""
    return PlainTextResponse(generate_latest(using.registry), media_type=CONTENT_TYPE_LATEST)
