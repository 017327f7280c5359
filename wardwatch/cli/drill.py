"""`wardwatch drill`: rehearse attacks and read how the defence did."""

import asyncio
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from drills.navigator import layer
from drills.offline import DrillResult, missed, run_library, run_offline
from drills.pipeline import batches, namespace
from drills.report import markdown
from drills.scenario import SHIPPED, Scenario, load_scenario
from drills.sensor import SensorSettings
from wardwatch.cli.data import open_data
from wardwatch.errors import NotFound, UserError
from wardwatch.settings import DataFolder
from wardwatch.strict_yaml import nearest

app = typer.Typer(help="Rehearse attacks and read how the defence did.", no_args_is_help=True)


@app.command("list")
def list_scenarios() -> None:
    """Lists the scenarios that are shipped."""
    for path in sorted(SHIPPED.glob("*.yaml")):
        scenario = load_scenario(path)
        typer.echo(f"{scenario.id}  {scenario.title.vi} / {scenario.title.en}")


@app.command()
def lint(scenarios: Annotated[list[Path], typer.Argument(help="Scenario files.")]) -> None:
    """Checks scenarios; every problem is named with file and line."""
    for path in scenarios:
        scenario = load_scenario(path)
        expectations = sum(len(inject.expectations) for inject in scenario.injects)
        typer.echo(f"{path}: ok, {len(scenario.injects)} injects, {expectations} expectations")


@app.command()
def run(
    scenario: Annotated[str, typer.Argument(help="A scenario file, or the id of a shipped one.")],
    offline: Annotated[bool, typer.Option("--offline", help="Generate packets and let Suricata read them.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same packets.", min=0)] = 1,
    data: Annotated[Path | None, typer.Option(help="Data folder: keep the run and its records there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of Markdown.")] = False,
) -> None:
    """Carries a scenario out and scores it. Its packets leave nowhere: they are written to a file only."""
    if not offline:
        raise UserError("only offline runs exist so far", "add --offline")
    chosen = load_scenario(_path(scenario))
    started_at = datetime.now(UTC)
    if data is None:
        with tempfile.TemporaryDirectory(prefix="wardwatch-drill-") as folder:
            result = _run(chosen, seed, Path(folder), started_at)
    else:
        folder_name = f"{chosen.id}-{seed}-{started_at:%Y%m%dT%H%M%SZ}"
        result = _run(chosen, seed, DataFolder(data).drills / folder_name, started_at)
        _keep(result, data)
    typer.echo(json.dumps(result.as_json(), ensure_ascii=False, indent=2) if as_json else markdown(result))


@app.command()
def rehearse(
    seed: Annotated[int, typer.Option(help="The same seed gives the same packets.", min=0)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    layer_file: Annotated[
        Path | None, typer.Option("--layer", help="Write the techniques' coverage as an ATT&CK Navigator layer (4.5).")
    ] = None,
) -> None:
    """Carries all shipped scenarios out offline on one Suricata; a miss or a false positive is exit code 1."""
    scenarios = [load_scenario(path) for path in sorted(SHIPPED.glob("*.yaml"))]
    with tempfile.TemporaryDirectory(prefix="wardwatch-drill-") as folder:
        results = asyncio.run(run_library(scenarios, seed, Path(folder), datetime.now(UTC), SensorSettings()))
    if layer_file is not None:
        _write_layer(results, layer_file)
    if as_json:
        typer.echo(json.dumps([result.as_json() for result in results], ensure_ascii=False, indent=2))
    else:
        for result in results:
            counts = result.as_json()["counts"]
            said = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
            typer.echo(
                f"{result.scenario.id}: {said}; {len(result.false_positives)} false positives; {result.replay_s:.2f} s"
            )
        typer.echo(f"suricata loaded its rules in {results[0].load_s:.2f} s")
    if any(missed(result) or result.false_positives for result in results):
        raise typer.Exit(1)


def _write_layer(results: list[DrillResult], path: Path) -> None:
    made = layer(results, f"WardWatch {results[0].started_at:%Y-%m-%d}")
    try:
        path.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"the layer {path} cannot be written: {error.strerror}") from None


def _run(scenario: Scenario, seed: int, folder: Path, started_at: datetime) -> DrillResult:
    return asyncio.run(run_offline(scenario, seed, folder, started_at, SensorSettings()))


def _keep(result: DrillResult, data: Path) -> None:
    """Sends the run's records down the path of real ones, into the drill's namespace."""
    (result.eve.parent / "report.md").write_text(markdown(result), encoding="utf-8")
    with open_data(data) as opened:
        for batch in batches(result, opened.locate, datetime.now(UTC)):
            opened.append(batch)
    typer.echo(f"records are in namespace {namespace(result)}", err=True)


def _path(scenario: str) -> Path:
    given = Path(scenario)
    if given.exists() or given.suffix in (".yaml", ".yml"):
        return given
    shipped = {path.stem: path for path in SHIPPED.glob("*.yaml")}
    if scenario not in shipped:
        raise NotFound(f"there is no scenario '{scenario}'", nearest(scenario, list(shipped)))
    return shipped[scenario]
