"""One check of a service, from its name to the answer, bounded in time and bytes."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from collectors.services.databases import mysql, postgresql
from collectors.services.directory import ldap, ldaps
from collectors.services.failures import CheckFailed
from collectors.services.line import Line
from collectors.services.mail import imap, imaps, smtp, smtps
from collectors.services.names import names
from collectors.services.web import http, https
from wardwatch.model.checks import CheckResult
from wardwatch.model.inventory import Check
from wardwatch.model.text import NO_WORDS, Words
from wardwatch.model.time import Clock


async def _tcp(line: Line) -> None:
    await line.connect()


async def _tls(line: Line) -> None:
    await line.connect()
    await line.secure()


TALKS: dict[str, Callable[[Line], Awaitable[None]]] = {
    "http": http,
    "https": https,
    "tls": _tls,
    "tcp": _tcp,
    "dns": names,
    "smtp": smtp,
    "smtps": smtps,
    "imap": imap,
    "imaps": imaps,
    "ldap": ldap,
    "ldaps": ldaps,
    "postgresql": postgresql,
    "mysql": mysql,
}
"""How each kind of check is done."""


async def run_check(check: Check, clock: Clock) -> CheckResult:
    """What the check found. Never raises but when it is cancelled: a failure is a result."""
    line, at, began = Line(check), clock(), time.monotonic()
    cause = NO_WORDS
    try:
        async with asyncio.timeout(check.timeout_s):
            await TALKS[check.kind](line)
    except CheckFailed as failure:
        cause = failure.words
    except TimeoutError:
        step = line.steps[-1].name if line.steps else check.kind
        seconds = f"{check.timeout_s:g}"
        cause = Words(f"Không trả lời trong {seconds} giây ({step})", f"No answer in {seconds} seconds ({step})")
    finally:
        await line.close()
    duration_ms = (time.monotonic() - began) * 1000
    up = cause == NO_WORDS
    return CheckResult(check.id, check.service, at, up, duration_ms, tuple(line.steps), cause, line.certificate)
