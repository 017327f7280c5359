"""Real processes under the real supervisor: restarts, last words, orderly stops, no orphans."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wardwatch.errors import SystemFault, UserError
from wardwatch.shipping.shippers import Backoff
from wardwatch.supervision import ProcessPlan, Supervisor

pytestmark = pytest.mark.anyio
SOON = Backoff(0.05, 0.1)
CHILD = """
import asyncio, os, pathlib, sys
from wardwatch.supervision import until_released

async def main():
    folder = pathlib.Path(sys.argv[1])
    (folder / "pid").write_text(str(os.getpid()))
    print("child speaks", flush=True)
    await until_released()
    (folder / "stopped").write_text("in order")

asyncio.run(main())
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def supervisor(folder: Path, code: str, ready: Callable[[], bool]) -> Supervisor:
    async def is_ready() -> bool:
        return ready()

    plan = ProcessPlan("child", (code, str(folder)), is_ready, 20)
    return Supervisor([plan], folder / "logs", SOON, (sys.executable, "-c"))


def pid_of(folder: Path) -> int:
    try:
        return int((folder / "pid").read_text())
    except (FileNotFoundError, ValueError):
        return 0


def spoken(folder: Path) -> str:
    log = folder / "logs" / "child.log"
    return log.read_text() if log.exists() else ""


def runs(pid: int) -> bool:
    """Whether a process is there and more than an entry that its new parent has not read yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_killed_process_comes_back_and_all_stop_in_order(tmp_path: Path) -> None:
    watched = supervisor(tmp_path, CHILD, lambda: pid_of(tmp_path) > 0)
    await watched.start()
    first = pid_of(tmp_path)
    os.kill(first, signal.SIGKILL)
    await until(lambda: pid_of(tmp_path) not in (0, first))
    assert watched.restarts() == {"child": 1}
    second = pid_of(tmp_path)
    log = tmp_path / "logs" / "child.log"
    await until(lambda: log.read_text().count("child speaks") == 2)
    await watched.stop()
    assert (tmp_path / "stopped").read_text() == "in order"
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


async def test_a_child_that_refuses_to_start_is_quoted(tmp_path: Path) -> None:
    refusing = "import sys; print('wardwatch: port 80 is in use'); print('  hint: choose another'); sys.exit(2)"
    watched = supervisor(tmp_path, refusing, lambda: False)
    with pytest.raises(UserError, match=r"^port 80 is in use \(hint: choose another\)"):
        await watched.start()
    await watched.stop()


@pytest.mark.parametrize("stream", ["subprocess.DEVNULL", "None"])
async def test_what_a_killed_process_leaves_is_swept(tmp_path: Path, stream: str) -> None:
    """Also where it holds the dead process's output open (None: inherited), which then never ends by itself."""
    owner = f"""
import os, pathlib, subprocess, sys, time
streams = {{"stdin": subprocess.DEVNULL, "stdout": {stream}, "stderr": {stream}}}
engine = subprocess.Popen(["sleep", "600"], **streams)
folder = pathlib.Path(sys.argv[1])
(folder / f"{{os.getpid()}}.engine").write_text(str(engine.pid))
(folder / "pid").write_text(str(os.getpid()))
time.sleep(600)
"""
    watched = supervisor(tmp_path, owner, lambda: pid_of(tmp_path) > 0)
    await watched.start()
    first = pid_of(tmp_path)
    os.kill(first, signal.SIGKILL)
    await until(lambda: pid_of(tmp_path) not in (0, first))
    engine = int((tmp_path / f"{first}.engine").read_text())
    await until(lambda: not runs(engine))
    await watched.stop(timeout_s=0.3)


async def test_a_log_that_cannot_be_written_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "child.log").symlink_to("/dev/full")
    watched = supervisor(tmp_path, "print('one'); print('two'); " + CHILD, lambda: pid_of(tmp_path) > 0)
    await watched.start()
    await until(lambda: "lines are lost" in caplog.text)
    await watched.stop()
    assert caplog.text.count("lines are lost") == 1
    assert "No space left on device" in caplog.text


async def test_a_program_that_cannot_be_started_is_quoted(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    plan = ProcessPlan("child", (), never, 0.5)
    watched = Supervisor([plan], tmp_path / "logs", SOON, (str(tmp_path / "no-such-program"),))
    with pytest.raises(SystemFault, match="child was not ready after 0 s: cannot be started: No such file"):
        await watched.start()
    await watched.stop()


async def test_a_child_that_ignores_the_stop_is_killed(tmp_path: Path) -> None:
    deaf = (
        "import os, pathlib, sys, time; pathlib.Path(sys.argv[1], 'pid').write_text(str(os.getpid())); time.sleep(600)"
    )
    watched = supervisor(tmp_path, deaf, lambda: pid_of(tmp_path) > 0)
    await watched.start()
    await watched.stop(timeout_s=0.3)
    with pytest.raises(ProcessLookupError):
        os.kill(pid_of(tmp_path), 0)


async def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    parent_code = """
import asyncio, pathlib, sys
from wardwatch.supervision import ProcessPlan, Supervisor
folder = pathlib.Path(sys.argv[1])
async def main():
    plan = ProcessPlan("child", (sys.argv[2], sys.argv[1]))
    watched = Supervisor([plan], folder / "logs", program=(sys.executable, "-c"))
    await watched.start()
    await asyncio.sleep(600)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", parent_code, str(tmp_path), CHILD)
    await until(lambda: "child speaks" in spoken(tmp_path))
    parent.kill()
    await parent.wait()
    await until(lambda: (tmp_path / "stopped").exists())
