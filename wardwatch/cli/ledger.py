"""`wardwatch ledger`: what was read, what became of it, and whether that adds up."""

import json
from dataclasses import asdict
from datetime import UTC, timedelta
from typing import Annotated, Any

import typer

from wardwatch.cli.data import open_data
from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.errors import SystemFault
from wardwatch.model.access import Scope
from wardwatch.model.ledger import Balance, DropRow, Ledger, LedgerRow
from wardwatch.model.text import visible
from wardwatch.model.time import utc_now

_WORDS = {Balance.EVEN: "even", Balance.UNTOLD: "not told", Balance.OUT: "OUT"}


def command(
    data: DataOption = DEFAULT_DATA,
    days: Annotated[int, typer.Option(help="How many UTC days, today included.", min=1, max=400)] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Shows, by UTC day of admission and source, what was read, stored, known before, rejected and dropped.

    The exit code is 1 when a row does not add up."""
    last = utc_now().astimezone(UTC).date()
    with open_data(data, must_exist=True) as opened:
        ledger = opened.books.ledger(Scope.everything(), last - timedelta(days=days - 1), last)
    if as_json:
        typer.echo(json.dumps(_shown(ledger), indent=2))
    else:
        _print(ledger)
    out = [row for row in ledger.rows if row.balance is Balance.OUT]
    if out:
        raise SystemFault(
            f"{len(out)} of {len(ledger.rows)} rows of the ledger do not add up",
            "see 'Nothing lost: how to read the ledger' in docs/operations.md",
        )


def _print(ledger: Ledger) -> None:
    if not ledger.rows and not ledger.drops:
        typer.echo("nothing was read in these days")
        return
    typer.echo(
        f"{'day (UTC)':<11} {'edge':<20} {'read':>12} {'stored':>12} {'known':>10} {'rejected':>10} "
        f"{'missing':>10}  {'balance':<8}  source"
    )
    for row in ledger.rows:
        typer.echo(_line(row))
    for drop in ledger.drops:
        typer.echo(
            f"{drop.day!s:<11} {visible(drop.edge):<20} dropped {drop.count} {drop.unit}: {visible(drop.reason)}"
        )


def _line(row: LedgerRow) -> str:
    name = visible(f"{row.path} ({row.source})" if row.path else row.source)
    return (
        f"{row.day!s:<11} {visible(row.edge):<20} {row.read + row.untold:>12} {row.stored:>12} {row.duplicates:>10}"
        f" {row.rejected:>10} {row.missing:>10}  {_WORDS[row.balance]:<8}  {name}"
    )


def _shown(ledger: Ledger) -> dict[str, Any]:
    return {"rows": [_row(row) for row in ledger.rows], "drops": [_row(drop) for drop in ledger.drops]}


def _row(row: LedgerRow | DropRow) -> dict[str, Any]:
    shown = {**asdict(row), "day": row.day.isoformat()}
    if isinstance(row, DropRow):
        return {**shown, "unit": str(row.unit)}
    return {**shown, "missing": row.missing, "balance": str(row.balance)}
