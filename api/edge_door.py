"""The door of remote edges: a bearer token, a bounded body, and a frame for an answer.

Nothing of a request is read before its token is known and its length is in bounds. A refusal is a problem (RFC 9457),
so that a proxy, a log and a person can read it; what the core itself says about a message comes as a frame with 200.
"""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.problems import problem
from api.throttle import Throttle
from wardwatch.edges import EdgeRegister
from wardwatch.errors import Forbidden, StoreFault, TransportFault, WardWatchError
from wardwatch.model.access import Actor
from wardwatch.model.edges import Edge
from wardwatch.model.time import Clock
from wardwatch.ports import AuditLog
from wardwatch.shipping.answers import answered
from wardwatch.shipping.https import MEDIA_TYPE
from wardwatch.shipping.messages import MAX_FRAME_BYTES, Refused, Reply, frame_of, request_of
from wardwatch.shipping.messages import Request as Message
from wardwatch.shipping.packing import ENCODING, WORTH_PACKING_BYTES, packed, unpacked
from wardwatch.shipping.remote import RemoteAnswers

log = logging.getLogger(__name__)

MAX_BODY_BYTES = MAX_FRAME_BYTES + 4
BODIES_AT_ONCE = 2
STALLED_S = 30.0
FAILURES = 20
FAILURES_WINDOW = timedelta(minutes=5)
_OFFENCES = frozenset({"malformed", "forbidden", "too_large"})


class _Turned(Exception):
    """A request that is not answered by the protocol: its result for the counter, and what is said."""

    def __init__(self, result: str, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.result = result
        self.status = status
        self.headers = headers


class EdgeDoor:
    """Lets known edges in, one body after the other: at most two of an edge are in memory."""

    def __init__(
        self,
        answers: RemoteAnswers,
        register: EdgeRegister,
        audit: AuditLog,
        clock: Clock,
        registry: CollectorRegistry,
        stalled_s: float = STALLED_S,
    ) -> None:
        self._answers = answers
        self._register = register
        self._audit = audit
        self._stalled_s = stalled_s
        self._by_address = Throttle(clock, FAILURES, FAILURES_WINDOW)
        self._by_edge = Throttle(clock, FAILURES, FAILURES_WINDOW)
        self._bodies: dict[str, asyncio.Semaphore] = {}
        self._requests = Counter("wardwatch_edge_requests", "Requests of edges.", ("result",), registry=registry)

    async def __call__(self, request: Request) -> Response:
        """`POST /edge/messages`."""
        address = request.client.host if request.client else "unknown"
        try:
            edge = await self._known(request, address)
            response = await self._served(edge, request, address)
        except _Turned as turned:
            self._requests.labels(turned.result).inc()
            return problem(turned.status, str(turned), headers=turned.headers)
        self._requests.labels("answered").inc()
        return response

    async def _known(self, request: Request, address: str) -> Edge:
        """Whose token it is. Missing, forged and revoked tokens are answered alike."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            edge = await asyncio.to_thread(self._register.of_token, token.strip())
            if edge is not None:
                return edge
        if wait_s := self._by_address.attempt(address):
            raise _throttled(wait_s)
        log.warning("edge refused address=%s", address)
        await asyncio.to_thread(self._audit.record, Actor("edge", address), "edge.refused", "edge", {})
        raise _Turned("unauthorized", 401, "no edge has this token", {"WWW-Authenticate": "Bearer"})

    async def _served(self, edge: Edge, request: Request, address: str) -> Response:
        """The answer; what nobody sends by mistake counts against the edge, a broken line or a full store does not."""
        if wait_s := self._by_edge.attempt(edge.name):
            raise _throttled(wait_s)
        offence = False
        try:
            reply = await self._reply(edge, request)
        except _Turned as turned:
            offence = turned.result in _OFFENCES
            log.warning("edge turned away edge=%s address=%s reason=%s", edge.name, address, turned)
            if turned.result == "forbidden":
                actor, detail = Actor(f"system:edge:{edge.name}", address), {"reason": str(turned)}
                await asyncio.to_thread(self._audit.record, actor, "edge.forbidden", edge.name, detail)
            raise
        finally:
            if not offence:
                self._by_edge.succeeded(edge.name)
        with contextlib.suppress(StoreFault):
            await asyncio.to_thread(self._register.saw, edge)
        return await asyncio.to_thread(_response, reply, ENCODING in request.headers.get("accept-encoding", ""))

    async def _reply(self, edge: Edge, request: Request) -> Reply:
        length = _length(request)
        async with self._bodies.setdefault(edge.name, asyncio.Semaphore(BODIES_AT_ONCE)):
            body = await self._read(request, length)
            encoding = request.headers.get("content-encoding", "identity")
            try:
                asked = await asyncio.to_thread(_asked, body, encoding)
            except TransportFault as error:
                raise _Turned("malformed", 400, str(error)) from None
            del body
            try:
                return await answered(lambda message: self._answers(edge, message), asked)
            except Forbidden as error:
                raise _Turned("forbidden", 403, error.message) from None

    async def _read(self, request: Request, length: int) -> bytes:
        body = bytearray()
        stream = request.stream()
        try:
            while len(body) < length:
                async with asyncio.timeout(self._stalled_s):
                    body += await anext(stream)
        except StopAsyncIteration:
            pass
        except (ClientDisconnect, TimeoutError):
            raise _Turned(
                "truncated", 400, f"the body ended after {len(body)} of the {length} bytes it was to have"
            ) from None
        return bytes(body)


def _asked(body: bytes, encoding: str) -> Message:
    if encoding not in (ENCODING, "identity"):
        raise TransportFault(f"a body packed by {encoding[:20]} is not taken; {ENCODING} is")
    return request_of(unpacked(body) if encoding == ENCODING else body)


def _length(request: Request) -> int:
    """How long the body will be; nothing is read of one that does not say, or that no frame fills."""
    declared = request.headers.get("content-length", "")
    if not declared.isascii() or not declared.isdigit():
        raise _Turned("malformed", 411, "the request does not say how long its body is")
    length = int(declared)
    if length > MAX_BODY_BYTES:
        raise _Turned("too_large", 413, f"a body of {length} bytes is above the {MAX_BODY_BYTES} a frame may have")
    return length


def _throttled(wait_s: float) -> _Turned:
    return _Turned(
        "throttled", 429, f"too many failed requests; wait {wait_s:.0f} s", {"Retry-After": str(int(wait_s) + 1)}
    )


def _response(reply: Reply, packs: bool) -> Response:
    """The frame; a large one (inventory, rules) is packed here, in a thread, for the lines of edges are slow."""
    try:
        frame = frame_of(reply)
    except WardWatchError as error:
        frame = frame_of(Refused(error.message, error.hint))
    if packs and len(frame) > WORTH_PACKING_BYTES:
        return Response(packed(frame), media_type=MEDIA_TYPE, headers={"content-encoding": ENCODING})
    return Response(frame, media_type=MEDIA_TYPE, headers={"content-encoding": "identity"})
