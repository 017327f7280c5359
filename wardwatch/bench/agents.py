"""240 agents for the benchmark: one real net-snmp snmpd in a network namespace of its own, with 48 ports.

The namespace is joined by a pair of virtual interfaces and holds 198.18.0.10 to .249 (RFC 2544 addresses); 24 more
pairs inside it are the ports. Everything goes with the namespace, also after an error or a signal.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from wardwatch.errors import EngineFault, SystemFault, UserError

PORT = 16161
COMMUNITY = "bench"
PREFIX = "wwbench"
STARTUP_S = 15.0
LIMIT_S = 60


@dataclass(frozen=True, slots=True)
class Agents:
    """Where they answer."""

    addresses: tuple[str, ...]
    port: int
    community: str


@contextmanager
def serving(folder: Path, agents: int = 240, pairs: int = 24) -> Iterator[Agents]:
    """Serves that many agents with twice as many ports as pairs. `folder` takes snmpd's files.

    Raises `UserError` when not root or programs are missing, `EngineFault` when snmpd does not come up.
    """
    _check(agents)
    _sweep()
    name = f"{PREFIX}{os.getpid()}"
    addresses = tuple(f"198.18.{n // 250}.{n % 250}" for n in range(10, 10 + agents))
    daemon: subprocess.Popen[bytes] | None = None
    with _signals_end_it():
        try:
            _build(name, addresses, pairs)
            daemon = _snmpd(name, folder)
            _await(daemon, folder)
            yield Agents(addresses, PORT, COMMUNITY)
        finally:
            if daemon is not None:
                daemon.kill()
                daemon.wait()
            _remove(name)


def _check(agents: int) -> None:
    if os.geteuid() != 0:
        raise UserError("this benchmark makes a network namespace, which only root may do", "run it as root")
    missing = [program for program in ("ip", "snmpd") if shutil.which(program) is None]
    if missing:
        raise UserError(f"this benchmark needs {' and '.join(missing)}", "install the packages iproute2 and snmpd")
    if not 1 <= agents <= 240:
        raise UserError("there are 1 to 240 agents")


def _build(name: str, addresses: tuple[str, ...], pairs: int) -> None:
    outside, inside = f"{name}o"[:15], f"{name}i"[:15]
    _ip(f"netns add {name}\nlink add {outside} type veth peer name {inside} netns {name}\n")
    _ip(f"address add 198.18.0.1/16 dev {outside}\nlink set {outside} up\n")
    ports = "".join(
        f"link add p{n} type veth peer name q{n}\nlink set p{n} up\nlink set q{n} up\n" for n in range(1, pairs + 1)
    )
    own = "".join(f"address add {address}/16 dev {inside}\n" for address in addresses)
    _ip(f"link set lo up\nlink set {inside} up\n{own}{ports}", "-n", name)


def _snmpd(name: str, folder: Path) -> "subprocess.Popen[bytes]":
    settings = folder / "snmpd.conf"
    settings.write_text(f"rocommunity {COMMUNITY}\nsysName bench\n", encoding="utf-8")
    log = folder / "snmpd.log"
    words = ["ip", "netns", "exec", name, "snmpd", "-f", "-C", "-c", str(settings), "-Lf", str(log)]
    return subprocess.Popen(
        [*words, f"udp:0.0.0.0:{PORT}"],
        env={**os.environ, "SNMP_PERSISTENT_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _await(daemon: "subprocess.Popen[bytes]", folder: Path) -> None:
    """snmpd says in its log when it serves."""
    log = folder / "snmpd.log"
    deadline = time.monotonic() + STARTUP_S
    while time.monotonic() < deadline:
        told = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        if "NET-SNMP version" in told:
            return
        if daemon.poll() is not None:
            raise EngineFault(f"snmpd ended with code {daemon.returncode}: {told.strip()[-300:] or 'it said nothing'}")
        time.sleep(0.05)
    raise EngineFault(f"snmpd did not serve within {STARTUP_S:g} s")


def _ip(script: str, *options: str) -> None:
    run = subprocess.run(
        ["ip", *options, "-batch", "-"], input=script, text=True, capture_output=True, timeout=LIMIT_S, check=False
    )
    if run.returncode:
        raise SystemFault(
            f"ip could not build the namespace: {run.stderr.strip()}", "are network namespaces allowed here?"
        )


def _remove(name: str) -> None:
    """Deletes the namespace, and with it both ends of every pair."""
    for words in (["ip", "netns", "delete", name], ["ip", "link", "delete", f"{name}o"[:15]]):
        subprocess.run(words, capture_output=True, timeout=LIMIT_S, check=False)


def _sweep() -> None:
    """Removes what a run left that was killed outright."""
    listed = subprocess.run(
        ["ip", "netns", "list"], capture_output=True, text=True, timeout=LIMIT_S, check=False
    ).stdout
    for name in (line.split()[0] for line in listed.splitlines() if line.startswith(PREFIX)):
        number = name.removeprefix(PREFIX)
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            for pid in subprocess.run(
                ["ip", "netns", "pids", name], capture_output=True, text=True, timeout=LIMIT_S, check=False
            ).stdout.split():
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            _remove(name)


@contextmanager
def _signals_end_it() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind like an exception, so that the namespace goes."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
