"""`wardwatch mibs`: names for the traps of devices that the product does not know."""

import json
from pathlib import Path
from typing import Annotated

import typer

from collectors.traps.catalogue_documents import load_catalogue
from collectors.traps.mibs import compile_mibs
from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.errors import UserError
from wardwatch.settings import DataFolder

app = typer.Typer(help="Take names out of MIB files.", add_completion=False, no_args_is_help=True)


@app.callback()
def group() -> None:
    """Take names out of MIB files."""


@app.command("compile")
def compile_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The MIB files, with those that they import.")],
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Reads the MIB files of a folder; the receiver uses their names from its next start.

    Exit code 2 when none of them can be read."""
    found = compile_mibs(folder)
    for module, reason in sorted(found.failed.items()):
        typer.echo(f"{module} is left out: {reason}", err=True)
    if not found.modules:
        raise UserError("no module could be read", "put what they import into the same folder")
    target = DataFolder(data).mibs
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = target.with_suffix(".new")
    new.write_text(json.dumps(found.document(), ensure_ascii=False, indent=1), encoding="utf-8")
    load_catalogue(compiled=new)
    new.replace(target)
    counted = f"{len(found.objects):,} objects, {len(found.notifications):,} notifications"
    typer.echo(f"read {len(found.modules)} modules: {counted}; restart the receiver to use them")
