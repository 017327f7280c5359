"""`wardwatch notify`: check the settings, test a channel, say who is on call and what became of notifications."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.errors import UserError
from wardwatch.model.text import visible
from wardwatch.model.time import utc_now
from wardwatch.notify.channels import send_by_apprise
from wardwatch.notify.documents import read_notify
from wardwatch.notify.log import AttemptLog
from wardwatch.notify.rota import on_call, turns
from wardwatch.notify.settings import CITY_TIME, NotifySettings
from wardwatch.notify.wording import trial_message
from wardwatch.secrets import Secrets
from wardwatch.settings import DataFolder

app = typer.Typer(help="Check, test and read notifications.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_WEEKS = 8


@app.command()
def check(data: DataOption = DEFAULT_DATA) -> None:
    """Reads notify.yaml and every secret that it names; each problem is named, and the exit code is then 2."""
    settings, resolve = _read(data)
    for channel in settings.channels.values():
        resolve(channel.url)
    typer.echo(
        f"{len(settings.channels)} channels, {len(settings.people)} people, {len(settings.rotas)} rotas,"
        f" {len(settings.routes)} routes"
    )


@app.command("test")
def try_channel(
    name: Annotated[str, typer.Argument(help="A channel of notify.yaml.")], data: DataOption = DEFAULT_DATA
) -> None:
    """Sends a test message to a channel now and says whether it was taken; the exit code is 1 where it was not."""
    settings, resolve = _read(data)
    channel = settings.channels.get(name)
    if channel is None:
        known = ", ".join(sorted(settings.channels)) or "none"
        raise UserError(f"there is no channel '{name}' in notify.yaml", f"known: {known}")
    reason = send_by_apprise(resolve(channel.url), trial_message(name, channel.language))
    if reason is not None:
        typer.echo(visible(f"{name}: not taken: {reason}"), err=True)
        raise typer.Exit(1)
    typer.echo(f"{name}: taken")


@app.command()
def rota(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Says who is on call now and in the coming weeks, in the city's time."""
    settings, _ = _read(data)
    now = utc_now()
    found = [
        {
            "rota": each.name,
            "on_call": on_call(each, now),
            "weeks": [
                {"person": turn.person, "from": _local(turn.start), "to": _local(turn.end)}
                for turn in turns(each, now, _WEEKS)
            ],
        }
        for each in settings.rotas.values()
    ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for each in found:
        typer.echo(f"{each['rota']}: {each['on_call'] or 'nobody'} now")
        for week in each["weeks"] or ():
            typer.echo(f"  {week['from']}  {week['to']}  {week['person']}")  # type: ignore[index]


@app.command("log")
def show_log(
    data: DataOption = DEFAULT_DATA,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Shows attempts, newest first, with the reason of those that failed."""
    log = AttemptLog(DataFolder(data).notifications)
    log.read(utc_now())
    lines = list(log.lines)[::-1][:limit]
    if as_json:
        typer.echo(orjson.dumps(lines, option=orjson.OPT_INDENT_2).decode())
        return
    for line in lines:
        said = f"{line.at:%Y-%m-%d %H:%M:%S} UTC  {line.outcome:<8}  {line.channel}  {line.title}  {line.reason}"
        typer.echo(visible(said.rstrip()))


def _read(data: Path) -> tuple[NotifySettings, Callable[[str], str]]:
    folder = DataFolder(data)
    if not folder.notify.exists():
        raise UserError(f"there is no {folder.notify}", "docs/notifications.md shows how to write one")
    return read_notify(folder.notify), Secrets(folder.secrets).resolve


def _local(at: datetime) -> str:
    return f"{at.astimezone(CITY_TIME):%Y-%m-%d %H:%M}"
