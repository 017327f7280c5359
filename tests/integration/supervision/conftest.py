"""`wardwatch up` as an installation runs it: real processes in a folder of their own."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wardwatch.leftovers import MARK

PATIENCE_S = 60.0


class Up:
    """One `wardwatch up` on the folder `data`, and what it left when it was killed."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.socket = self.data / "core.sock"
        self.listen = f"127.0.0.1:{_free_port()}"
        self._said = folder / "said"
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        """Returns once it serves."""
        command = [sys.executable, "-m", "wardwatch", "up", "--data", str(self.data), "--listen", self.listen]
        with self._said.open("wb") as said:
            self.supervisor = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env={**os.environ, **environment}
            )
        until(lambda: "Ctrl-C" in self.said or self.ended)
        assert not self.ended, self.said

    @property
    def said(self) -> str:
        return self._said.read_text("utf-8")

    @property
    def ended(self) -> bool:
        return self.supervisor is None or self.supervisor.poll() is not None

    def children(self) -> dict[str, int]:
        """Its living processes by name, whoever their parent is by now."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
                marked = f"{MARK}={self.data}".encode() in (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if marked and len(command) > 3:
                found[command[3].decode()] = int(folder.name)
        return found

    def lose_power(self) -> None:
        """Everything is gone at once, as far as processes can tell."""
        assert self.supervisor is not None
        victims = [self.supervisor.pid, *self.children().values()]
        # Stopped first, so that none sees another go.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for victim in victims:
                os.kill(victim, number)
        self.supervisor.wait()

    def stop(self) -> int:
        assert self.supervisor is not None
        self.supervisor.send_signal(signal.SIGTERM)
        return self.supervisor.wait(PATIENCE_S)

    def stored(self) -> int:
        """How many events the record store has."""
        command = [sys.executable, "-m", "wardwatch", "events", "count", "--by", "event.dataset"]
        answer = subprocess.run(
            [*command, "--data", str(self.data), "--json"], capture_output=True, text=True, timeout=60, check=True
        )
        counted: dict[str, Any] = json.loads(answer.stdout)
        return sum(counted.values())

    def end(self) -> None:
        for victim in (
            *([self.supervisor.pid] if self.supervisor and not self.ended else []),
            *self.children().values(),
        ):
            os.kill(victim, signal.SIGKILL)
        if self.supervisor:
            self.supervisor.wait()


def _free_port() -> int:
    """Below those that the kernel gives to outgoing connections: the port must still be free at the second start."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Not started yet; nothing of it outlives the test."""
    made = Up(tmp_path)
    yield made
    made.end()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    return until
