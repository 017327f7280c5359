"""What stands round every request: security headers, the limit of a body, the timing, and the last catch."""

import logging
import secrets
import time

from prometheus_client import CollectorRegistry, Histogram
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

_log = logging.getLogger(__name__)

_HEADERS = {
    # Pages set styles of single elements (a bar's width); scripts and style sheets come only from our own files.
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """The outermost middleware. An error nobody expected is answered with an id, and logged under it."""

    def __init__(
        self,
        app: ASGIApp,
        registry: CollectorRegistry,
        max_body_bytes: int,
        bounds_itself: frozenset[str] = frozenset(),
    ) -> None:
        """`bounds_itself` are paths whose route limits the body itself, once it knows who asks."""
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._bounds_itself = bounds_itself
        self._refusal = f"the body is larger than {max_body_bytes} bytes"
        self._seconds = Histogram(
            "wardwatch_http_request_seconds",
            "Time until the answer began.",
            ("method", "route", "status"),
            registry=registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = self._dress(scope, list(message.get("headers", [])))
                self._observe(scope, message["status"], time.perf_counter() - began)
            await send(message)

        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._max_body_bytes:
                raise HTTPException(413, self._refusal)
            return message

        bounded = scope["path"] not in self._bounds_itself
        if bounded and self._too_large(scope):
            await problem(413, self._refusal, "send less at once")(scope, receive, dressed)
            return
        try:
            await self._app(scope, counted if bounded else receive, dressed)
        except Exception:
            error_id = secrets.token_hex(6)
            _log.exception("unexpected error error_id=%s method=%s path=%s", error_id, scope["method"], scope["path"])
            if not started:
                detail = "something unexpected failed on the server"
                answer = problem(500, detail, f"look for error_id={error_id} in the log of the core", error_id)
                await answer(scope, receive, dressed)

    def _too_large(self, scope: Scope) -> bool:
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        return declared.isdigit() and int(declared) > self._max_body_bytes

    def _dress(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers}
        wanted = dict(_HEADERS)
        if scope["path"].startswith("/api/"):
            wanted["cache-control"] = "no-store"
        if scope.get("scheme") == "https":
            wanted["strict-transport-security"] = "max-age=31536000"
        return headers + [
            (name.encode(), value.encode()) for name, value in wanted.items() if name.encode() not in present
        ]

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, never the path itself: paths are without number, labels must not be.
        route = getattr(scope.get("route"), "path", None) or "other"
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE") else "other"
        self._seconds.labels(method, route, str(status)).observe(seconds)
