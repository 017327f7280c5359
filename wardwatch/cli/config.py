"""`wardwatch config`: back configurations up, show, compare and search them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from playbooks.difference import difference
from playbooks.service import Kept
from playbooks.sessions import Session
from playbooks.texts import normalised, redacted
from wardwatch.cli import config_watch
from wardwatch.cli.changing import Data, JsonOption, caller, changing, shown, vault_of
from wardwatch.errors import UserError
from wardwatch.model.text import visible

app = typer.Typer(help="Back configurations up, show, compare and search them.", no_args_is_help=True)
app.command()(config_watch.watch)


@app.command()
def backup(
    data: Data,
    devices: Annotated[list[str] | None, typer.Argument(help="Devices; all that have a login.")] = None,
) -> None:
    """Reads configurations and keeps what has changed. The exit code is 1 if a device could not be read."""
    found = changing(data).backup(devices or [], caller(), "backup", _tell)
    if any(each.fault for each in found):
        raise typer.Exit(1)


def _tell(kept: Kept) -> None:
    if kept.fault:
        typer.echo(visible(f"{kept.device}: {kept.fault}"), err=True)
        return
    state = "changed" if kept.changed else "as before"
    typer.echo(f"{kept.device}: {state}{', not saved on the device' if kept.unsaved else ''}")


@app.command()
def show(
    device: str,
    data: Data,
    version: Annotated[str, typer.Option(help="A commit; the newest.")] = "HEAD",
    versions: Annotated[bool, typer.Option("--versions", help="List the versions instead.")] = False,
) -> None:
    """A configuration, its secrets hidden; or its versions."""
    vault = vault_of(data)
    if not versions:
        typer.echo(shown(vault.shown(device, version)))
        return
    for each in vault.versions(device):
        typer.echo(visible(f"{each.commit[:12]} {each.at} {each.message}"))


@app.command()
def diff(device: str, old: str, data: Data, new: Annotated[str, typer.Argument()] = "HEAD") -> None:
    """What changed between two versions; secrets that were only written anew are no change."""
    vault = vault_of(data)
    typer.echo(shown(difference(vault.shown(device, old), vault.shown(device, new))))


@app.command()
def search(pattern: str, data: Data, as_json: JsonOption = False) -> None:
    """Finds a regular expression in every newest configuration."""
    hits = vault_of(data).search(pattern)
    if as_json:
        typer.echo(json.dumps([asdict(hit) for hit in hits], ensure_ascii=False, indent=2))
        return
    for hit in hits:
        typer.echo(visible(f"{hit.device}:{hit.line}: {hit.text}"))


@app.command()
def unsaved(device: str, data: Data) -> None:
    """The running configuration against the one the device would start with."""
    parts = changing(data)
    known = parts.device(device)
    platform = parts.access.platform(known)
    login = parts.access.login(known)
    assert platform is not None
    with Session(login, platform) as session:
        running, startup = session.running(), session.startup()
    if startup is None:
        raise UserError(f"{device}: this platform always starts with what is running")
    texts = [redacted(normalised(text, platform), platform) for text in (startup, running)]
    typer.echo(shown(difference(*texts)))


@app.command()
def restore(
    device: str,
    data: Data,
    to: Annotated[Path | None, typer.Option(help="Write it to this file (mode 0600) instead of planning it.")] = None,
    version: Annotated[str | None, typer.Option(help="A commit; the newest.")] = None,
) -> None:
    """Plans the way back to an older configuration, to be approved and run like any plan. With --to the full text,
    secrets and all, is written into a file of the caller's alone instead."""
    if to is None:
        made = changing(data).restore(device, version, caller())
        typer.echo(shown(made.devices[0].difference) or "no difference")
        typer.echo(f"plan {made.id}, {made.approvals} approvals needed")
        return
    text = vault_of(data).full(device, version)
    if not text:
        raise UserError(f"there is no configuration of {device}", "back it up first")
    to.touch(mode=0o600, exist_ok=False)
    to.write_text(text, "utf-8")
    typer.echo(f"wrote the full configuration of {device} to {to}: it holds secrets")
