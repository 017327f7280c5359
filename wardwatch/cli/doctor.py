"""`wardwatch doctor`: what is installed, reachable and writable, and what to do about the rest."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from wardwatch.cli.examination import examine
from wardwatch.cli.findings import Verdict
from wardwatch.settings import DataFolder, Listen

_MARKS = {Verdict.OK: "ok     ", Verdict.WARNING: "warning", Verdict.MISSING: "MISSING"}


def command(
    data: Annotated[Path, typer.Option(help="Data folder of the installation.")] = Path("var/wardwatch"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Says what this machine has for WardWatch and what to do about the rest; exit code 1 when a part cannot work."""
    findings = examine(DataFolder(data), Listen())
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(f"{_MARKS[finding.verdict]}  {finding.subject}: {finding.found}")
            if finding.advice:
                typer.echo(f"         -> {finding.advice}")
    if any(finding.verdict is Verdict.MISSING for finding in findings):
        raise typer.Exit(1)
