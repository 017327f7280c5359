"""Runs this command again in namespaces of its own, which end with it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from wardwatch.errors import UserError

INSIDE = "WARDWATCH_CHAOS_INSIDE"
UNWIND_S = 60.0
PROGRAMS = ("unshare", "nsenter", "ip", "mount", "openssl")


def is_inside() -> bool:
    return os.environ.get(INSIDE) == "1"


def again_inside(arguments: Sequence[str]) -> int:
    """Its exit code. Whatever it starts dies with it, and it ends with this process. Raises `UserError`."""
    if os.geteuid() != 0:
        raise UserError("this makes namespaces and mounts, which only root may do", "run it as root")
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        raise UserError(
            f"this needs {' and '.join(missing)}", "install the packages util-linux, iproute2, mount and openssl"
        )
    apart = ["unshare", "--fork", "--pid", "--kill-child", "--mount-proc", "--net", "--mount"]
    command = [*apart, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-m", "wardwatch"]
    end_on_signals()
    inside = subprocess.Popen([*command, *arguments], stdin=subprocess.PIPE, env={**os.environ, INSIDE: "1"})
    try:
        return inside.wait()
    finally:
        if inside.stdin is not None:
            inside.stdin.close()
        try:
            inside.wait(UNWIND_S)
        except subprocess.TimeoutExpired:
            inside.kill()


def end_on_signals() -> None:
    """SIGTERM and SIGHUP unwind like an exception. The first process of a namespace hears only what it asks for."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def end_with_the_caller() -> None:
    """The pipe on our standard input ends when the process outside does, however that went."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="caller", daemon=True).start()
