"""The web server inside the core's event loop."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn

from wardwatch.errors import SystemFault, UserError
from wardwatch.settings import Listen, Tls

STOP_S = 5
KEEP_ALIVE_S = 75
"""Longer than edges keep a line that is silent, so that it is not closed under their hands."""


@asynccontextmanager
async def serving(api: Callable[..., object], listen: Listen, tls: Tls | None = None) -> AsyncIterator[None]:
    """The web server, up inside the block. Raises `UserError` when the port is taken or the certificate is of no
    use."""
    if tls is not None:
        _examine(tls)
    bound = _bind(listen)
    server = uvicorn.Server(
        uvicorn.Config(
            api,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
            timeout_keep_alive=KEEP_ALIVE_S,
            ssl_certfile=str(tls.certificate) if tls else None,
            ssl_keyfile=str(tls.key) if tls else None,
        )
    )
    # `until_released` sets its signal handlers after the server's own, so it decides when this process stops.
    running = asyncio.create_task(server.serve(sockets=[bound]), name="web")
    try:
        while not server.started:
            if running.done():
                raise SystemFault(f"the web server did not start on {listen}")
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await running


def _examine(tls: Tls) -> None:
    """Says what is wrong with the files before the server trips over them."""
    for path in (tls.certificate, tls.key):
        try:
            path.read_bytes()
        except OSError as error:
            raise UserError(
                f"{path} of the web server cannot be read: {error.strerror}", "see web: in settings.yaml"
            ) from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, password=lambda: "")
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise UserError(
            f"{tls.certificate} and {tls.key} are no certificate with its key: {reason}",
            "both are PEM; the key is not encrypted and belongs to the first certificate of the file",
        ) from None


def _bind(listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listen.host, listen.port))
    except OSError as error:
        bound.close()
        raise UserError(
            f"the web server cannot listen on {listen}: {error.strerror or error}",
            "stop what uses the port, or give --listen HOST:PORT",
        ) from None
    return bound
