"""The systemd units: systemd itself finds no fault in them, and what they start speaks to it."""

import configparser
import os
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DEPLOY = Path(__file__).parents[3] / "deploy"
INSTALLED = "/opt/wardwatch/.venv/bin/wardwatch"
UNITS = ("wardwatch.service", "wardwatch-collect.service")


def started(unit: str) -> list[str]:
    """The words of its ExecStart."""
    read = configparser.RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read(DEPLOY / unit, "utf-8")
    return shlex.split(read["Service"]["ExecStart"])


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_no_fault(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    here = tmp_path / unit
    here.write_text((DEPLOY / unit).read_text("utf-8").replace(INSTALLED, sys.executable), "utf-8")
    answer = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(here)], capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert unit not in answer.stderr, answer.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_the_command_line_exists(unit: str) -> None:
    program, command, *options = started(unit)
    assert program == INSTALLED
    helped = subprocess.run(
        [sys.executable, "-m", "wardwatch", command, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    for option in options:
        if option.startswith("--"):
            assert option in helped.stdout


def test_the_service_says_that_it_is_ready_alive_and_stopping(
    up: Any, tmp_path: Path, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    assert started(UNITS[0])[1] == "up"
    heard: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        listening = threading.Thread(target=hear, args=(manager, heard))
        listening.start()
        try:
            up.start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="200000")
            eventually(lambda: "READY=1" in heard)
            heard.clear()
            eventually(lambda: "WATCHDOG=1" in heard)
            assert up.stop() == 0
            eventually(lambda: "STOPPING=1" in heard)
        finally:
            manager.shutdown(socket.SHUT_RD)
            listening.join()


def hear(manager: socket.socket, heard: list[str]) -> None:
    while said := manager.recv(100):
        heard.append(said.decode())
