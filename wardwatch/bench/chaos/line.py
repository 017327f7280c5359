"""The line between a remote edge and the core: two ends of a virtual cable in two network namespaces."""

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from wardwatch.bench.chaos.installing import CORE_ADDRESS
from wardwatch.bench.chaos.trial import Trial
from wardwatch.errors import SystemFault

EDGE_ADDRESS = "198.18.1.2"
CABLE = "edge0"
CUTS = 3


@contextlib.contextmanager
def laid() -> Iterator[int]:
    """Lays the line; yields the process whose namespace is the edge's end. It goes with that process, which ends with
    this one."""
    holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)
    try:
        _await_namespace(holder)
        _ip(f"link add {CABLE} type veth peer name core0 netns {holder.pid}")
        _ip(f"address add {CORE_ADDRESS}/24 dev {CABLE}")
        _ip(f"link set {CABLE} up")
        for words in ("link set lo up", f"address add {EDGE_ADDRESS}/24 dev core0", "link set core0 up"):
            _run(["nsenter", "-t", str(holder.pid), "-n", "ip", *words.split()])
        yield holder.pid
    finally:
        # The kernel takes a namespace down some time after its last process; the next line needs the name now.
        subprocess.run(["ip", "link", "delete", CABLE], capture_output=True, check=False)
        holder.kill()
        holder.wait()


def cut(trial: Trial) -> None:
    """The cable is pulled in the middle of an ingest, and plugged in again."""
    for portion in trial.portions(CUTS):
        trial.sensor.write(portion // 3)
        time.sleep(trial.chance.uniform(0, 1.0))
        _ip(f"link set {CABLE} down")
        mark = trial.sensor.written
        trial.sensor.write(portion // 3)
        time.sleep(trial.plan.away_s / CUTS)
        _ip(f"link set {CABLE} up")
        back = time.monotonic()
        trial.sensor.write(portion - 2 * (portion // 3))
        trial.recover(back, mark)


def _await_namespace(holder: "subprocess.Popen[bytes]") -> None:
    """Until it has left ours, what is moved to it would stay here."""
    deadline = time.monotonic() + 10
    while _namespace("self") == _namespace(str(holder.pid)):
        if holder.poll() is not None or time.monotonic() > deadline:
            raise SystemFault("no network namespace could be made", "are they allowed here?")
        time.sleep(0.02)


def _namespace(process: str) -> str:
    return str(Path(f"/proc/{process}/ns/net").readlink())


def _ip(words: str) -> None:
    _run(["ip", *words.split()])


def _run(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemFault(f"{' '.join(command)}: {ended.stderr.strip()}", "are network namespaces allowed here?")
