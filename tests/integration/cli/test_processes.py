"""`wardwatch up` as a whole: its processes are killed while events arrive, and every line is stored exactly once."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Command = Callable[..., "subprocess.CompletedProcess[str]"]
LINES = 300


@pytest.fixture
def installation(tmp_path: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """`wardwatch up` on `data`, without an inventory, ready to take events."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    with (tmp_path / "said").open("wb") as said:
        command = [sys.executable, "-m", "wardwatch", "up", "--data", "data", "--listen", listen]
        running = subprocess.Popen(command, cwd=tmp_path, stdout=said, stderr=said)
    try:
        until(lambda: "Ctrl-C" in (tmp_path / "said").read_text() or running.poll() is not None)
        yield running
    finally:
        # Its children stop by themselves once it is gone.
        running.kill()
        running.wait()


def test_killed_processes_come_back_and_lose_and_double_nothing(
    installation: "subprocess.Popen[bytes]", tmp_path: Path, wardwatch: Command
) -> None:
    assert installation.poll() is None, (tmp_path / "said").read_text()
    eve = tmp_path / "data" / "eve" / "eve.json"
    write(eve)
    until(lambda: stored(wardwatch) > 0)
    for victim in ("ingest", "core"):
        write(eve)
        os.kill(child(installation.pid, victim), signal.SIGKILL)
    until(lambda: stored(wardwatch) >= 3 * LINES)
    family = [child(installation.pid, name) for name in ("core", "collect", "ingest", "receive")]
    installation.send_signal(signal.SIGTERM)
    assert installation.wait(timeout=20) == 0
    assert not [pid for pid in family if Path(f"/proc/{pid}").exists()]
    assert stored(wardwatch) == 3 * LINES


def write(path: Path) -> None:
    line = '{"timestamp":"2026-01-02T03:04:05.000006+0700","event_type":"dns","src_ip":"10.0.0.1"}\n'
    with path.open("a", encoding="ascii") as file:
        file.write(line * LINES)


def stored(wardwatch: Command) -> int:
    ended = wardwatch("events", "count", "--by", "event.module", "--data", "data", "--json")
    counts: dict[str, int] = json.loads(ended.stdout) if ended.returncode == 0 else {}
    return counts.get("suricata", 0)


def child(parent: int, name: str) -> int:
    """The process that does `wardwatch NAME` for the supervisor."""
    found = []
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if name.encode() in words[:4]:
            found.append(int(pid))
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.5)
