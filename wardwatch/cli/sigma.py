"""`wardwatch sigma`: check Sigma rules, run them over a file of events."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer

from collectors.suricata.ecs import map_line
from collectors.suricata.import_file import open_eve, read_lines
from detectors.sigma.hunting import Hunt
from detectors.sigma.hunting import hunt as hunt_over
from detectors.sigma.ruleset import Ruleset, load_rules
from detectors.sigma.running import Document, Run, run_over
from detectors.sigma.sources import Sources
from wardwatch.cli.data import open_data
from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.ecs import decoded
from wardwatch.errors import Problem, UserError
from wardwatch.model.records import DEFAULT_NAMESPACE, Position, Rejected
from wardwatch.model.text import visible
from wardwatch.model.time import TimeRange, utc_now

app = typer.Typer(help="Check Sigma rules, run them over events, hunt with them.", no_args_is_help=True)

RulesArgument = Annotated[Path, typer.Argument(help="A rule file, or a folder of them.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_NAMED = 20


@app.command()
def check(path: RulesArgument, as_json: JsonOption = False) -> None:
    """Says which rules can be used. The exit code is 2 if one cannot, or has a field that nothing fills."""
    found = load_rules([path], Sources())
    if as_json:
        typer.echo(json.dumps(_checked(found), ensure_ascii=False, indent=2))
    else:
        for problem in found.problems:
            typer.echo(visible(str(problem)), err=True)
        for problem in found.unrouted[:_NAMED]:
            typer.echo(visible(f"{problem} (not used)"))
        if len(found.unrouted) > _NAMED:
            typer.echo(f"and {len(found.unrouted) - _NAMED} more without events")
        typer.echo(
            f"{found.parsed} rules read, {found.routed} of them for events we have, {len(found.problems)} errors"
        )
    if found.problems:
        raise typer.Exit(2)


@app.command()
def run(
    path: RulesArgument,
    events: Annotated[Path, typer.Option(help="A file of events, one a line: ECS documents, or lines of eve.json.")],
    as_json: JsonOption = False,
) -> None:
    """Counts the hits of every rule over a file of events, in the order they stand in it.

    Rules that cannot be used, and lines that are no events, are named on standard error; the exit code is then 2."""
    ruleset = load_rules([path], Sources())
    with open_eve(events) as file:
        found = run_over(
            ruleset, ((n, _document(line.data)) for n, line in enumerate(read_lines(file, str(events)), 1))
        )
    for problem in ruleset.problems:
        typer.echo(visible(str(problem)), err=True)
    for number, reason in found.refused[:_NAMED]:
        typer.echo(visible(f"{events}:{number}: {reason}"), err=True)
    if as_json:
        typer.echo(json.dumps(_ran(found, ruleset), ensure_ascii=False, indent=2))
    else:
        _show(found, ruleset)
    if ruleset.problems or found.refused:
        raise typer.Exit(2)


@app.command()
def hunt(
    path: RulesArgument,
    data: DataOption = DEFAULT_DATA,
    start: Annotated[str | None, typer.Option("--from", help="RFC 3339 time; absent a day ago.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="RFC 3339 time, not included; absent now.")] = None,
    namespace: Annotated[str, typer.Option(help="`default`, or that of a drill.")] = DEFAULT_NAMESPACE,
    limit: Annotated[int, typer.Option(help="Events that are looked at, the newest of more.", min=1)] = 200_000,
    as_json: JsonOption = False,
) -> None:
    """Looks back over stored events with the same rules, whether an instance runs or not, on either engine."""
    ruleset = load_rules([path], Sources())
    for problem in ruleset.problems:
        typer.echo(visible(str(problem)), err=True)
    now = utc_now()
    time = TimeRange(_moment("--from", start) or now - timedelta(days=1), _moment("--to", end) or now)
    if time.end < time.start:
        raise UserError("--to lies before --from", "swap them")
    with open_data(data, must_exist=True) as opened:
        found = hunt_over(opened.events, ruleset, time, namespace, limit)
    if as_json:
        typer.echo(json.dumps(_hunted(found), indent=2))
    else:
        titles = {about.id: about.title.en for about in ruleset.abouts}
        for rule, count in sorted(found.hits.items(), key=lambda item: (-item[1], item[0])):
            typer.echo(f"{count:>8}  {rule}  {visible(titles[rule])}")
        more = "" if found.complete else "; there are more, older ones: narrow the time, or raise --limit"
        typer.echo(f"{found.looked_at} events looked at{more}")
    if ruleset.problems:
        raise typer.Exit(2)


def _hunted(found: Hunt) -> dict[str, object]:
    examples = {rule: [f"{p.source}:{p.offset}" for p in positions] for rule, positions in found.examples.items()}
    return {"hits": found.hits, "examples": examples, "looked_at": found.looked_at, "complete": found.complete}


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{option} {text}: this is no time", "write for example 2026-01-31T08:00:00+07:00") from None
    if at.tzinfo is None:
        raise UserError(f"{option} {text}: the time has no zone", f"write {text}Z or {text}+07:00")
    return at.astimezone(UTC)


def _document(line: bytes) -> Document | str:
    """The ECS document of a line, whatever it is; or why it is none."""
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"the line is not JSON: {error}"
    if type(said) is not dict:
        return "the line is JSON, but no object"
    if not isinstance(said.get("event_type"), str) or isinstance(said.get("event"), dict):
        return said
    outcome = map_line(line, Position("", 0), None, utc_now())
    return outcome.reason if isinstance(outcome, Rejected) else decoded(outcome)


def _ran(found: Run, ruleset: Ruleset) -> dict[str, object]:
    return {
        "hits": dict(sorted(found.hits.items())),
        "events": found.events,
        "events_without_rules": found.strange,
        "lines_refused": [{"line": number, "reason": reason} for number, reason in found.refused],
        "rules": {"parsed": ruleset.parsed, "routed": ruleset.routed},
        "errors": [_problem(problem) for problem in ruleset.problems],
    }


def _show(found: Run, ruleset: Ruleset) -> None:
    titles = {about.id: about.title.en for about in ruleset.abouts}
    for rule, count in sorted(found.hits.items(), key=lambda item: (-item[1], item[0])):
        typer.echo(f"{count:>8}  {rule}  {visible(titles[rule])}")
    typer.echo(f"{found.events} events, {sum(found.hits.values())} hits of {len(found.hits)} rules")


def _checked(found: Ruleset) -> dict[str, object]:
    return {
        "parsed": found.parsed,
        "routed": found.routed,
        "errors": [_problem(problem) for problem in found.problems],
        "unrouted": [_problem(problem) for problem in found.unrouted],
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {"file": problem.file, "line": problem.line, "reason": problem.message}
