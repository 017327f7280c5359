"""`wardwatch services`: try the city's services from the terminal."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from collectors.services.check import run_check
from wardwatch.cli.data import open_data
from wardwatch.errors import NotFound, UserError
from wardwatch.model.checks import CheckResult
from wardwatch.model.inventory import Check, Inventory
from wardwatch.model.text import fold
from wardwatch.model.time import utc_now
from wardwatch.strict_yaml import nearest

app = typer.Typer(help="Try a service now and say why it fails.", add_completion=False, no_args_is_help=True)

_PASSED = {True: "ok", False: "FAILED"}


@app.callback()
def group() -> None:
    """Try a service now and say why it fails."""


@app.command("check")
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id of a service or of a check, or a service's name.")],
    data: Annotated[Path, typer.Option("--data", help="Data folder of the installation.", file_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Does the checks of a service now, from this machine, and prints each step.

    Exit code 1 when any of them fails, 2 when there is nothing to check."""
    with open_data(data, must_exist=True) as installation:
        chosen = checks_of(installation.inventory, name)
    results = asyncio.run(_all(chosen))
    if as_json:
        typer.echo(json.dumps([as_plain(result) for result in results], ensure_ascii=False, indent=2))
    else:
        for result in results:
            _show(result)
    if not all(result.up for result in results):
        raise typer.Exit(1)


def checks_of(inventory: Inventory, name: str) -> list[Check]:
    """The checks that a word means. Raises `NotFound`, and `UserError` for a service without any."""
    if name in inventory.checks:
        return [inventory.checks[name]]
    services = [
        service.id for service in inventory.services.values() if name == service.id or fold(name) == fold(service.name)
    ]
    if not services:
        near = nearest(name, [*inventory.services, *inventory.checks])
        raise NotFound(f"there is no service or check '{name}'", near)
    found = [check for check in inventory.checks.values() if check.service in services]
    if not found:
        raise UserError(
            f"the service '{name}' has no checks", "add one under 'checks' to the inventory: docs/services.md"
        )
    return found


async def _all(checks: list[Check]) -> list[CheckResult]:
    return [await run_check(check, utc_now) for check in checks]


def as_plain(result: CheckResult) -> dict[str, Any]:
    """A result as JSON has it; causes in both languages."""
    certificate = result.certificate
    return {
        "check": result.check,
        "service": result.service,
        "at": result.at.isoformat(),
        "up": result.up,
        "duration_ms": round(result.duration_ms, 1),
        "cause": {"vi": result.cause.vi, "en": result.cause.en},
        "steps": [
            {
                "name": step.name,
                "ok": step.ok,
                "duration_ms": round(step.duration_ms, 1),
                "said": {"vi": step.said.vi, "en": step.said.en},
            }
            for step in result.steps
        ],
        "certificate_days": result.certificate_days,
        "certificate": certificate
        and {
            "subject": certificate.subject,
            "issuer": certificate.issuer,
            "serial": certificate.serial,
            "names": list(certificate.names),
            "valid_from": certificate.valid_from.isoformat(),
            "valid_to": certificate.valid_to.isoformat(),
        },
    }


def _show(result: CheckResult) -> None:
    typer.echo(f"{result.check} ({result.service}): {_PASSED[result.up]} in {result.duration_ms:.0f} ms")
    for step in result.steps:
        typer.echo(f"  {step.name:<9} {_PASSED[step.ok]:<6} {step.duration_ms:7.1f} ms  {step.said.en}")
    if result.certificate_days is not None:
        typer.echo(f"  certificate of {result.certificate and result.certificate.subject}: {_days(result)}")
    if not result.up:
        typer.echo(f"  {result.cause.en}")


def _days(result: CheckResult) -> str:
    days = result.certificate_days or 0.0
    return f"{days:.0f} days left" if days >= 0 else f"over since {-days:.0f} days"
