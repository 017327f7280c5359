"""A change pushed to fake devices: ours, with plan, checks, journal and a second login, beside netmiko alone.

The devices answer over real SSH from a process of their own. Both are given the same number of workers, in turns, and
devices that have not been changed yet. Our plan, which reads every device with a login of its own, is made before the
clock starts; the run reads each device again before it changes it, and logs in anew before it confirms.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playbooks.journal import State
from playbooks.lab.bare import pushed
from playbooks.lab.installation import Installation
from wardwatch.bench import machine
from wardwatch.errors import EngineFault

_LINES = ["interface Gi0/1", " description new", "ntp server 10.0.0.1"]
_ROLLOUT = (
    "rollout: {{canary: {{count: {workers}}}, batches: ['100%'], parallel: {workers}, per_site: 1000}}\n"
    "checks: {{post: [{{id: log-in, type: new_session}}]}}"
)


@dataclass(frozen=True, slots=True)
class PushBenchSettings:
    """How many devices, how many at once, and how often each way is measured."""

    devices: int = 100
    workers: int = 25
    rounds: int = 3


def run(settings: PushBenchSettings | None = None) -> dict[str, Any]:
    """Devices a second of both ways, the medians, and their ratio."""
    wanted = settings or PushBenchSettings()
    bare = sorted(_measured(wanted, _bare) for _ in range(wanted.rounds))
    both = sorted(_measured(wanted, _ours) for _ in range(wanted.rounds))
    ours, alone = both[len(both) // 2], bare[len(bare) // 2]
    return {
        "bench": "push",
        "machine": machine.describe(),
        "devices": wanted.devices,
        "workers": wanted.workers,
        "results": {
            "ours": {"devices_per_s": round(ours, 1), "logins_per_device": 2},
            "netmiko": {"devices_per_s": round(alone, 1), "logins_per_device": 1},
            "ratio": {"ours_to_netmiko": round(ours / alone, 2)},
        },
    }


def _measured(settings: PushBenchSettings, way: Callable[[PushBenchSettings, dict[str, Any], Path], float]) -> float:
    command = [sys.executable, "-m", "playbooks.lab", "cisco_ios", str(settings.devices)]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as lab,
    ):
        assert lab.stdout is not None
        where = json.loads(lab.stdout.readline())
        try:
            return settings.devices / way(settings, where, Path(folder))
        finally:
            assert lab.stdin is not None
            lab.stdin.close()


def _bare(settings: PushBenchSettings, where: dict[str, Any], _: Path) -> float:
    began = time.perf_counter()
    done = pushed(where["ports"], "cisco_ios", _LINES, settings.workers)
    if done != settings.devices:
        raise EngineFault(f"netmiko changed only {done} of {settings.devices} devices")
    return time.perf_counter() - began


def _ours(settings: PushBenchSettings, where: dict[str, Any], folder: Path) -> float:
    ports = {name: ("cisco_ios", port) for name, port in where["ports"].items()}
    installation = Installation(folder, ports, minute_s=60.0)
    installation.trust(where["host_key"])
    plan = installation.plan(_ROLLOUT.format(workers=settings.workers), {"cisco_ios": "\n".join(_LINES)})
    began = time.perf_counter()
    result = installation.runner.run(plan, "bench")
    spent = time.perf_counter() - began
    saved = sum(each.state is State.SAVED for each in result.values())
    if saved != settings.devices:
        raise EngineFault(f"only {saved} of {settings.devices} devices were changed")
    return spent
