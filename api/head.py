"""HEAD (RFC 9110, 9.3.2): every route that answers GET answers it as well, with the same head and no body."""

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Hands a HEAD on as a GET and ends the answer after its head, also where the body would never end (the stream)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        inner = {**scope, "method": "GET"}
        endless = asyncio.Event()

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                # By its route a request is counted further out.
                scope["route"] = inner.get("route")
                await send(message)
                await send({"type": "http.response.body", "body": b""})
            elif message.get("more_body"):
                endless.set()

        answering = asyncio.ensure_future(self._app(inner, receive, send_head))
        waiting = asyncio.ensure_future(endless.wait())
        try:
            await asyncio.wait((answering, waiting), return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                await answering
        finally:
            for task in (answering, waiting):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
