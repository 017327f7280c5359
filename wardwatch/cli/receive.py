"""`wardwatch receive`: takes traps and syslog and ships them."""

from pathlib import Path
from typing import Annotated

import typer

from wardwatch.app import AppSettings
from wardwatch.app.receive import run_receive, run_remote_receive
from wardwatch.cli.collect import remote_settings
from wardwatch.cli.processes import DEFAULT_DATA, DataOption, run_process
from wardwatch.settings import DataFolder


def command(
    data: DataOption = DEFAULT_DATA,
    zone: Annotated[str | None, typer.Option("--zone", help="In a district: the zone of this edge.")] = None,
    server: Annotated[
        str | None, typer.Option("--server", help="In a district: https://HOST[:PORT] of the core.")
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", help="In a district: secret://NAME of the edge's token.")
    ] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", help="Authority of the core's certificate (PEM); else the system's.")
    ] = None,
) -> None:
    """Takes what devices send (traps, syslog) where settings.yaml says under `reception`, and ships it to the core.
    With --zone, --server and --token it does so in a district."""
    settings = AppSettings(DataFolder(data))
    remote = remote_settings(zone, server, token, ca)
    run_process(run_receive(settings) if remote is None else run_remote_receive(settings, remote))
