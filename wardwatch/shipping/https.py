"""The core's web server as a line: for edges that are not where the core is."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx

from wardwatch.errors import TransportFault, UserError, WardWatchError
from wardwatch.shipping.messages import MAX_FRAME_BYTES
from wardwatch.shipping.packing import ENCODING, WORTH_PACKING_BYTES, packed

MEDIA_TYPE = "application/vnd.wardwatch.frame"
MESSAGES_PATH = "/edge/messages"

# An edge asks something every few seconds; a handshake each time would be most of the work.
_LIMITS = httpx.Limits(keepalive_expiry=60.0)
_PIECE_BYTES = 64 * 1024
_MAX_ANSWER_BYTES = MAX_FRAME_BYTES + 4
_MAX_COMPLAINT_BYTES = 16 * 1024


class HttpsLine:
    """The core's web server, with a bearer token. The certificate is always verified: against the system's authorities
    or against `ca` (PEM) alone. The token is asked for at each exchange, so that a new one needs no restart.

    A slow line is no fault: `timeout_s` is how long nothing at all may happen on it.
    """

    def __init__(self, server: str, token: Callable[[], str], ca: Path | None = None, timeout_s: float = 30.0) -> None:
        self._server = server.rstrip("/")
        self._url = _checked(self._server)
        self._token = token
        self._trusted = _trusted(ca)
        self._timeout = httpx.Timeout(timeout_s, connect=10.0)
        self._client: httpx.AsyncClient | None = None

    async def exchange(self, frame: bytes) -> bytes:
        if self._client is None:
            # The environment's proxies stay out of it: the token goes to the server that was named, or nowhere.
            self._client = httpx.AsyncClient(
                verify=self._trusted, timeout=self._timeout, limits=_LIMITS, trust_env=False
            )
        headers = {
            "authorization": f"Bearer {self._current_token()}",
            "content-type": MEDIA_TYPE,
        }
        body = frame
        if len(frame) > WORTH_PACKING_BYTES:
            body = await asyncio.to_thread(packed, frame)
            headers["content-encoding"] = ENCODING
        headers["content-length"] = str(len(body))
        try:
            request = self._client.stream("POST", self._url, content=_pieces(body), headers=headers)
            async with request as response:
                if response.status_code == httpx.codes.OK:
                    return await self._body(response, _MAX_ANSWER_BYTES)
                raise _refusal(self._server, response.status_code, await self._complaint(response))
        except httpx.HTTPError as error:
            await self.close()
            raise TransportFault(f"the core at {self._server} does not answer: {_reason(error)}") from None

    def _current_token(self) -> str:
        """Whatever is wrong with it can be mended while batches wait, so it is a fault of the line."""
        try:
            token = self._token()
        except WardWatchError as error:
            raise TransportFault(error.message, error.hint) from None
        if not token.isascii() or not token.isprintable() or " " in token:
            raise TransportFault("the edge's token is none: it has signs that no token has", "see wardwatch edge add")
        return token

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    async def _body(self, response: httpx.Response, limit: int) -> bytes:
        body = bytearray()
        async for piece in response.aiter_bytes(_PIECE_BYTES):
            body += piece
            if len(body) > limit:
                raise TransportFault(f"the core at {self._server} answers with more than {limit} bytes")
        return bytes(body)

    async def _complaint(self, response: httpx.Response) -> str:
        """The sentence of a problem (RFC 9457), where the answer is one."""
        if "json" not in response.headers.get("content-type", ""):
            return ""
        try:
            found = httpx.Response(200, content=await self._body(response, _MAX_COMPLAINT_BYTES)).json()
        except (ValueError, TransportFault):
            return ""
        return str(found.get("detail", "")) if isinstance(found, dict) else ""


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), _PIECE_BYTES):
        yield body[start : start + _PIECE_BYTES]


def _checked(server: str) -> str:
    try:
        url = httpx.URL(server)
    except httpx.InvalidURL as error:
        raise UserError(f"--server {server}: this is no address: {error}", "write https://HOST[:PORT]") from None
    if url.scheme not in ("http", "https") or not url.host or url.query or url.fragment or url.userinfo:
        raise UserError(f"--server {server}: this is no address of a core", "write https://HOST[:PORT]")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise UserError(
            f"--server {server}: the token would go over the network for everybody to read",
            "use https://; plain http is taken on this machine's own loopback only",
        )
    return server + MESSAGES_PATH


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trusted(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca) if ca is not None else None)
    except (OSError, ssl.SSLError) as error:
        raise UserError(f"--ca {ca}: {error.strerror or error}", "give the authority's certificate in PEM") from None


def _refusal(server: str, status: int, words: str) -> TransportFault:
    """Whatever stands between may be mended, so what was to be shipped waits."""
    hints = {
        401: "wardwatch edge list shows at the core whether the edge is revoked; edge add gives a new token",
        403: "the token is that of another edge or zone",
        404: f"is there a WardWatch core at {server}?",
        413: "a proxy in between takes smaller bodies only",
    }
    said = words or f"status {status}"
    return TransportFault(f"the core at {server} refuses: {said}", hints.get(status))


def _reason(error: httpx.HTTPError) -> str:
    """The innermost words: of TLS the library wraps them twice."""
    words = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in words:
        return f"its certificate is not trusted ({words.partition('certificate verify failed: ')[2] or words})"
    return words
