"""`wardwatch discover`: look for devices, and decide of those that were found."""

import asyncio
import getpass
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from typer.core import TyperGroup

from wardwatch.cli.data import OpenData, open_data
from wardwatch.discovery.netbox import read_netbox
from wardwatch.errors import NotFound, UserError
from wardwatch.model.access import Actor
from wardwatch.model.discovery import Candidate, CandidateQuery, CandidateState, Decision, Search, SearchState, Way
from wardwatch.model.text import visible
from wardwatch.model.time import utc_now

_LOOK_EVERY_S = 0.5
_MOST_LISTED = 1000


class _SearchFirst(TyperGroup):
    """`discover 10.1.2.0/24` is `discover search 10.1.2.0/24`: only the other commands are named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["search", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_SearchFirst,
    help="Look for devices, and decide of those that were found.",
    add_completion=False,
    no_args_is_help=True,
)

Data = Annotated[Path, typer.Option("--data", help="Data folder of the installation.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CandidateId = Annotated[str, typer.Argument(metavar="CANDIDATE", help="Its id, or as much of it as is needed.")]


@app.command("search")
def search(
    data: Data,
    prefix: Annotated[
        str | None, typer.Argument(metavar="PREFIX", help="Sweep this prefix, inside the inventory's networks.")
    ] = None,
    crawl: Annotated[
        str | None, typer.Option("--crawl", metavar="DEVICE", help="Go from this device to its neighbours (LLDP, CDP).")
    ] = None,
    netbox: Annotated[
        list[Path] | None,
        typer.Option("--netbox", metavar="FILE", help="NetBox's JSON or CSV export; again for interfaces, addresses."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="UDP port to ask; else what devices there use.", min=1, max=65535)
    ] = None,
    depth: Annotated[int, typer.Option(help="How far a crawl goes.", min=1, max=8)] = 3,
    as_json: AsJson = False,
) -> None:
    """Looks for devices: by a sweep (PREFIX), a crawl (--crawl) or in NetBox's export (--netbox). What is found waits
    for a decision: discover list, accept, reject, merge."""
    if sum(bool(each) for each in (prefix, crawl, netbox)) != 1:
        raise UserError("say one place to look", "PREFIX, --crawl DEVICE or --netbox FILE")
    actor = Actor(f"cli:{getpass.getuser()}")
    with open_data(data, must_exist=True) as installation:
        if netbox:
            heard, left_out = read_netbox(netbox, utc_now())
            for line in left_out:
                typer.echo(f"left out: {line}", err=True)
            names = ", ".join(path.name for path in netbox)
            done = installation.discovery.import_netbox(actor, names, heard)
        else:
            way, target = (Way.SWEEP, prefix) if prefix else (Way.CRAWL, crawl)
            done = _searched(installation, actor, way, str(target), port, depth, as_json)
    typer.echo(json.dumps(msgspec.to_builtins(done)) if as_json else _summary(done))
    if done.state is SearchState.FAILED:
        raise UserError(f"the search ended early: {done.note}")


@app.command("list")
def list_(
    data: Data,
    state: Annotated[
        list[CandidateState] | None, typer.Option("--state", help="Any of these; new unless given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Shows candidates, seen last first."""
    with open_data(data, must_exist=True) as installation:
        found = _listed(installation, tuple(state or (CandidateState.NEW,)))
    if as_json:
        typer.echo(json.dumps([msgspec.to_builtins(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        typer.echo("\n".join(_lines(each)))
    typer.echo(f"{len(found)} candidates")


@app.command("accept")
def accept(
    data: Data,
    candidate: CandidateId,
    id_: Annotated[str | None, typer.Option("--id", help="The new device's id.")] = None,
    name: Annotated[str | None, typer.Option(help="The new device's name.")] = None,
    role: Annotated[str | None, typer.Option(help="access-switch, router, firewall ...")] = None,
    unit: Annotated[str | None, typer.Option(help="The unit it belongs to.")] = None,
    site: Annotated[str | None, typer.Option(help="The site it stands at.")] = None,
    zone: Annotated[str | None, typer.Option(help="The zone it is polled in.")] = None,
    address: Annotated[str | None, typer.Option(help="The address to poll it at.")] = None,
    credential: Annotated[str | None, typer.Option(help="The id of its credential.")] = None,
) -> None:
    """Puts a candidate into the inventory: as proposed, but for what is given here."""
    decision = Decision("accept", id_, name, role, unit, site, zone, address, credential)
    done = _decided(data, candidate, decision)
    typer.echo(f"accepted {visible(done.heard.address)} as device {done.device}")


@app.command("reject")
def reject(data: Data, candidate: CandidateId) -> None:
    """Rejects a candidate: it stays rejected however often it is seen."""
    done = _decided(data, candidate, Decision("reject"))
    typer.echo(f"rejected {visible(done.heard.address)}")


@app.command("merge")
def merge(
    data: Data,
    candidate: CandidateId,
    device: Annotated[str | None, typer.Option(help="The device it is; else the one that was recognised.")] = None,
) -> None:
    """Says that a candidate is a device of the inventory: its address joins that one's others."""
    done = _decided(data, candidate, Decision("merge", device))
    typer.echo(f"merged {visible(done.heard.address)} with device {done.device}")


def _searched(
    installation: OpenData, actor: Actor, way: Way, target: str, port: int | None, depth: int, quiet: bool
) -> Search:
    """The search when it is done: by the running collector, else here."""
    found = installation.discovery.ask(actor, way, target, port, depth)
    if not installation.runs:
        return _search_here(installation)
    while found.state in (SearchState.WAITING, SearchState.RUNNING):
        time.sleep(_LOOK_EVERY_S)
        before, found = found, installation.discovery.search(found.id)
        if not quiet and found.asked != before.asked:
            typer.echo(f"asked {found.asked}, answered {found.answered}", err=True)
    return found


def _search_here(installation: OpenData) -> Search:
    # Loading what asks devices takes a while, which a command that asks a running instance need not wait for.
    from wardwatch.app.finding import finder

    taken = installation.discovery.take()
    assert taken is not None, "it was asked for a moment ago, and nobody else works on the folder"

    async def run() -> Search:
        async def report(search: Search, heard: Sequence[Any]) -> Search:
            return await asyncio.to_thread(installation.discovery.note, search, heard)

        return await finder(installation.resolve).run(taken, installation.inventory, report)

    return asyncio.run(run())


def _listed(installation: OpenData, states: tuple[CandidateState, ...]) -> list[Candidate]:
    found: list[Candidate] = []
    cursor: str | None = None
    while True:
        page = installation.discovery.candidates(CandidateQuery(states, limit=_MOST_LISTED, cursor=cursor))
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def _decided(data: Path, started: str, decision: Decision) -> Candidate:
    with open_data(data, must_exist=True) as installation:
        known = [each.id for each in _listed(installation, ())]
        whole = [each for each in known if each.startswith(started)]
        if len(whole) != 1:
            how = "several candidates begin so" if whole else "there is no candidate"
            raise NotFound(f"{how}: '{started}'", "wardwatch discover list shows them")
        return installation.discovery.decide(Actor(f"cli:{getpass.getuser()}"), whole[0], decision)


def _summary(done: Search) -> str:
    told = f"asked {done.asked} addresses, " if done.way is not Way.NETBOX else ""
    told += f"{done.answered} devices, {done.known} in the inventory, {done.found} candidates"
    told += f", {done.passed_over} passed over" if done.passed_over else ""
    return told + (f"\nnote: {visible(done.note)}" if done.note and done.state is SearchState.DONE else "")


def _lines(candidate: Candidate) -> list[str]:
    heard, proposal = candidate.heard, candidate.proposal
    kind = " ".join(filter(None, (heard.vendor, heard.model))) or heard.family or "unknown product"
    where = " ".join(f"{name} {getattr(proposal, name) or '?'}" for name in ("unit", "site", "zone", "role"))
    shown = [
        f"{candidate.id[:8]}  {candidate.state}  {heard.address}:{heard.port}  {proposal.name}  ({kind})",
        f"          {where}  credential {heard.credential or 'none worked'}  found by {heard.way} from {heard.source}",
    ]
    if candidate.duplicate is not None:
        shown.append(f"          seems to be device {candidate.duplicate.device}: the same {candidate.duplicate.by}")
    return [visible(line) for line in shown]
