"""The demo city's services that really answer: small servers on loopback, one of which fails now and then."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from wardwatch.model.inventory import Check, Inventory
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PORTAL, ONE_STOP, WEB, MAIL, PAYMENT = (f"127.15.0.{number}" for number in range(1, 6))
FAILS_EVERY_MIN, FAILS_FOR_MIN = 20, 3
_PAGE = "<!doctype html><html lang='vi'><title>{0}</title><h1>{0}</h1></html>"


def demo_checks(folder: Path, port: int) -> dict[str, Check]:
    """The checks of the demo's servers, which listen at `port`; `folder` has their authority."""
    authority = str(folder / "authority.pem")
    checks = (
        Check("portal-page", "portal", "https", PORTAL, port, text="Cổng dịch vụ công", authority=authority),
        Check("one-stop-page", "one-stop", "http", ONE_STOP, port, text="Một cửa điện tử", interval_s=30),
        Check("web-portal-page", "web-portal", "http", WEB, port, text="Cổng giao tiếp"),
        Check("mail-greeting", "email", "smtp", MAIL, port),
        Check("payment-certificate", "payment", "tls", PAYMENT, port, authority=authority),
    )
    return {check.id: check for check in checks}


def port_of(inventory: Inventory) -> int | None:
    """Where the servers of a prepared demo listen; None for an inventory without its checks."""
    check = inventory.checks.get("portal-page")
    return check.port if check is not None and check.host == PORTAL else None


class DemoServers:
    """All of them between `__aenter__` and `__aexit__`. The one-stop system answers 503 for three minutes in twenty."""

    def __init__(self, folder: Path, port: int, clock: Clock) -> None:
        self._folder = folder
        self._port = port
        self._clock = clock
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Raises `OSError` where an address cannot be had."""
        portal, payment = (_context(self._folder / name) for name in ("portal.pem", "payment.pem"))
        servers: tuple[tuple[str, Handler, ssl.SSLContext | None], ...] = (
            (PORTAL, _page("Cổng dịch vụ công trực tuyến"), portal),
            (ONE_STOP, self._one_stop, None),
            (WEB, _page("Cổng giao tiếp điện tử"), None),
            (MAIL, _mail, None),
            (PAYMENT, _page("Thanh toán trực tuyến"), payment),
        )
        for host, handler, context in servers:
            server = await asyncio.start_server(_bounded(handler), host, self._port, ssl=context)
            await self._stack.enter_async_context(server)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _one_stop(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        failing = self._clock().minute % FAILS_EVERY_MIN < FAILS_FOR_MIN
        await _answer(reader, writer, "Một cửa điện tử ba cấp", "503 Service Unavailable" if failing else "200 OK")


def _context(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _page(title: str) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _answer(reader, writer, title, "200 OK")

    return handler


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, title: str, status: str) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = _PAGE.format(title).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
    await writer.drain()


async def _mail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.demo ESMTP\r\n")
    while line := await reader.readline():
        if line.upper().startswith(b"QUIT"):
            writer.write(b"221 bye\r\n")
            return
        writer.write(b"250 mail.demo\r\n" if line.upper().startswith((b"EHLO", b"HELO")) else b"502 no\r\n")


def _bounded(handler: Handler) -> Handler:
    """Nobody keeps a connection for long, and nobody's bad request stops a server."""

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(10):
                await handler(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            log.debug("demo server dropped a connection reason=%r", error)
        finally:
            writer.close()

    return handled
