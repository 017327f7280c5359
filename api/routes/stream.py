"""The live stream."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.dependencies import Using, Viewer

router = APIRouter(tags=["stream"])


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    caller: Viewer, using: Using, last_event_id: Annotated[str | None, Header()] = None
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `event` is the topic (status, incident, alert_group, events, freshness, resync), `data` a
    LiveMessage; `Last-Event-ID` resumes. After `resync` read everything again."""
    raise NotImplementedError
    yield ServerSentEvent()
