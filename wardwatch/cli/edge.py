"""`wardwatch edge`: the collectors that poll a zone from elsewhere and ship to this installation over HTTPS."""

import getpass
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from wardwatch.cli.data import open_data
from wardwatch.model.access import Actor
from wardwatch.model.edges import Edge

app = typer.Typer(
    help="Let collectors in the districts in, and shut them out.", add_completion=False, no_args_is_help=True
)

Data = Annotated[Path, typer.Option("--data", help="Data folder of the installation.", file_okay=False)]
Name = Annotated[str, typer.Argument(help="What the edge is called.", metavar="NAME")]


@app.command("add")
def add(
    name: Name,
    zone: Annotated[str, typer.Option("--zone", help="The zone of the inventory that it polls.")],
    data: Data,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Adds an edge and prints its token, which cannot be shown again. From then on the edge polls its zone."""
    with open_data(data, must_exist=True) as installation:
        token = installation.edges.add(_actor(), name, zone)
    if as_json:
        typer.echo(json.dumps({"name": name, "zone": zone, "token": token}))
        return
    typer.echo(token)
    typer.echo(f"keep it at the edge as the secret file of `wardwatch collect --zone {zone} --token`", err=True)


@app.command("list")
def list_(data: Data, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Shows the edges: their zones, since when, and when each was last heard."""
    with open_data(data, must_exist=True) as installation:
        edges = installation.edges.listed()
    if as_json:
        typer.echo(json.dumps([_shown(edge) for edge in edges]))
        return
    if not edges:
        typer.echo("there are no remote edges; every zone is polled from here")
    for edge in edges:
        typer.echo(_line(edge))


@app.command("revoke")
def revoke(name: Name, data: Data) -> None:
    """Shuts an edge out at once; its zone is polled from here again."""
    with open_data(data, must_exist=True) as installation:
        installation.edges.revoke(_actor(), name)
    typer.echo(f"revoked {name}")


def _actor() -> Actor:
    return Actor(f"cli:{getpass.getuser()}")


def _shown(edge: Edge) -> dict[str, Any]:
    """Without the hash: it opens nothing, and nobody needs it."""
    shown = {key: value for key, value in asdict(edge).items() if key != "token_hash"}
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in shown.items()}


def _line(edge: Edge) -> str:
    seen = f"last heard {edge.last_seen_at:%Y-%m-%d %H:%M} UTC" if edge.last_seen_at else "never heard"
    state = seen if edge.revoked_at is None else f"revoked {edge.revoked_at:%Y-%m-%d %H:%M} UTC"
    return f"{edge.name:<20} zone {edge.zone:<20} {state}"
