"""The data folder's disk fills up and has room again."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from wardwatch.bench.chaos.trial import Trial
from wardwatch.errors import EngineFault, SystemFault

SIZE = "1g"
LEFT_BYTES = 6 * 1024 * 1024
"""Enough for some batches: it is in the middle of its work that a store meets the end of its disk."""
STANDS_S = 8.0


@contextlib.contextmanager
def small(folder: Path) -> Iterator[None]:
    """A disk in memory; it goes with the run's mount namespace."""
    folder.mkdir(parents=True)
    ended = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "chaos", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemFault(f"no disk in memory could be mounted: {ended.stderr.strip()}", "run it as root")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def full(trial: Trial) -> None:
    """Something else takes the room; later it is given back."""
    first, second, third, last = trial.portions(4)
    ballast = trial.rig.folder / "core" / "ballast"
    trial.sensor.write(first)
    time.sleep(trial.chance.uniform(0.5, 1.5))
    _fill(ballast, LEFT_BYTES)
    trial.sensor.write(second)
    _until_it_stands(trial)
    _fill(ballast, 0)
    # Now nobody can write anything down, whatever room the second portion has left.
    mark = trial.sensor.written
    trial.sensor.write(third)
    _until_it_stands(trial)
    if trial.rig.stored() >= trial.sensor.written:
        raise EngineFault("the full disk stopped nothing", "give more --lines")
    ballast.unlink()
    room = time.monotonic()
    trial.sensor.write(last)
    trial.recover(room, mark)


def _fill(ballast: Path, left: int) -> None:
    with ballast.open("ab") as file:
        room = os.statvfs(ballast).f_bavail * os.statvfs(ballast).f_bsize
        with contextlib.suppress(OSError):
            if room > left:
                os.posix_fallocate(file.fileno(), file.tell(), room - left)


def _until_it_stands(trial: Trial) -> None:
    """Until nothing more has been stored for a while."""
    last, since = -2, time.monotonic()
    while time.monotonic() - since < STANDS_S:
        trial.rig.revive()
        now = trial.rig.stored()
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.3)
