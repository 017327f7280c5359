"""Asks the generator process for a capture."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drills.scenario import Scenario, schedule, unreachable_offline
from drills.telemetry import TELLING
from wardwatch.errors import EngineFault, UserError

# Every capture starts at this instant, whenever it is made: the same seed gives the same bytes.
EPOCH = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
GENERATOR_TIMEOUT_S = 600
_USER_FAULT = 2


@dataclass(frozen=True, slots=True)
class SentInject:
    """When an inject's first and last packets are in the capture (seconds since its start), and how many they are."""

    first_s: float
    last_s: float
    packets: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """What no packet leaves: networks (CIDR), packets a second, seconds since the start."""

    scope: tuple[str, ...]
    max_pps: int
    max_duration_s: float


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action of the generators, with resolved hosts; `at_s` counts from the start of the capture."""

    inject: str
    action: str
    at_s: float
    hosts: dict[str, str]
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DrillCapture:
    """A capture: its file, the SHA-256 of its bytes, and what was sent when."""

    path: Path
    sha256: str
    packets: int
    injects: dict[str, SentInject]


def make_capture(scenario: Scenario, seed: int, path: Path) -> DrillCapture:
    """The packets of a scenario, from the fixed epoch; what devices tell is not in it (drills.telemetry). Raises
    `UserError` for a plan out of bounds."""
    starts, left_out = schedule(scenario), unreachable_offline(scenario)
    actions = [
        PlannedAction(inject.id, inject.action, starts[inject.id].total_seconds(), scenario.hosts, inject.parameters)
        for inject in scenario.injects
        if inject.action not in TELLING and inject.id not in left_out
    ]
    if not actions:
        # Nothing but the canary is sent where all injects are told by devices.
        actions = [PlannedAction("", "silence", 0.0, scenario.hosts, {})]
    safety = scenario.safety
    bounds = Bounds(safety.scope, safety.max_pps, safety.max_duration.total_seconds())
    return generate(actions, bounds, seed, EPOCH, path, canary=True)


def generate(
    actions: Sequence[PlannedAction], bounds: Bounds, seed: int, epoch: datetime, path: Path, *, canary: bool = False
) -> DrillCapture:
    """Runs the generators in a process without credentials; the capture starts at `epoch` and may end in a canary."""
    plan = {
        "seed": seed,
        "epoch_us": int(epoch.timestamp() * 1_000_000),
        **dataclasses.asdict(bounds),
        "canary": canary,
        "actions": [dataclasses.asdict(action) for action in actions],
    }
    summary = _run_generators(plan, path)
    injects = {
        name: SentInject(sent["first_us"] / 1e6, sent["last_us"] / 1e6, sent["packets"])
        for name, sent in summary["injects"].items()
    }
    return DrillCapture(path, summary["sha256"], summary["packets"], injects)


def _run_generators(plan: dict[str, Any], path: Path) -> dict[str, Any]:
    try:
        run = subprocess.run(
            [sys.executable, "-m", "drills.generators", str(path)],
            input=json.dumps(plan),
            capture_output=True,
            text=True,
            timeout=GENERATOR_TIMEOUT_S,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise EngineFault(
            f"the packet generators took more than {GENERATOR_TIMEOUT_S} s",
            "make the scenario smaller",
        ) from None
    if run.returncode == _USER_FAULT:
        raise UserError(run.stderr.strip())
    if run.returncode != 0:
        raise EngineFault(f"the packet generators failed: {run.stderr.strip()[-300:]}")
    summary: dict[str, Any] = json.loads(run.stdout)
    return summary
