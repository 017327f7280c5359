"""Runs this command again in namespaces of its own, which end with it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from wardwatch.errors import UserError

INSIDE = "WARDWATCH_CHAOS_INSIDE"
PROGRAMS = ("unshare", "nsenter", "ip", "mount", "openssl")


def is_inside() -> bool:
    return os.environ.get(INSIDE) == "1"


def again_inside(arguments: Sequence[str]) -> int:
    """Its exit code. Whatever it started dies with it, and it dies with this process. Raises `UserError`."""
    if os.geteuid() != 0:
        raise UserError("this makes namespaces and mounts, which only root may do", "run it as root")
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        raise UserError(
            f"this needs {' and '.join(missing)}", "install the packages util-linux, iproute2, mount and openssl"
        )
    apart = ["unshare", "--fork", "--pid", "--kill-child", "--mount-proc", "--net", "--mount"]
    command = [*apart, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-m", "wardwatch"]
    return subprocess.run([*command, *arguments], env={**os.environ, INSIDE: "1"}, check=False).returncode
