"""`wardwatch bench`: figures as JSON, not pass or fail."""

import json
from typing import Annotated, Any

import typer

app = typer.Typer(help="Measure this machine: figures, not pass or fail.", no_args_is_help=True)


@app.command()
def snmp(
    rounds: Annotated[int, typer.Option(help="Rounds over all agents.", min=1)] = 5,
    city: Annotated[
        bool, typer.Option("--city", help="Poll 5,000 simulated devices with 48 ports on one core instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """CPU a varbind of 240 agents with 48 ports, from the wire to a durable append, beside others.

    Debian's prometheus-snmp-exporter scrapes the same columns in the same run. Root only: it makes a network
    namespace, and takes it away again. With --city neither root nor other programs are needed, but two cores."""
    if city:
        from wardwatch.bench import snmp_city

        _print(snmp_city.run(snmp_city.CitySettings(rounds=rounds)), as_json)
        return
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
def chaos(
    only: Annotated[list[str] | None, typer.Option("--only", help="Faults whose names begin so; repeatable.")] = None,
    lines: Annotated[int, typer.Option(help="Lines that are written meanwhile.", min=100)] = 100_000,
    kills: Annotated[int, typer.Option(help="How often a process is killed.", min=1)] = 20,
    away: Annotated[float, typer.Option(help="Seconds that an engine or a line is away.", min=1)] = 60.0,
    seed: Annotated[int, typer.Option(help="Decides the moments.")] = 1,
) -> None:
    """Kills processes, takes engines and lines away, fills disks; prints one line of JSON, and ends with 1 if anything
    was lost or doubled.

    Root only: it runs in namespaces of its own, which end with it."""
    from wardwatch.bench.chaos import isolation, runner
    from wardwatch.bench.chaos.figures import Plan

    chosen = runner.chosen(only or ())
    if not isolation.is_inside():
        words = ("--lines", lines, "--kills", kills, "--away", away, "--seed", seed)
        wanted = [word for name in chosen for word in ("--only", name)]
        raise typer.Exit(isolation.again_inside(["bench", "chaos", *map(str, words), *wanted]))
    isolation.end_on_signals()
    isolation.end_with_the_caller()
    figures, well = runner.run(Plan(lines, kills, away, seed), chosen)
    typer.echo(json.dumps(figures))
    raise typer.Exit(0 if well else 1)


@app.command()
def api(
    seconds: Annotated[float, typer.Option(help="How long the pages are asked.", min=2)] = 90.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """How soon the wall and the inbox answer while 5,000 devices' rounds and 10,000 events a second are stored."""
    from wardwatch.bench.api import ApiBenchSettings, run

    _print(run(ApiBenchSettings(seconds=seconds)), as_json)


@app.command()
def reception(
    seconds: Annotated[float, typer.Option(help="How long each storm lasts.", min=1)] = 30.0,
    traps: Annotated[int, typer.Option(help="Traps a second.", min=1)] = 10_000,
    lines: Annotated[int, typer.Option(help="Lines of syslog a second.", min=1)] = 50_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What becomes of a storm of traps and one of syslog, through the real processes, while devices are polled."""
    from wardwatch.bench.reception import ReceptionBenchSettings, run

    _print(run(ReceptionBenchSettings(seconds, traps, lines)), as_json)


@app.command()
def push(
    devices: Annotated[int, typer.Option(help="Fake devices.", min=1)] = 100,
    workers: Annotated[int, typer.Option(help="How many at once.", min=1)] = 25,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Devices a second that get a change with plan, checks and journal, beside netmiko alone with as many workers."""
    from wardwatch.bench.push import PushBenchSettings, run

    _print(run(PushBenchSettings(devices, workers)), as_json)


@app.command()
def sigma(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Events a second that a hundred Sigma rules match on one core, and those of the whole way into the embedded
    store."""
    from wardwatch.bench.sigma import run

    _print(run(), as_json)


def _print(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
        return
    for part, values in figures["results"].items():
        typer.echo(f"{part:12} " + "  ".join(f"{name}={value}" for name, value in values.items()))
