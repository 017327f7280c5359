"""`wardwatch backup`: everything of an installation into a folder."""

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from wardwatch.cli.data import open_data
from wardwatch.cli.processes import DEFAULT_DATA, DataOption


def command(
    target: Annotated[Path, typer.Argument(help="A new folder, best on another machine's disk.")],
    data: DataOption = DEFAULT_DATA,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Writes a backup of state, records, journals, settings and secrets, while everything runs on."""
    whole = target.absolute()
    with open_data(data, must_exist=True) as opened:
        summary = opened.backup(whole)
    if as_json:
        typer.echo(json.dumps({"target": str(whole), **msgspec.structs.asdict(summary)}))
        return
    typer.echo(
        f"backup {whole}: {summary.files} files, {summary.bytes / 1e6:.1f} MB, "
        f"{summary.state_rows} rows of state, {summary.record_rows} of records"
    )
    typer.echo("it holds secrets: keep it as safe as the machine itself")
