"""Asks the generator process for a capture."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drills.scenario import Scenario, schedule
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
class DrillCapture:
    """A capture: its file, the SHA-256 of its bytes, and what was sent when."""

    path: Path
    sha256: str
    packets: int
    injects: dict[str, SentInject]


def make_capture(scenario: Scenario, seed: int, path: Path, epoch: datetime = EPOCH) -> DrillCapture:
    """Runs the generators in a process without credentials. Raises `UserError` for a plan out of bounds."""
    starts = schedule(scenario)
    plan = {
        "seed": seed,
        "epoch_us": int(epoch.timestamp() * 1_000_000),
        "scope": scenario.safety.scope,
        "max_pps": scenario.safety.max_pps,
        "max_duration_s": scenario.safety.max_duration.total_seconds(),
        "actions": [
            {
                "inject": inject.id,
                "action": inject.action,
                "at_s": starts[inject.id].total_seconds(),
                "hosts": scenario.hosts,
                "parameters": inject.parameters,
            }
            for inject in scenario.injects
        ],
    }
    summary = _generate(plan, path)
    injects = {
        name: SentInject(sent["first_us"] / 1e6, sent["last_us"] / 1e6, sent["packets"])
        for name, sent in summary["injects"].items()
    }
    return DrillCapture(path, summary["sha256"], summary["packets"], injects)


def _generate(plan: dict[str, Any], path: Path) -> dict[str, Any]:
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
