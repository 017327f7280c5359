"""An installation as a user starts it: a data folder of its own, a process a command; what ends is started again."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from wardwatch.errors import EngineFault, StoreFault, TransportFault
from wardwatch.model.ledger import OUTCOMES, SAMPLES, Ledger
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder
from wardwatch.shipping import CoreConnection
from wardwatch.supervision import SUPERVISED

PATIENCE_S = 180.0
STOP_S = 40.0
ANSWER_S = 5.0


@dataclass(slots=True)
class Rig:
    """`commands` are the arguments of each process by its name, `inside` what a process is started through."""

    folder: Path
    port: int
    data: DataFolder
    eve: Path
    commands: dict[str, tuple[str, ...]]
    inside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    restarts: int = 0
    _running: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    def start(self) -> None:
        """Starts every process in order, and returns once the core answers."""
        for name in self.commands:
            self._start(name)
            if name == "core":
                self.wait("the core answers", lambda: self.ledger() is not None)

    def kill(self, name: str) -> None:
        """kill -9, and at once started again."""
        self._running[name].kill()
        self._running[name].wait()
        self._start(name)

    def revive(self) -> None:
        """Starts again what has ended, as `wardwatch up` and systemd do."""
        for name, process in list(self._running.items()):
            if process.poll() is not None:
                self.restarts += 1
                self._start(name)

    def wait(self, what: str, condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> float:
        """Waits for it, and returns how many seconds that took. Raises `EngineFault` with the last words of all."""
        began = time.monotonic()
        while not condition():
            self.revive()
            if time.monotonic() - began > patience_s:
                raise EngineFault(f"it did not happen within {patience_s:.0f} s that {what}: {self._last_words()}")
            time.sleep(0.1)
        return time.monotonic() - began

    def stop(self) -> None:
        """Ends them in reverse order; one that does not end is killed."""
        for process in reversed(self._running.values()):
            if process.stdin is not None:
                process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            process.kill()
            process.wait()
        self._running.clear()

    def ledger(self) -> Ledger | None:
        """What the running core says; None while it says nothing."""
        try:
            return asyncio.run(_ask_ledger(self.data.socket))
        except (TransportFault, StoreFault, TimeoutError):
            return None

    def stored(self, lines: bool = True) -> int:
        """Lines (or rows that were polled) that are durable by the core's word; -1 while it says nothing."""
        ledger = self.ledger()
        if ledger is None:
            return -1
        return sum(row.stored + row.rejected for row in ledger.rows if is_line(row.source) is lines)

    def _start(self, name: str) -> None:
        command = [*self.inside.get(name, ()), sys.executable, "-m", "wardwatch", *self.commands[name]]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, env={**os.environ, SUPERVISED: "1"}
            )

    def _last_words(self) -> str:
        return " | ".join(f"{name}: {_last_line(self.folder / f'{name}.log')}" for name in self.commands)


def is_line(source: str) -> bool:
    """Whether a row of the ledger counts lines, not what was polled."""
    return source not in (SAMPLES, OUTCOMES)


def days() -> tuple[timedelta, timedelta]:
    return timedelta(days=2), timedelta(days=1)


async def _ask_ledger(socket: Path) -> Ledger:
    line, today = CoreConnection(socket), utc_now().date()
    before, after = days()
    try:
        async with asyncio.timeout(ANSWER_S):
            return await line.ledger(today - before, today + after)
    finally:
        await line.close()


def _last_line(log: Path) -> str:
    lines: Iterable[str] = log.read_text(errors="replace").strip().splitlines() if log.exists() else ()
    return next(reversed(list(lines)), "nothing")
