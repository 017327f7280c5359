"""Checks against real servers, good ones and bad ones."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import pytest

from collectors.services.check import run_check
from collectors.services.line import MOST_BYTES
from wardwatch.model.checks import CheckResult
from wardwatch.model.inventory import Check
from wardwatch.model.time import utc_now

Serve = Callable[..., AbstractAsyncContextManager[int]]
HTTP = Check("web", "portal", "http", "127.0.0.1", timeout_s=5)


async def ask(serve: Serve, check: Check, handler: Any, tls: Any = None) -> CheckResult:
    async with serve(handler, tls) as port:
        return await run_check(replace(check, port=port), utc_now)


def says(data: bytes, until: bytes = b"\r\n\r\n") -> Any:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if until:
            await reader.readuntil(until)
        writer.write(data)
        await writer.drain()

    return handler


def dialogue(*turns: tuple[bytes, bytes]) -> Any:
    """A server that says something, then waits for a line that begins with a word, and so on."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for said, awaited in turns:
            writer.write(said)
            assert awaited in await reader.readline()

    return handler


PAGE = "Cổng dịch vụ công".encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


def test_a_page_with_its_text_is_up(serve: Serve) -> None:
    result = asyncio.run(ask(serve, replace(HTTP, text="dịch vụ công"), says(ANSWER)))
    assert result.up, result.cause
    assert [step.name for step in result.steps] == ["resolve", "connect", "request", "match"]
    assert all(step.ok for step in result.steps)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (ANSWER.replace(b"200 OK", b"503 No"), "It answers 503 instead of 200"),
        (ANSWER.replace(PAGE, b"x" * len(PAGE)), "The text 'dịch vụ công' is not in the answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "The answer is no HTTP"),
        (b"", "The server closed the connection"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf", "The answer is no HTTP"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MOST_BYTES + 1), "The answer is longer than"),
    ],
)
def test_a_page_that_is_not_as_expected_is_down(serve: Serve, answer: bytes, why: str) -> None:
    result = asyncio.run(ask(serve, replace(HTTP, text="dịch vụ công"), says(answer)))
    assert not result.up
    assert result.cause.en.startswith(why)
    assert result.cause.vi not in ("", result.cause.en)
    assert not result.steps[-1].ok


def test_a_silent_server_costs_no_more_than_the_timeout(serve: Serve) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    result = asyncio.run(ask(serve, replace(HTTP, timeout_s=0.3), silent))
    assert result.cause.en == "No answer in 0.3 seconds (request)"
    assert 250 < result.duration_ms < 3000


def test_a_closed_port_and_an_unknown_name_are_told_apart() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        closed = asyncio.run(run_check(replace(HTTP, port=port), utc_now))
    assert closed.cause.en == f"Port {port} refuses connections"
    unknown = asyncio.run(run_check(replace(HTTP, host="nowhere.invalid"), utc_now))
    assert unknown.cause.en.startswith("The name nowhere.invalid cannot be resolved")
    assert [step.name for step in unknown.steps] == ["resolve"]


def test_a_good_certificate_is_told_with_its_days(serve: Serve, authority: Any) -> None:
    check = replace(HTTP, kind="https", authority=authority.file)
    result = asyncio.run(ask(serve, check, says(ANSWER), authority.server(20)))
    assert result.up, result.cause
    assert result.certificate is not None
    assert result.certificate.subject == "CN=server"
    assert result.certificate_days == pytest.approx(20, abs=0.1)


@pytest.mark.parametrize(
    ("days", "address", "trusted", "why"),
    [
        (-3, "127.0.0.1", True, "certificate has expired"),
        (20, "127.0.0.2", True, "IP address mismatch"),
        (20, "127.0.0.1", False, "unable to get local issuer certificate"),
    ],
)
def test_a_bad_certificate_is_told_and_still_looked_at(
    serve: Serve, authority: Any, days: int, address: str, trusted: bool, why: str
) -> None:
    check = replace(HTTP, kind="tls", authority=authority.file if trusted else None)
    result = asyncio.run(ask(serve, check, says(b""), authority.server(days, address)))
    assert not result.up
    assert why in result.cause.en
    assert result.certificate_days == pytest.approx(days, abs=0.1)


def test_a_server_without_tls_is_told(serve: Serve) -> None:
    result = asyncio.run(ask(serve, replace(HTTP, kind="tls"), says(b"220 hello\r\n", b"")))
    assert result.cause.en.startswith("The TLS handshake failed")


def test_mail_greets(serve: Serve, authority: Any) -> None:
    smtp = dialogue((b"220 mail ESMTP\r\n", b"EHLO"), (b"250-mail\r\n250 SIZE 1000\r\n", b"QUIT"))
    assert asyncio.run(ask(serve, replace(HTTP, kind="smtp"), smtp)).up
    imap = dialogue((b"* OK ready\r\n", b"CAPABILITY"), (b"* CAPABILITY IMAP4rev1\r\na2 OK done\r\n", b"LOGOUT"))
    check = replace(HTTP, kind="imaps", authority=authority.file)
    secured = asyncio.run(ask(serve, check, imap, authority.server(90)))
    assert secured.up, secured.cause
    assert secured.certificate is not None
    busy = asyncio.run(ask(serve, replace(HTTP, kind="smtp"), says(b"421 too busy\r\n", b"")))
    assert busy.cause.en == "It answers '421 too busy' instead of 220"


def test_mail_turns_to_tls(serve: Serve, authority: Any) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n")
        await reader.readline()
        writer.write(b"250-mail\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n")
        await writer.start_tls(authority.server(45))

    check = replace(HTTP, kind="smtp", starttls=True, authority=authority.file)
    result = asyncio.run(ask(serve, check, handler))
    assert result.up, result.cause
    assert result.certificate_days == pytest.approx(45, abs=0.1)


def test_a_directory_answers_a_bind_and_shows_its_root(serve: Serve) -> None:
    bound = bytes.fromhex("300c02010161070a010004000400")
    entry = bytes.fromhex("300902010364040400") + b"\x30\x00"
    done = bytes.fromhex("300c02010365070a010004000400")

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(14)
        writer.write(bound)
        search = await reader.readexactly(39)
        assert search.endswith(b"objectClass0\0")
        writer.write(entry + done)

    check = replace(HTTP, kind="ldap")
    assert asyncio.run(ask(serve, check, handler)).cause.en == ""
    refused = says(bound.replace(b"\x0a\x01\x00", b"\x0a\x01\x31"), b"")
    assert asyncio.run(ask(serve, check, refused)).cause.en == "LDAP bind was refused, result 49"
    for nonsense in (b"220 mail\r\n", b"\x30\x84\xff\xff\xff\xff", b"\x30\x05\x02\x01\x01\x61\x00", b"0"):
        assert not asyncio.run(ask(serve, check, says(nonsense, b""))).up


def test_databases_begin_a_handshake(serve: Serve) -> None:
    greeting = b"\x0a8.0.36\0" + bytes(30)
    mysql = replace(HTTP, kind="mysql")
    packet = len(greeting).to_bytes(3, "little") + b"\0" + greeting
    result = asyncio.run(ask(serve, mysql, says(packet, b"")))
    assert result.steps[-1].said.en == "MySQL 8.0.36"
    full = b"\xff\x10\x04Too many connections"
    refused = asyncio.run(ask(serve, mysql, says(len(full).to_bytes(3, "little") + b"\0" + full, b"")))
    assert refused.cause.en == "The server says: Too many connections"
    starting = b"SFATAL\0C57P03\0Mthe database system is starting up\0\0"
    answer = b"E" + (len(starting) + 4).to_bytes(4, "big") + starting
    down = asyncio.run(ask(serve, replace(HTTP, kind="postgresql"), says(answer, b"postgres\0\0")))
    assert down.cause.en == "The server says 57P03: the database system is starting up"


class NameServer(asyncio.DatagramProtocol):
    """Knows one name."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        question = dns.message.from_wire(data)
        answer = dns.message.make_response(question)
        name = question.question[0].name
        if str(name) == "known.example.":
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1"))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


def test_a_name_server_is_asked() -> None:
    async def ask_for(name: str, text: str | None) -> CheckResult:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(NameServer, ("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
        try:
            return await run_check(replace(HTTP, kind="dns", port=port, query=name, text=text), utc_now)
        finally:
            transport.close()

    assert asyncio.run(ask_for("known.example", "192.0.2.1")).up
    assert asyncio.run(ask_for("known.example", "192.0.2.9")).cause.en == "'192.0.2.9' is not among the records"
    assert asyncio.run(ask_for("lost.example", None)).cause.en == "The server answers NXDOMAIN"
