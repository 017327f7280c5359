"""`wardwatch bench`: figures as JSON, not pass or fail."""

import json
from typing import Annotated, Any

import typer

app = typer.Typer(help="Measure this machine: figures, not pass or fail.", no_args_is_help=True)


@app.command()
def snmp(
    rounds: Annotated[int, typer.Option(help="Rounds over all agents.", min=1)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """CPU a varbind of 240 agents with 48 ports, from the wire to a durable append, beside the bare libraries.

    Root only: it makes a network namespace, and takes it away again."""
    from wardwatch.bench.snmp import BenchSettings, run

    _print(run(BenchSettings(rounds=rounds)), as_json)


@app.command()
def events(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """EVE lines a second into the embedded store and into a real Elasticsearch node, and the bytes an event takes."""
    from wardwatch.bench.events import run

    _print(run(elastic=True), as_json)


@app.command()
def api(
    seconds: Annotated[float, typer.Option(help="How long the pages are asked.", min=2)] = 90.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """How soon the wall and the inbox answer while 5,000 devices' rounds and 10,000 events a second are stored."""
    from wardwatch.bench.api import ApiBenchSettings, run

    _print(run(ApiBenchSettings(seconds=seconds)), as_json)


def _print(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
        return
    for part, values in figures["results"].items():
        typer.echo(f"{part:12} " + "  ".join(f"{name}={value}" for name, value in values.items()))
