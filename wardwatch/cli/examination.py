"""What this machine has for WardWatch, what it lacks, and what to do about it."""

import os
import platform
import re
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dashboards
from wardwatch.cli.engines import engine_findings
from wardwatch.cli.findings import Finding, Verdict
from wardwatch.settings import DataFolder, Listen

FREE_BYTES_WANTED = 2 * 1024**3
FILES_WANTED = 4096
SOCKET_PATH_LIMIT = 107
SURICATA_WANTED = (7, 0)
PORT_ADVICE = "stop what uses the port, or give --listen HOST:PORT with an address of this machine"


def examine(data: DataFolder, listen: Listen) -> list[Finding]:
    """Looks at the programs, the data folder, the web port and the limits of this machine, and at
    what `settings.yaml` names. Changes nothing."""
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _suricata,
        lambda: _program(
            "suricata-update",
            "rule updates",
            "install Debian's package suricata-update",
        ),
        lambda: _program(
            "snmpget",
            "comparing a device by hand with net-snmp",
            "install Debian's package snmp",
        ),
        lambda: _program(
            "ip",
            "drill ranges and the SNMP benchmark",
            "install Debian's package iproute2",
        ),
        lambda: _data_folder(data.root),
        lambda: _free_space(data.root),
        lambda: _socket_path(data.socket),
        lambda: _port(listen, data),
        _open_files,
        _dashboard,
    )
    return [*(check() for check in checks), *engine_findings(data)]


def _python() -> Finding:
    found = platform.python_version()
    if sys.version_info >= (3, 12):
        return Finding("python", Verdict.OK, found)
    return Finding("python", Verdict.OK, f"{found} (3.12 or newer cancels a hung SNMP wait sooner)")


def _suricata() -> Finding:
    path = shutil.which("suricata")
    advice = "install suricata 7 from bookworm-backports; without it drills and the demo's IDS traffic do not run"
    if path is None:
        return Finding("suricata", Verdict.MISSING, "not found", advice)
    answer = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=20, check=False).stdout
    match = re.search(r"version (\d+)\.(\d+)\.(\d+)", answer)
    if match is None:
        return Finding("suricata", Verdict.WARNING, answer.strip() or "answers nothing", advice)
    version = (int(match[1]), int(match[2]))
    verdict = Verdict.OK if version >= SURICATA_WANTED else Verdict.MISSING
    return Finding(
        "suricata",
        verdict,
        ".".join(match.groups()),
        "" if verdict is Verdict.OK else advice,
    )


def _program(name: str, purpose: str, advice: str) -> Finding:
    path = shutil.which(name)
    if path is None:
        return Finding(name, Verdict.WARNING, f"not found (used for {purpose})", advice)
    return Finding(name, Verdict.OK, path)


def _data_folder(root: Path) -> Finding:
    nearest = next(folder for folder in (root, *root.absolute().parents) if folder.exists())
    if not nearest.is_dir():
        return Finding(
            "data folder",
            Verdict.MISSING,
            f"{nearest} is not a folder",
            "choose another --data folder",
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        return Finding(
            "data folder",
            Verdict.MISSING,
            f"{nearest} cannot be written",
            "give this user write access",
        )
    return Finding(
        "data folder",
        Verdict.OK,
        f"{root} {'exists' if root.exists() else 'can be made'}",
    )


def _free_space(root: Path) -> Finding:
    nearest = next(folder for folder in (root, *root.absolute().parents) if folder.is_dir())
    free = shutil.disk_usage(nearest).free
    found = f"{free / 1024**3:.1f} GiB free"
    if free < FREE_BYTES_WANTED:
        return Finding(
            "disk",
            Verdict.WARNING,
            found,
            "free at least 2 GiB, or choose another --data folder",
        )
    return Finding("disk", Verdict.OK, found)


def _socket_path(path: Path) -> Finding:
    beyond = beyond_socket_path(path)
    if beyond:
        advice = f"choose a --data folder whose path is shorter by {beyond} characters"
        found = f"its path has {SOCKET_PATH_LIMIT + beyond} bytes, {SOCKET_PATH_LIMIT} are allowed"
        return Finding("core socket", Verdict.MISSING, found, advice)
    return Finding("core socket", Verdict.OK, str(path))


def beyond_socket_path(path: Path) -> int:
    """By how many bytes a path is too long for a Unix socket (`sun_path` in unix(7))."""
    return max(0, len(str(path).encode()) - SOCKET_PATH_LIMIT)


def _port(listen: Listen, data: DataFolder) -> Finding:
    complaint = cannot_listen(listen)
    if complaint is None:
        return Finding("web port", Verdict.OK, f"{listen} is free")
    if data.socket.exists():
        return Finding(
            "web port",
            Verdict.OK,
            f"{listen} is served, probably by the instance running on {data.root}",
        )
    return Finding("web port", Verdict.MISSING, f"{listen}: {complaint}", PORT_ADVICE)


def cannot_listen(listen: Listen) -> str | None:
    """Why the web server could not bind there now; None when it could."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def _open_files() -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES_WANTED:
        return Finding(
            "open files",
            Verdict.WARNING,
            f"limit {hard}",
            f"raise the hard limit to {FILES_WANTED}",
        )
    return Finding("open files", Verdict.OK, f"limit {hard}")


def _dashboard() -> Finding:
    index = Path(dashboards.__file__).parent / "static" / "index.html"
    if index.exists():
        return Finding("dashboard", Verdict.OK, "built")
    return Finding("dashboard", Verdict.WARNING, "not built: only the API is served", "run make ui")
