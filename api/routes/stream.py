"""The live stream."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.dependencies import COOKIE, Services, Using, Viewer
from api.schemas.system import LiveMessage
from api.stream import Listener
from wardwatch.model.access import Scope

router = APIRouter(tags=["stream"])
_HEARTBEAT_S = 15.0
_RETRY_MS = 3000


async def listening(
    caller: Viewer, using: Using, last_event_id: Annotated[str | None, Header(max_length=64)] = None
) -> AsyncIterator[Listener]:
    """A listener in the caller's scope that leaves with the request."""
    listener = using.hub.join(caller.scope, last_event_id)
    try:
        yield listener
    finally:
        using.hub.leave(listener)


@router.get("/stream", response_class=EventSourceResponse)
async def stream(
    request: Request, caller: Viewer, using: Using, listener: Annotated[Listener, Depends(listening)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `event` is the topic (status, incident, alert_group, events, freshness, resync), `data` a
    LiveMessage; `Last-Event-ID` resumes. After `resync` read everything again."""
    loop = asyncio.get_running_loop()
    yield ServerSentEvent(comment="listening", retry=_RETRY_MS)
    checked_s = loop.time()
    while True:
        message = await listener.next(_HEARTBEAT_S)
        if message is not None:
            data = LiveMessage(topic=message.topic, at=message.at, payload=message.payload)
            yield ServerSentEvent(event=message.topic, id=message.id, data=data)
        elif listener.closed:
            return
        else:
            yield ServerSentEvent(comment="heartbeat")
        if loop.time() - checked_s >= _HEARTBEAT_S:
            if not await run_in_threadpool(_still_allowed, using, request.cookies[COOKIE], caller.scope):
                return
            checked_s = loop.time()


def _still_allowed(using: Services, token: str, scope: Scope) -> bool:
    """A stream must outlive neither its session nor the units it was opened for; the browser opens it again."""
    found = using.accounts.session(token)
    return found is not None and using.cities.scope(using.state.accounts.grants(found[1].name)) == scope
