"""`wardwatch rules`: Suricata's rules, from their sources to the sensors.

The folder of rules and the state store take several processes at once, so that this works beside a running instance,
which hands the sensors what was deployed.
"""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from detectors.rules.candidate import Candidate
from detectors.rules.catalogue import RuleCatalogue, suits, words_of
from detectors.rules.keeper import RuleKeeper
from detectors.rules.parsing import Rule, read_rules
from detectors.rules.replaying import Difference
from detectors.rules.seen import RuleSeen, seen
from detectors.rules.versions import Deed, Entry
from wardwatch.app.rule_management import rule_keeper
from wardwatch.cli.data import open_data
from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.errors import UserError
from wardwatch.installation import read_installation
from wardwatch.model.access import Actor, Scope
from wardwatch.model.text import visible
from wardwatch.model.time import TimeRange, utc_now
from wardwatch.settings import DataFolder

app = typer.Typer(help="Update, check, replay, deploy and roll back Suricata's rules.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WhyOption = Annotated[str, typer.Option("--why", help="Why, for the history.")]
_NAMED = 20


@app.command()
def update(
    data: DataOption = DEFAULT_DATA,
    offline: Annotated[bool, typer.Option(help="Ask no network; sources are used as they were the last time.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Builds a candidate out of the sources; nothing is deployed. A source that cannot be reached does not fail it."""
    with _keeper(data) as keeper:
        candidate = keeper.update(_actor(), offline)
        changed = RuleCatalogue().changes(keeper.places)
    if as_json:
        counts = {name: len(getattr(changed, name)) for name in ("added", "removed", "changed")}
        _print(_candidate(candidate) | {"changes": counts})
        return
    for source in candidate.sources:
        reason = f": {source['reason']}" if source["reason"] else ""
        typer.echo(visible(f"{source['name']:<20} {source['state']}{reason}"))
    _name_problems([str(problem) for problem in candidate.problems])
    typer.echo(
        f"candidate {candidate.version:.12}: {candidate.counts.active} active, {candidate.counts.disabled} disabled,"
        f" {candidate.counts.broken} left out; {len(changed.added)} added, {len(changed.removed)} removed,"
        f" {len(changed.changed)} changed"
    )


@app.command("list")
def list_(
    data: DataOption = DEFAULT_DATA,
    search: Annotated[str | None, typer.Option(help="Words of the message, a sid, a class or a technique.")] = None,
    of_candidate: Annotated[
        bool, typer.Option("--candidate", help="Of the candidate, not of what is deployed.")
    ] = False,
    versions: Annotated[bool, typer.Option("--versions", help="The history of what was deployed.")] = False,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back alerts are counted.")] = 30,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Shows rules with how often each was alerted, or the versions."""
    with _keeper(data) as keeper:
        if versions:
            return _show_versions(keeper, as_json)
        text = (keeper.places.candidate if of_candidate else keeper.places.root) / "suricata.rules"
        rules = [rule for rule in read_rules(_text(text)) if suits(words_of(rule), search)]
    found = _seen(data, days)
    rules.sort(key=lambda rule: (-found.get(rule.sid, RuleSeen()).alerts, rule.sid))
    if as_json:
        items = [_rule(rule, found.get(rule.sid, RuleSeen())) for rule in rules[:limit]]
        _print({"rules": items, "total": len(rules)})
        return None
    for rule in rules[:limit]:
        state = "" if rule.enabled else "  (disabled)"
        typer.echo(visible(f"{found.get(rule.sid, RuleSeen()).alerts:>8}  {rule.sid:<10} {rule.message}{state}"))
    typer.echo(f"{min(limit, len(rules))} of {len(rules)} rules, alerts of the last {days} days")
    return None


@app.command()
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Rule files; the installation's own when absent.")] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Has Suricata read rules; each broken one is named with file, line and reason, and the exit code is then 2."""
    keeper = rule_keeper(DataFolder(data), lambda *_: None, utc_now)
    problems, total = keeper.lint(list(files or ()))
    if as_json:
        _print({"rules": total, "errors": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            typer.echo(visible(str(problem)), err=True)
        typer.echo(f"{total} rules read, {len(problems)} errors")
    if problems:
        raise typer.Exit(2)


@app.command()
def replay(
    data: DataOption = DEFAULT_DATA,
    captures: Annotated[Path | None, typer.Option(help="A folder of captures; rules/captures when absent.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Reads stored captures with the deployed rules and with the candidate, and shows which alerts differ."""
    with _keeper(data) as keeper:
        candidate, difference = keeper.replay(_actor(), captures)
    if as_json:
        _print({"version": candidate.version} | asdict(difference))
        return
    _show_difference(difference)


@app.command()
def deploy(
    why: WhyOption,
    data: DataOption = DEFAULT_DATA,
    version: Annotated[str | None, typer.Option(help="The candidate that is meant, so that no other is taken.")] = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="To all sensors, also where some come first.")] = False,
    without_replay: Annotated[bool, typer.Option(help="Even where captures were not replayed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Hands the candidate to the sensors, which load it within a minute; those that come first try it before."""
    with _keeper(data) as keeper:
        found = keeper.candidate()
        if found is None:
            raise UserError("there is no candidate", "wardwatch rules update builds one")
        candidate, difference = found
        if version is not None and not candidate.version.startswith(version):
            raise UserError(f"the candidate is {candidate.version:.12}, not {version}", "look at it again")
        if difference is None and not without_replay and keeper.has_captures():
            raise UserError(
                "the candidate was not replayed over the stored captures",
                "run wardwatch rules replay, or deploy with --without-replay",
            )
        entry = keeper.deploy(_actor(), candidate.version, why, staged=not at_once)
    _show_entry(entry, as_json)


@app.command()
def rollback(
    why: WhyOption,
    version: Annotated[
        str | None, typer.Argument(help="The first characters of one; the one before when absent.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Hands all sensors an earlier set at once, or ends a rollout under way."""
    with _keeper(data) as keeper:
        entry = keeper.roll_back(_actor(), version, why)
    _show_entry(entry, as_json)


@contextmanager
def _keeper(folder: Path) -> Iterator[RuleKeeper]:
    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such data folder", "give the folder of an installation with --data")
    data = DataFolder(folder)
    state = read_installation(data).open_state(utc_now)
    try:
        yield rule_keeper(data, state.audit.record, utc_now)
    finally:
        state.close()


def _seen(folder: Path, days: int) -> dict[int, RuleSeen]:
    now = utc_now()
    with open_data(folder, must_exist=True) as opened:
        state = read_installation(DataFolder(folder)).open_state(utc_now)
        try:
            time = TimeRange(now - timedelta(days=days), now)
            return seen(opened.count, state.alert_groups, Scope.everything(), time)
        finally:
            state.close()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _show_versions(keeper: RuleKeeper, as_json: bool) -> None:
    deployed, rollout = keeper.versions.deployed(), keeper.rollout()
    history = keeper.versions.history()
    if as_json:
        under_way = None if rollout is None else {"version": rollout.version, "first": list(rollout.first)}
        _print({"deployed": deployed or None, "rollout": under_way, "versions": [_entry(each) for each in history]})
        return
    for entry in history:
        mark = "*" if entry.version == deployed else " "
        typer.echo(
            visible(
                f"{mark} {entry.version:.12}  {entry.deed:<11}  {entry.at:%Y-%m-%d %H:%M} UTC  {entry.by:<16}"
                f" {entry.counts.active:>6} rules  {entry.why}"
            )
        )
    if rollout is not None:
        typer.echo(f"{rollout.version:.12} is being tried by {', '.join(rollout.first)}")


def _show_difference(difference: Difference) -> None:
    for rule in difference.rules[:_NAMED]:
        typer.echo(visible(f"{rule.before:>7} -> {rule.after:<7} {rule.sid:<10} {rule.message}"))
    for name, reason in difference.unread[:_NAMED]:
        typer.echo(visible(f"{name}: not read: {reason}"), err=True)
    typer.echo(
        f"{difference.captures} captures: {difference.alerts_before} alerts before, {difference.alerts_after} after;"
        f" {len(difference.rules)} rules differ"
    )


def _show_entry(entry: Entry, as_json: bool) -> None:
    if as_json:
        _print(_entry(entry))
        return
    how = " to the sensors that come first" if entry.deed is Deed.TRIED else ""
    typer.echo(f"{entry.deed} {entry.version:.12}{how}: {entry.counts.active} rules")


def _name_problems(problems: list[str]) -> None:
    for problem in problems[:_NAMED]:
        typer.echo(visible(problem), err=True)
    if len(problems) > _NAMED:
        typer.echo(f"and {len(problems) - _NAMED} more", err=True)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return asdict(candidate) | {"built_at": candidate.built_at.isoformat()}


def _entry(entry: Entry) -> dict[str, Any]:
    return asdict(entry) | {"at": entry.at.isoformat()}


def _rule(rule: Rule, found: RuleSeen) -> dict[str, Any]:
    last = None if found.last_at is None else found.last_at.isoformat()
    shown = {name: getattr(rule, name) for name in ("sid", "rev", "action", "protocol", "message", "classtype")}
    more = {"techniques": list(rule.techniques), "enabled": rule.enabled}
    return shown | more | {"alerts": found.alerts, "last_at": last}


def _print(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _actor() -> Actor:
    return Actor(f"cli:{getpass.getuser()}")
