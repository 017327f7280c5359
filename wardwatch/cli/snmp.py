"""`wardwatch snmp`: look at agents from the terminal."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from collectors.snmp.poll import PollSettings
from collectors.snmp.probe import Probed, parse_address, probe, resolve_host
from collectors.snmp.session import LONGEST_SESSION_S, SessionSettings
from wardwatch.cli import snmp_explain
from wardwatch.errors import UserError
from wardwatch.model.inventory import Credential
from wardwatch.model.records import Outcome
from wardwatch.model.time import utc_now

app = typer.Typer(help="Look at SNMP agents.", no_args_is_help=True)

app.command("explain")(snmp_explain.command)

STANDARD_ERROR = 2
COLUMNS = ("index", "name", "alias", "oper", "admin", "speed_bps", "mtu", "mac")


@app.callback()
def group() -> None:
    """Look at SNMP agents."""


@app.command("probe")
def probe_command(
    address: Annotated[str, typer.Argument(metavar="ADDRESS:PORT", help="Where the agent answers; port 161 if none.")],
    community: Annotated[
        str | None, typer.Option(help="SNMPv2c (or v1) community.", envvar="WARDWATCH_SNMP_COMMUNITY")
    ] = None,
    version: Annotated[str, typer.Option(help="With a community: 1 or 2c.")] = "2c",
    user: Annotated[str | None, typer.Option(help="SNMPv3 user.")] = None,
    auth_protocol: Annotated[str, typer.Option(help="md5, sha, sha224, sha256, sha384 or sha512.")] = "sha256",
    auth_key: Annotated[
        str | None, typer.Option(help="SNMPv3 authentication password.", envvar="WARDWATCH_SNMP_AUTH_KEY")
    ] = None,
    privacy_protocol: Annotated[
        str, typer.Option(help="des, aes128, aes192 or aes256; aes192c and aes256c are Cisco's.")
    ] = "aes128",
    privacy_key: Annotated[
        str | None, typer.Option(help="SNMPv3 privacy password.", envvar="WARDWATCH_SNMP_PRIVACY_KEY")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the first attempt.", min=0.05, max=30)] = 2.0,
    attempts: Annotated[int, typer.Option(help="Attempts a request.", min=1, max=10)] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Asks an agent who it is and what ports it has.

    Exit code 1 when it does not tell, 2 when the question is wrong."""
    credential = _credential(
        community, snmp_explain.version_of(version), user, auth_protocol, auth_key, privacy_protocol, privacy_key
    )
    host, port = parse_address(address)
    numeric = resolve_host(host)
    settings = PollSettings(SessionSettings(timeout, attempts, LONGEST_SESSION_S))
    with _silent_decoder():
        found = asyncio.run(probe(numeric, port, credential, settings, utc_now))
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    else:
        _show(found)
    if found.outcome is not Outcome.OK:
        typer.echo(f"warning: not everything could be read: {found.detail}", err=True)


@contextmanager
def _silent_decoder() -> Iterator[None]:
    """Hostile bytes make gufo's Rust code panic, which is caught; but Rust has written its own report to standard error
    by then, past Python. The outcome says the same in a sentence."""
    sys.stderr.flush()
    kept, nowhere = os.dup(STANDARD_ERROR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, STANDARD_ERROR)
    try:
        yield
    finally:
        os.dup2(kept, STANDARD_ERROR)
        os.close(kept)
        os.close(nowhere)


def _credential(
    community: str | None,
    version: int,
    user: str | None,
    auth_protocol: str,
    auth_key: str | None,
    privacy_protocol: str,
    privacy_key: str | None,
) -> Credential:
    if (community is None) == (user is None):
        raise UserError("give either --community (SNMPv1, v2c) or --user (SNMPv3)")
    if community is not None:
        return Credential("command line", "snmp-v2c" if version else "snmp-v1", community=community)
    return Credential(
        "command line",
        "snmp-v3",
        user=user,
        auth_protocol=auth_protocol if auth_key else None,
        auth_key=auth_key,
        privacy_protocol=privacy_protocol if privacy_key else None,
        privacy_key=privacy_key,
    )


def _show(found: Probed) -> None:
    for key, value in found.as_json()["system"].items():
        typer.echo(f"{key:15} {' '.join(str(value).split())}")
    typer.echo(f"{'read':15} {found.varbinds} values in {found.duration_ms:.0f} ms")
    if not found.interfaces:
        typer.echo("no interfaces")
        return
    table = [COLUMNS, *(tuple(_cell(row, column) for column in COLUMNS) for row in found.interfaces)]
    widths = [max(len(line[place]) for line in table) for place in range(len(COLUMNS))]
    typer.echo("")
    for line in table:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(row: dict[str, Any], column: str) -> str:
    value = row.get(column)
    if column == "speed_bps" and value:
        return f"{value / 1e6:g} Mbit/s"
    return "-" if value in (None, "") else str(value)
