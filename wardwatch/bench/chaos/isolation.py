"""Runs this command again in namespaces of its own, which end with it."""

import os
import shutil
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from wardwatch.errors import UserError

INSIDE = "WARDWATCH_CHAOS_INSIDE"
PROGRAMS = ("unshare", "nsenter", "ip", "mount", "openssl")


def is_inside() -> bool:
    return os.environ.get(INSIDE) == "1"


def again_inside(arguments: Sequence[str]) -> NoReturn:
    """This process becomes it; whatever it starts dies with it, also by kill -9. Raises `UserError`."""
    if os.geteuid() != 0:
        raise UserError("this makes namespaces and mounts, which only root may do", "run it as root")
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        raise UserError(
            f"this needs {' and '.join(missing)}", "install the packages util-linux, iproute2, mount and openssl"
        )
    apart = ["unshare", "--fork", "--pid", "--kill-child", "--mount-proc", "--net", "--mount"]
    command = [*apart, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-m", "wardwatch"]
    sys.stderr.flush()
    os.execvpe(command[0], [*command, *arguments], {**os.environ, INSIDE: "1"})


def end_on_signals() -> None:
    """The first process of a namespace hears only the signals that it asks for: these unwind like an exception."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
