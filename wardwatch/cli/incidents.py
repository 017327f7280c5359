"""`wardwatch incidents`: what people work on, from a terminal.

The state store takes several processes at once, so that this works beside a running instance and without one; pages
show a change within seconds.
"""

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from wardwatch.errors import NotFound, UserError
from wardwatch.incidents import lifecycle
from wardwatch.incidents.clocks import due
from wardwatch.incidents.handover import Handover, handover, late
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.state import IncidentQuery
from wardwatch.model.status import Severity
from wardwatch.model.text import visible
from wardwatch.model.time import TimeRange, utc_now
from wardwatch.ports import StateStore
from wardwatch.settings import DataFolder

app = typer.Typer(help="List, take, assign and close incidents.", add_completion=False, no_args_is_help=True)

_ALL = Scope.everything()
Data = Annotated[Path, typer.Option("--data", help="Data folder of the installation.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Number = Annotated[int, typer.Argument(help="The incident's number.", metavar="NUMBER", min=1)]
Comment = Annotated[str | None, typer.Option("--comment", help="What there is to say.")]
Verdict = StrEnum("Verdict", [(verdict.upper(), verdict) for verdict in lifecycle.VERDICTS])  # type: ignore[misc]


@app.command("list")
def list_(
    data: Data,
    state: Annotated[list[IncidentState] | None, typer.Option(help="Any of these; open and acknowledged else.")] = None,
    severity: Annotated[list[Severity] | None, typer.Option(help="Any of these.")] = None,
    unit: Annotated[str | None, typer.Option(help="Incidents that touch this unit.")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Shows incidents, the newest first, each with when its next step is due."""
    states = tuple(state or (IncidentState.OPEN, IncidentState.ACKNOWLEDGED))
    query = IncidentQuery(states=states, severities=tuple(severity or ()), unit=unit, limit=limit)
    with _state(data) as store:
        page = store.incidents.incidents(_ALL, query)
    if as_json:
        typer.echo(json.dumps({"incidents": [_shown(each) for each in page.items], "total": page.total}, indent=2))
        return
    for incident in page.items:
        typer.echo(_line(incident))
    typer.echo(f"{len(page.items)} of {page.total} incidents")


@app.command("show")
def show(number: Number, data: Data, as_json: AsJson = False) -> None:
    """Shows an incident with its timeline."""
    with _state(data) as store:
        incident = _numbered(store, number)
        timeline = store.incidents.timeline(_ALL, incident.id)
    if as_json:
        entries = [json.loads(json.dumps(asdict(entry), default=str)) for entry in timeline]
        typer.echo(json.dumps(_shown(incident) | {"timeline": entries}, indent=2))
        return
    typer.echo(_line(incident))
    for entry in timeline:
        typer.echo(f"  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.kind:<11}  {visible(entry.summary.en)}")


@app.command("ack")
def acknowledge(
    number: Number,
    data: Data,
    user: Annotated[str | None, typer.Option("--for", help="The user who takes it.", metavar="USER")] = None,
    comment: Comment = None,
) -> None:
    """Takes an open incident, for a user of the pages or for whoever is at this terminal."""
    with _state(data) as store:
        incident = _numbered(store, number)
        if user is not None:
            incident = _assigned(store, incident, user)
        taken = lifecycle.acknowledge(store.incidents, _ALL, _actor(), incident.id, incident.version, utc_now())
        typer.echo(_line(_commented(store, taken, comment)))


@app.command("assign")
def assign(
    number: Number,
    user: Annotated[str, typer.Argument(help="An active user.", metavar="USER")],
    data: Data,
    comment: Comment = None,
) -> None:
    """Gives an incident to a user."""
    with _state(data) as store:
        typer.echo(_line(_commented(store, _assigned(store, _numbered(store, number), user), comment)))


@app.command("close")
def close(
    number: Number,
    verdict: Annotated[Verdict, typer.Argument(help="What it was.", metavar="VERDICT")],
    data: Data,
    comment: Comment = None,
) -> None:
    """Closes an incident with a verdict."""
    with _state(data) as store:
        known = _numbered(store, number)
        said = str(verdict.value)
        closed = lifecycle.close(store.incidents, _ALL, _actor(), known.id, known.version, said, utc_now(), comment)
    typer.echo(_line(closed))


@app.command("handover")
def hand_over(
    data: Data,
    hours: Annotated[int, typer.Option(help="How long the shift was.", min=1, max=168)] = 8,
    as_json: AsJson = False,
) -> None:
    """Writes what this shift tells the next one."""
    now = utc_now()
    with _state(data) as store:
        note = handover(store, _ALL, TimeRange(now - timedelta(hours=hours), now))
    if as_json:
        parts = {name: [_shown(each) for each in getattr(note, name)] for name in ("open", "late", "opened", "closed")}
        typer.echo(json.dumps(parts | {"waiting_groups": note.waiting_groups, "ending": len(note.ending)}, indent=2))
        return
    _print(note)


def _print(note: Handover) -> None:
    for title, incidents in (
        ("past their clock", note.late),
        ("open", note.open),
        ("opened in this shift", note.opened),
        ("closed in this shift", note.closed),
    ):
        typer.echo(f"{len(incidents)} {title}")
        for incident in incidents:
            typer.echo(f"  {_line(incident)}")
    typer.echo(f"{note.waiting_groups} alert groups wait in the inbox")
    for hidden in note.ending:
        typer.echo(f"  shown again from {hidden.expires_at:%Y-%m-%d %H:%M} UTC: {visible(hidden.reason)}")


@contextmanager
def _state(folder: Path) -> Iterator[StateStore]:
    from wardwatch.installation import read_installation

    if not folder.is_dir():
        raise UserError(f"{folder}: there is no such data folder", "give the folder of an installation with --data")
    store = read_installation(DataFolder(folder)).open_state(utc_now)
    try:
        yield store
    finally:
        store.close()


def _numbered(store: StateStore, number: int) -> Incident:
    query = IncidentQuery(namespace=None, limit=1, cursor=str(number + 1))
    found = store.incidents.incidents(_ALL, query).items
    if not found or found[0].number != number:
        raise NotFound(f"there is no incident {number}", "wardwatch incidents list shows them")
    return found[0]


def _assigned(store: StateStore, incident: Incident, name: str) -> Incident:
    user = store.accounts.user(name.lower())
    if user is None or not user.active:
        raise UserError(f"there is no active user '{name}'", "give the user name as it is used to log in")
    return lifecycle.assign(store.incidents, _ALL, _actor(), incident.id, incident.version, user.name, utc_now())


def _commented(store: StateStore, incident: Incident, text: str | None) -> Incident:
    if not text:
        return incident
    return lifecycle.comment(store.incidents, _ALL, _actor(), incident.id, incident.version, text, utc_now())


def _actor() -> Actor:
    return Actor(f"cli:{getpass.getuser()}")


def _shown(incident: Incident) -> dict[str, Any]:
    deadline = due(incident)
    shown: dict[str, Any] = json.loads(json.dumps(asdict(incident), default=str))
    return shown | {"due_at": deadline.isoformat() if deadline else None, "late": late(incident, utc_now())}


def _line(incident: Incident) -> str:
    deadline, drill = due(incident), "drill  " if incident.drill else ""
    clock = f"due {deadline:%m-%d %H:%M}" if deadline else ""
    overdue = " LATE" if late(incident, utc_now()) else ""
    verdict = f" as {incident.verdict}" if incident.verdict else ""
    return (
        f"#{incident.number:<5} {incident.severity:<8} {incident.state + verdict:<14} {clock:<15}{overdue}  "
        f"{incident.assignee or '-':<12} {drill}{visible(incident.title.en)}"
    )
