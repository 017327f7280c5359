"""An installation that runs is backed up, destroyed, and comes back as it was, to the last line."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wardwatch.bench.eve_lines import eve_lines
from wardwatch.settings import DataFolder


class Site:
    """An installation as its operator runs it."""

    def __init__(self, folder: Path) -> None:
        self.data = DataFolder(folder / "data")
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._listen = f"127.0.0.1:{free.getsockname()[1]}"

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "wardwatch", *arguments, "--data", str(self.data.root)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def start(self) -> None:
        for name, more in (("core", ("--listen", self._listen)), ("ingest", ())):
            command = [sys.executable, "-m", "wardwatch", name, "--data", str(self.data.root), *more]
            with (self._folder / f"{name}.log").open("ab") as log:
                self._running.append(subprocess.Popen(command, stdout=log, stderr=log))

    def stop(self) -> None:
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            assert process.wait(30) == 0
        self._running.clear()

    def stored(self) -> int:
        ended = self.run("events", "count", "--by", "event.module", "--json")
        counts: dict[str, int] = json.loads(ended.stdout) if ended.returncode == 0 else {}
        return counts.get("suricata", 0)

    def wait(self, lines: int) -> None:
        deadline = time.monotonic() + 60
        while self.stored() < lines:
            assert time.monotonic() < deadline, "the events did not come"
            time.sleep(0.3)

    def kill(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()


class Sensor:
    """Writes lines until it is stopped."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._stopped = threading.Event()
        self._written = self._left = 0
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def stop(self, after: int) -> int:
        """So many lines later; returns how many were written."""
        self._left = after
        self._stopped.set()
        self._thread.join()
        return self._written

    def _write(self) -> None:
        with self._log.open("ab", buffering=0) as file:
            for line in eve_lines(1_000_000, 5):
                file.write(line + b"\n")
                self._written += 1
                time.sleep(0.001)
                if self._stopped.is_set():
                    self._left -= 1
                    if self._left <= 0:
                        return


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    site.data.eve.mkdir(parents=True)
    yield site
    site.kill()


def test_an_installation_that_runs_is_backed_up_destroyed_and_comes_back(site: Site, tmp_path: Path) -> None:
    log = site.data.eve / "eve.json"
    log.touch()
    site.start()

    sensor = Sensor(log)
    site.wait(1)
    ended = site.run("backup", str(tmp_path / "backup"), "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["record_rows"] > 0
    refused = site.run("restore", str(tmp_path / "backup"), "--replace")
    assert (refused.returncode, "stop it first" in refused.stderr) == (2, True)
    lines = sensor.stop(after=500)
    site.wait(lines)
    site.stop()
    for path in site.data.root.iterdir():
        if path != site.data.eve:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    ended = site.run("restore", str(tmp_path / "backup"))
    assert ended.returncode == 0, ended.stderr
    before = site.stored()
    assert before < lines
    site.start()
    site.wait(lines)
    assert site.stored() == lines
    assert site.run("ledger").returncode == 0
    site.stop()
