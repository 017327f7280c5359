"""`wardwatch hosts`: the host keys of devices, trusted after a look at them."""

from typing import Annotated

import typer

from playbooks.access import enrol as trust
from playbooks.access import offered_key
from wardwatch.cli.changing import Data, changing
from wardwatch.errors import UserError
from wardwatch.model.text import visible

app = typer.Typer(help="Trust the host keys of devices.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Trust the host keys of devices."""


@app.command()
def enrol(
    device: str,
    data: Data,
    fingerprint: Annotated[str | None, typer.Option(help="What the device itself shows: SHA256:...")] = None,
) -> None:
    """Without a fingerprint: shows the one that is offered. With it: trusts the key if it is the same."""
    parts = changing(data)
    known = parts.device(device)
    login = parts.access.login(known)
    line, offered = offered_key(login.host, login.port)
    if fingerprint is None:
        typer.echo(visible(f"{device} at {login.host}:{login.port} offers {offered}"))
        typer.echo("compare it with the device's own, then give it with --fingerprint")
        return
    if fingerprint != offered:
        raise UserError(f"{device} offers {offered}, which is another key", "somebody may be in between: find out")
    trust(login.known_hosts, line)
    typer.echo(f"{device}: its key is trusted now")
