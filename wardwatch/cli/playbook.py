"""`wardwatch playbook`: list, check, plan, approve, run and take back changes of configuration."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from playbooks.journal import Standing, State
from playbooks.library import FOLDER, shelf
from playbooks.plans import Plan
from wardwatch.cli.changing import Data, JsonOption, caller, changing, shown
from wardwatch.errors import UserError
from wardwatch.model.text import visible

app = typer.Typer(help="Plan, approve, push and take back changes of configuration.", no_args_is_help=True)

PlanArgument = Annotated[str, typer.Argument(help="The plan's hash, or the beginning of it.", metavar="PLAN")]
Apply = Annotated[bool, typer.Option("--apply", help="Really do it: without this nothing is sent.")]
_UNVERIFIED = {"fake": "unverified on hardware", "none": "never tried on this platform", "real": ""}


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """The playbooks that are shipped."""
    found = shelf([FOLDER]).playbooks.values()
    if as_json:
        rows = [{"name": each.name, "title": each.title.model_dump(), "risk": each.risk, "kind": each.kind,
                 "platforms": list(each.config)} for each in found]  # fmt: skip
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for each in found:
        typer.echo(f"{each.name:<30} {each.risk:<7} {each.kind:<9} {each.title.en}")


@app.command()
def lint(paths: Annotated[list[Path], typer.Argument(help="Playbooks, or folders of them.")]) -> None:
    """Checks playbooks. The exit code is 2 if one is wrong."""
    found = shelf(paths)
    for problem in found.problems:
        typer.echo(visible(str(problem)), err=True)
    typer.echo(f"{len(found.playbooks)} playbooks are good, {len(found.problems)} problems")
    if found.problems:
        raise typer.Exit(2)


@app.command()
def plan(
    file: Annotated[Path, typer.Argument(help="A playbook's file, or the name of a shipped one.")],
    data: Data,
    var: Annotated[list[str] | None, typer.Option(help="NAME=VALUE; may be repeated.")] = None,
    device: Annotated[list[str] | None, typer.Option(help="Only this device; may be repeated.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Reads every target, says exactly what would change, and freezes that under a hash. Changes nothing."""
    made = changing(data).plan(str(file), dict(_pair(each) for each in var or []), caller(), device or [])
    if as_json:
        typer.echo(json.dumps({"id": made.id, **asdict(made)}, ensure_ascii=False, indent=2))
    else:
        _show(made)


@app.command()
def approve(name: PlanArgument, data: Data) -> None:
    """Says yes to a plan as it is now; its author cannot."""
    have, needed = changing(data).approve(name, caller())
    typer.echo(f"{have} of {needed} approvals")


@app.command()
def run(
    name: PlanArgument,
    data: Data,
    apply: Apply = False,
    break_glass: Annotated[str | None, typer.Option(help="Without approvals, for one device: say why.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Pushes a plan that may run now; one that was begun goes on where it stopped. The exit code is 1 if any device
    did not get it."""
    parts = changing(data)
    known = parts.read(name)
    parts.admit(known, break_glass)
    if not apply:
        _show(known)
        typer.echo("nothing was sent: say --apply to push it")
        return
    _told(parts.run(known.id, caller(), break_glass), as_json)


@app.command()
def resume(name: PlanArgument, data: Data, as_json: JsonOption = False) -> None:
    """Ends what a killed run began: every device is finished or taken back, and nothing is sent twice."""
    _told(changing(data).resume(name, caller()), as_json)


@app.command()
def status(name: PlanArgument, data: Data, as_json: JsonOption = False) -> None:
    """Where each device of a plan stands."""
    _told(changing(data).status(name), as_json, judge=False)


@app.command()
def stop(name: PlanArgument, data: Data) -> None:
    """Asks a run to begin with no other device; those in hand are ended."""
    changing(data).stop(name, caller())
    typer.echo("it stops before its next batch")


@app.command()
def rollback(
    name: PlanArgument, data: Data, why: Annotated[str, typer.Option(help="The reason, for the journal.")],
    apply: Apply = False, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Brings every saved device of a plan back to its configuration from before."""
    if not apply:
        raise UserError("nothing was sent", "say --apply to take the change back")
    _told(changing(data).roll_back(name, caller(), why), as_json, judge=False)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"'{text}' is no NAME=VALUE", "write for example --var vlan=120")
    return name, value


def _show(made: Plan) -> None:
    for each in made.devices:
        note = _UNVERIFIED[each.verified]
        typer.echo(f"{each.device} ({each.platform}{', ' + note if note else ''})")
        typer.echo(shown(each.difference) if each.difference else "  no difference")
    touched = sum(bool(each.lines) for each in made.devices)
    radius = f"in {len(made.units)} units, for {len(made.services)} services"
    typer.echo(f"{touched} of {len(made.devices)} devices change, {radius}")
    for finding in made.findings:
        typer.echo(visible(f"allowed by the playbook: {finding}"))
    typer.echo(f"plan {made.id}, {made.approvals} approvals needed")


def _told(result: dict[str, Standing], as_json: bool, judge: bool = True) -> None:
    if as_json:
        typer.echo(json.dumps({name: asdict(each) for name, each in result.items()}, ensure_ascii=False, indent=2))
    else:
        for name, each in result.items():
            typer.echo(visible(f"{name:<30} {each.state.value:<12} {each.why}"))
        counted = Counter(each.state.value for each in result.values())
        typer.echo(", ".join(f"{count} {state}" for state, count in sorted(counted.items())))
    if judge and any(each.state not in (State.SAVED, State.UNCHANGED) for each in result.values()):
        raise typer.Exit(1)
