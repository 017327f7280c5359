"""`wardwatch` as its user runs it: the installed command in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def wardwatch(tmp_path: Path) -> Command:
    """Runs a command line in an empty folder and returns how it ended. None of them may show a traceback."""

    def run(*arguments: str, path: str | None = None) -> "subprocess.CompletedProcess[str]":
        environment = dict(os.environ) if path is None else {**os.environ, "PATH": path}
        command = [sys.executable, "-m", "wardwatch", *arguments]
        ended = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in ended.stderr
        assert "wardwatch: unexpected" not in ended.stderr, ended.stderr
        return ended

    return run
