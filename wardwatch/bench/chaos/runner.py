"""Runs the faults one after the other, each on an installation of its own."""

import contextlib
import fcntl
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wardwatch.bench.chaos import disk, engine, line
from wardwatch.bench.chaos.figures import Figures, Plan
from wardwatch.bench.chaos.installing import DEVICES, install
from wardwatch.bench.chaos.kills import kills
from wardwatch.bench.chaos.sensor import Sensor
from wardwatch.bench.chaos.trial import Inflict, Trial
from wardwatch.bench.chaos.verify import verify
from wardwatch.bench.elasticsearch_node import ElasticsearchNode, elasticsearch_cluster, elasticsearch_node
from wardwatch.errors import UserError, WardWatchError

EMBEDDED, ELASTIC = "embedded", "elasticsearch"
PREFIX = "wwchaos-"
REFRESH_S = 2.0
"""After so long Elasticsearch shows what it has stored."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done, on which engines (nodes of Elasticsearch: 1 or 3), and what stands there meanwhile."""

    inflict: Inflict
    engines: tuple[str, ...] = (EMBEDDED, ELASTIC)
    nodes: int = 1
    remote: bool = False
    devices: int = 0
    small_disk: bool = False


FAULTS: dict[str, Fault] = {
    "kill_core": Fault(kills("core")),
    "kill_ingest": Fault(kills("ingest")),
    "kill_collect": Fault(kills("collect"), devices=DEVICES),
    "kill_edge": Fault(kills("edge"), remote=True),
    "line_cut": Fault(line.cut, remote=True),
    "disk_full": Fault(disk.full, small_disk=True),
    "engine_away": Fault(engine.away, engines=(ELASTIC,)),
    "engine_hung": Fault(engine.hung, engines=(ELASTIC,)),
    "one_of_three": Fault(engine.one_of_three, engines=(ELASTIC,), nodes=3),
}


def names() -> tuple[str, ...]:
    """Every trial: the fault and its engine."""
    return tuple(f"{name}_{on}" for name, fault in FAULTS.items() for on in fault.engines)


def chosen(only: Sequence[str]) -> tuple[str, ...]:
    """The trials whose names begin so. Raises `UserError` for a beginning of none."""
    for word in only:
        if not any(name.startswith(word) for name in names()):
            raise UserError(f"there is no fault '{word}'", f"there are {', '.join(names())}")
    return tuple(name for name in names() if not only or name.startswith(tuple(only)))


def run(plan: Plan, only: Sequence[str] = ()) -> tuple[dict[str, Any], bool]:
    """The figures by trial, and whether all is well. A trial that could not end has its reason for figures."""
    figures, well = dict[str, Any](), True
    for name in chosen(only):
        began = time.monotonic()
        fault, on = FAULTS[name.rpartition("_")[0]], name.rpartition("_")[2]
        try:
            result = _try(plan, fault, on, random.Random(f"{plan.seed} {name}"))
            figures[name], fine = result.shown(), result.is_well
        except WardWatchError as error:
            figures[name], fine = {"failed": str(error)}, False
        well = well and fine
        _say(f"{'ok  ' if fine else 'FAIL'} {name} seed={plan.seed} s={time.monotonic() - began:.0f} {figures[name]}")
    return figures, well


def _try(plan: Plan, fault: Fault, on: str, chance: random.Random) -> Figures:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(_folder()))
        if fault.small_disk:
            stack.enter_context(disk.small(folder / "town" / "core"))
        nodes, records = stack.enter_context(_engine(on, fault.nodes, folder / "nodes"))
        rig = install(folder / "town", records, fault.remote, fault.devices)
        if fault.remote:
            rig.inside["edge"] = ("nsenter", "-t", str(stack.enter_context(line.laid())), "-n", "--")
        sensor = Sensor(rig.eve, plan.lines, plan.seed)
        trial = Trial(plan, rig, sensor, chance, nodes)
        try:
            rig.start()
            fault.inflict(trial)
            trial.settle()
        finally:
            sensor.close()
            rig.stop()
        time.sleep(REFRESH_S if nodes else 0.0)
        return verify(rig, sensor, trial.recoveries)


@contextmanager
def _folder() -> Iterator[str]:
    """Locked while it is in use, so that the next run knows what one that was killed outright has left."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), _locked(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=PREFIX)
    try:
        with _locked(Path(folder)):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)


@contextmanager
def _engine(on: str, count: int, folder: Path) -> Iterator[tuple[Sequence[ElasticsearchNode], str]]:
    """Its nodes and the line of settings that names them."""
    if on == EMBEDDED:
        yield (), ""
        return
    make: Callable[[Path], AbstractContextManager[Sequence[ElasticsearchNode]]] = (
        elasticsearch_cluster if count > 1 else _single
    )
    with make(folder) as nodes:
        urls = ", ".join(node.url for node in nodes)
        yield nodes, f"records: {{engine: elasticsearch, urls: [{urls}], replicas: {min(count - 1, 1)}}}\n"


@contextmanager
def _single(folder: Path) -> Iterator[Sequence[ElasticsearchNode]]:
    with elasticsearch_node(folder) as node:
        yield (node,)


def _say(words: str) -> None:
    sys.stderr.write(f"chaos: {words}\n")
    sys.stderr.flush()
