"""What a run that was killed left behind: its processes carry the mark of their data folder, by which the next run
finds them, whoever their parent is by now. Linux only; elsewhere nothing is found."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from wardwatch.errors import SystemFault

MARK = "WARDWATCH_INSTALLATION"
PATIENCE_S = 20.0
_POLL_S = 0.1
# Places in /proc/PID/stat (proc(5)) after the name's closing bracket.
_STATE, _THREADS = 0, 17


def marked(root: Path) -> dict[str, str]:
    """The environment by which a process, and all that it starts, is known to work on this data folder."""
    return {MARK: str(root.resolve())}


def end_leftovers(root: Path, patience_s: float = PATIENCE_S) -> int:
    """Asks every process of an earlier run on this folder to stop, kills what has not in time, returns how many there
    were. Whoever calls must hold the folder's lock: then none of them belongs to a run that still goes on. Raises
    `SystemFault` for one that not even a kill ends."""
    found = list(_marked_processes(root))
    for process in found:
        _signal(process, signal.SIGTERM)
    if not _all_ended(found, patience_s):
        for process in found:
            _signal(process, signal.SIGKILL)
        if not _all_ended(found, patience_s):
            raise SystemFault(
                f"processes of an earlier run on {root} cannot be ended: {', '.join(map(str, found))}",
                "look whether its disk still answers",
            )
    return len(found)


def _all_ended(processes: list[int], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while any(_lives(process) for process in processes):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _marked_processes(root: Path) -> Iterator[int]:
    entry = f"{MARK}={root.resolve()}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        process = int(folder.name)
        if process == os.getpid():
            continue
        # Others' processes cannot be read, and one may end while it is looked at.
        with contextlib.suppress(OSError):
            if entry in (folder / "environ").read_bytes().split(b"\0") and _lives(process):
                yield process


def _lives(process: int) -> bool:
    """Whether it is there and more than an entry that its parent has not read yet. Its first thread may be such an
    entry while others still hold its files and ports."""
    try:
        stat = (Path("/proc") / str(process) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return stat[_STATE] != "Z" or int(stat[_THREADS]) > 1
    except (OSError, IndexError):
        return False


def _signal(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(OSError):
        os.kill(process, number)
