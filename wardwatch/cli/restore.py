"""`wardwatch restore`: an installation back from a backup."""

from pathlib import Path
from typing import Annotated

import typer

from wardwatch.backup import restore
from wardwatch.cli.data import nobody_works_on
from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder


def command(
    source: Annotated[Path, typer.Argument(help="A folder that wardwatch backup has written.")],
    data: DataOption = DEFAULT_DATA,
    replace: Annotated[bool, typer.Option("--replace", help="Put aside what the data folder holds now.")] = False,
) -> None:
    """Verifies a backup and brings it back into a data folder that nothing runs on. Run it again after a kill."""
    folder = DataFolder(data)
    with nobody_works_on(folder):
        manifest, aside = restore(source.absolute(), folder, utc_now, replace=replace)
    typer.echo(f"restored {data} as it was at {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC")
    if aside is not None:
        typer.echo(f"what was there is in {aside}: remove it when you are sure")
    typer.echo("start it again: what the sensor has written since is read from its files")
