"""`wardwatch collect`: polls devices and ships what they say."""

from pathlib import Path
from typing import Annotated

import typer

from wardwatch.app import AppSettings
from wardwatch.app.collect import RemoteSettings, run_collect, run_remote
from wardwatch.cli.processes import DEFAULT_DATA, DataOption, IntervalOption, run_process
from wardwatch.errors import UserError
from wardwatch.settings import DataFolder


def command(
    data: DataOption = DEFAULT_DATA,
    interval: IntervalOption = 60.0,
    zone: Annotated[str | None, typer.Option("--zone", help="In a district: the zone to poll.")] = None,
    server: Annotated[
        str | None, typer.Option("--server", help="In a district: https://HOST[:PORT] of the core.")
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", help="In a district: secret://NAME of the edge's token.")
    ] = None,
    ca: Annotated[
        Path | None, typer.Option("--ca", help="Authority of the core's certificate (PEM); else the system's.")
    ] = None,
    eve: Annotated[
        Path | None, typer.Option("--eve", help="In a district: the folder where its Suricata writes eve.json.")
    ] = None,
) -> None:
    """Polls every device of the inventory by SNMP and ships the readings to the core. With --zone, --server and
    --token it does so in a district, for the devices of that zone."""
    settings = AppSettings(DataFolder(data), interval_s=interval)
    remote = remote_settings(zone, server, token, ca, eve)
    run_process(run_collect(settings) if remote is None else run_remote(settings, remote))


def remote_settings(
    zone: str | None, server: str | None, token: str | None, ca: Path | None, eve: Path | None = None
) -> RemoteSettings | None:
    """Of an edge in a district. The three go together; the others need them."""
    if zone and server and token:
        return RemoteSettings(zone, server, token, ca, eve)
    needed = {"--zone": zone, "--server": server, "--token": token}
    if any(needed.values()) or ca or eve:
        missing = " and ".join(name for name, value in needed.items() if not value)
        raise UserError(f"an edge in a district needs {missing} as well", "beside the core, none of them is given")
    return None
