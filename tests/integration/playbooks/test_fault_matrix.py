"""Each moment of a push against each thing that can go wrong: the end is known, and it is the new configuration or
exactly the old one."""

import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from playbooks.journal import FINAL, State, entries
from playbooks.lab.installation import Installation, fake
from playbooks.lab.server import Lab

PLATFORMS = ("cisco_ios", "huawei_vrp", "juniper_junos")
"""A timer, none, a candidate; Comware is imitated as VRP is, and would only cost time."""
MOMENTS = ("snapshot", "pushing", "sending", "pushed", "confirmed", "saved")
FAULTS = ("drop-first", "drop-middle", "bad-line", "refused-save", "lost-management", "locked", "refused-login")
TABLE: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def table() -> object:
    yield
    logging.getLogger(__name__).info("the matrix:\n%s", "\n".join(sorted(TABLE)))


def on_each(folder: Path, cell: Callable[[Path, str, str], None], what: str) -> None:
    """The cell on every platform at once: most of each is waiting."""
    for platform in PLATFORMS:
        (folder / platform).mkdir()
    with ThreadPoolExecutor(len(PLATFORMS)) as pool:
        list(pool.map(lambda platform: cell(folder / platform, platform, what), PLATFORMS))


@pytest.mark.parametrize("moment", MOMENTS)
def test_fault_matrix_killed(tmp_path: Path, moment: str) -> None:
    on_each(tmp_path, killed, moment)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_matrix_device(tmp_path: Path, fault: str) -> None:
    on_each(tmp_path, faulty, fault)


def killed(tmp_path: Path, platform: str, moment: str) -> None:
    device = fake("d1", platform)
    with Lab([device]) as lab:
        bench = Installation(tmp_path, {"d1": (platform, lab.ports["d1"])})
        bench.trust(lab.host_key)
        plan = bench.plan()
        before = device.running.text()
        arguments = [str(tmp_path), plan.id, platform, str(lab.ports["d1"]), "d1", moment]
        died = subprocess.run([sys.executable, "-m", "playbooks.lab.installation", *arguments], timeout=60, check=False)
        assert died.returncode == -signal.SIGKILL
        taken = list(device.lines_taken)
        standing = bench.runner.run(plan, "an")["d1"]
        assert standing.state in FINAL - {State.UNKNOWN}
        new = standing.state is State.SAVED
        assert ("new" in device.running.text()) is new
        if not new:
            assert device.running.text() == before
        assert device.startup.text() == device.running.text()
        sent = [each["line"] for each in entries(bench.runner.journal_of(plan.id)) if each["event"] == "sending"]
        assert len(sent) == len(set(sent)), "a line was sent twice"
        TABLE.append(f"{platform:<14} kill -9 at {moment:<16} {standing.state.value:<12} {len(taken)} lines before")


def faulty(tmp_path: Path, platform: str, fault: str) -> None:
    device = fake("d1", platform)
    with Lab([device]) as lab:
        bench = Installation(tmp_path, {"d1": (platform, lab.ports["d1"])})
        bench.trust(lab.host_key)
        plan = bench.plan()
        before, startup = device.running.text(), device.startup.text()
        lines = plan.devices[0].lines
        middle = next(line.strip() for line in lines[1:] if line.strip() not in ("exit", "quit"))
        match fault:
            case "drop-first":
                device.faults.drop_after = 0
            case "drop-middle":
                device.faults.drop_after = 1
            case "bad-line":
                device.faults.refuse = middle
            case "refused-save":
                device.faults.refuse_save = True
            case "lost-management":
                device.faults.lose_management_on = middle
            case "locked":
                device.faults.locked = True
            case "refused-login":
                device.faults.refuse_login = True
        standing = bench.runner.run(plan, "an")["d1"]
        TABLE.append(f"{platform:<14} {fault:<27} {standing.state.value:<12} {standing.why[:70]}")
        assert standing.state in (State.ROLLED_BACK, State.REFUSED)
        assert device.running.text() == before
        assert device.startup.text() == startup
