"""`wardwatch events`: map, import and count IDS events."""

import dataclasses
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from collectors.suricata.ecs import map_line
from collectors.suricata.import_file import import_file, open_eve, read_lines
from collectors.suricata.mapper import EveMapper
from wardwatch.cli.data import open_data
from wardwatch.cli.processes import DEFAULT_DATA, DataOption
from wardwatch.ecs import whole
from wardwatch.errors import UserError
from wardwatch.model.access import Scope
from wardwatch.model.ledger import RejectedLine, RejectedQuery
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import DEFAULT_NAMESPACE, Position, Rejected
from wardwatch.model.text import visible
from wardwatch.model.time import TimeRange, utc_now

app = typer.Typer(help="Map, import and count IDS events.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NAMED_LINES = 10
NamespaceOption = Annotated[str, typer.Option(help="`default`, or that of a drill.")]
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


@app.command("map")
def map_file(file: Annotated[Path, typer.Argument(help="An EVE file (JSON lines).")]) -> None:
    """Prints one ECS document a line, in input order. Lines that cannot be mapped are named on standard error, and the
    exit code is then 2."""
    out = sys.stdout.buffer
    refused = number = 0
    with open_eve(file) as lines:
        for number, line in enumerate(read_lines(lines, str(file)), start=1):
            outcome = map_line(line.data, line.position, None, utc_now())
            if isinstance(outcome, Rejected):
                refused += 1
                typer.echo(f"{file}:{number}: {outcome.reason}", err=True)
                continue
            out.write(whole(outcome))
            out.write(b"\n")
    out.flush()
    if refused:
        raise UserError(f"{file}: {refused} of {number} lines are no EVE records", "correct them, or take them out")


@app.command("import")
def import_events(
    file: Annotated[Path, typer.Argument(help="An EVE file (JSON lines).")],
    data: DataOption = DEFAULT_DATA,
    namespace: NamespaceOption = DEFAULT_NAMESPACE,
    as_json: JsonOption = False,
) -> None:
    """Stores every event of a file once, enriched from the inventory; the same file again stores nothing.

    Lines that are no EVE records are kept with their reasons, counted, and the first of them named."""
    open_eve(file).close()
    named = 0

    def name(number: int, reason: str) -> None:
        nonlocal named
        named += 1
        if named <= NAMED_LINES:
            typer.echo(f"{file}:{number}: {reason}", err=True)

    with open_data(data) as opened:
        counts = import_file(file, EveMapper(opened.locate, utc_now), opened.append, namespace, name)
    if named > NAMED_LINES:
        typer.echo(f"{file}: and {named - NAMED_LINES} more lines are no EVE records", err=True)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(counts)))
    else:
        typer.echo(
            f"{counts.read} lines read, {counts.stored} stored, {counts.duplicates} known before,"
            f" {counts.rejected} rejected, {counts.seconds:.1f} s"
        )


@app.command("count")
def count_events(
    by: Annotated[str, typer.Option(help="An ECS key, as in event.dataset or source.ip.")],
    data: DataOption = DEFAULT_DATA,
    namespace: NamespaceOption = DEFAULT_NAMESPACE,
    start: Annotated[str | None, typer.Option("--from", help="RFC 3339 time; absent from the beginning.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="RFC 3339 time, not included; absent to the end.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Counts stored events by the values of a field; events without it count under the empty string."""
    times = _time_range(start, end)
    with open_data(data, must_exist=True) as opened:
        counts = opened.count(EventQuery(times, namespace), by)
    if as_json:
        typer.echo(json.dumps(counts, ensure_ascii=False, indent=2))
        return
    for value, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        typer.echo(f"{number:>10}  {value or '(none)'}")


@app.command("rejected")
def list_rejected(
    data: DataOption = DEFAULT_DATA,
    source: Annotated[str | None, typer.Option(help="Of this source only, as the ledger names it.")] = None,
    at: Annotated[str | None, typer.Option(help="One line whole: SOURCE:OFFSET.", metavar="POSITION")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=10_000)] = 100,
    as_json: JsonOption = False,
) -> None:
    """Shows the lines that were refused, newest first, with the reason of each; lists show their beginnings."""
    with open_data(data, must_exist=True) as opened:
        if at is not None:
            line = opened.books.rejected_line(Scope.everything(), _position(at))
            if line is None:
                raise UserError(f"--at {at}: there is no refused line there", "it may be past its age")
            lines = [line]
        else:
            lines = list(opened.books.rejected(Scope.everything(), RejectedQuery(source=source, limit=limit)).items)
    if as_json:
        # Escaped throughout: what a hostile line says to a terminal stays unsaid.
        typer.echo(json.dumps([_refused(line) for line in lines], indent=2))
        return
    for line in lines:
        where = f"{line.position.source}:{line.position.offset}"
        typer.echo(f"{line.at:%Y-%m-%d %H:%M:%S} UTC  {visible(where)}  {visible(line.path)}")
        typer.echo(f"  {visible(line.reason)}")
        more = line.length - len(line.original)
        typer.echo(f"  {visible(line.original)}{f' ... and {more} characters more' if more > 0 else ''}")


def _refused(line: RejectedLine) -> dict[str, str | int]:
    return {
        "source": line.position.source,
        "offset": line.position.offset,
        "at": line.at.isoformat().replace("+00:00", "Z"),
        "path": line.path,
        "reason": line.reason,
        "original": line.original,
        "length": line.length,
    }


def _position(text: str) -> Position:
    source, colon, offset = text.rpartition(":")
    if not colon or not offset.isdecimal() or not offset.isascii():
        raise UserError(f"--at {text}: this is no position", "write SOURCE:OFFSET as the list shows it")
    return Position(source, int(offset))


def _time_range(start: str | None, end: str | None) -> TimeRange:
    first = _EARLIEST if start is None else _time("--from", start)
    last = _LATEST if end is None else _time("--to", end)
    if last < first:
        raise UserError(f"--to {end} lies before --from {start}", "swap them")
    return TimeRange(first, last)


def _time(option: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{option} {text}: this is no time", "write for example 2026-01-31T08:00:00+07:00") from None
    if at.tzinfo is None:
        raise UserError(f"{option} {text}: the time has no zone", f"write {text}Z or {text}+07:00")
    return at.astimezone(UTC)
