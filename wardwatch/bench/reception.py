"""`wardwatch bench reception`: a storm of traps and one of syslog through the real processes, while devices are polled.

Core, collector, receiver and simulated devices run as `wardwatch up` runs them; each storm comes from a process of its
own, from the devices' addresses. What was sent must be what was stored, refused or counted as dropped.
"""

import asyncio
import contextlib
import multiprocessing
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collectors.reception.simulator.lines import lines
from collectors.reception.simulator.sending import Sending, Sent, send
from collectors.reception.simulator.traps import traps
from wardwatch.bench.machine import describe
from wardwatch.errors import SystemFault
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory, Site, Unit, Zone
from wardwatch.model.ledger import Ledger
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder
from wardwatch.shipping import CoreConnection

_DEVICES = 20
_POOL = 5000
_START_S = 60.0
_CATCH_UP_S = 180.0
_INTERVAL_S = 5


@dataclass(frozen=True, slots=True)
class ReceptionBenchSettings:
    """How long each storm lasts, and how many datagrams a second."""

    seconds: float = 30.0
    traps_per_s: int = 10_000
    lines_per_s: int = 50_000


@dataclass(frozen=True, slots=True)
class _Ports:
    web: int
    snmp: int
    traps: int
    syslog: int


def run(settings: ReceptionBenchSettings) -> dict[str, Any]:
    """Runs both storms, one after the other. Raises `WardWatchError`."""
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as folder:
        data, ports = DataFolder(Path(folder) / "data"), _Ports(*_free_ports(4))
        _prepare(data, ports)
        with _running(data, ports):
            return asyncio.run(_measured(settings, data, ports))


async def _measured(settings: ReceptionBenchSettings, data: DataFolder, ports: _Ports) -> dict[str, Any]:
    connection = CoreConnection(data.socket)
    try:
        await _until(lambda: _figure(ports, "receive", "syslog", "received") is not None, _START_S)
        await _until(lambda: (_figure(ports, "collect", "polling", "polls") or 0) >= _DEVICES, _START_S)
        before = _polling(ports)
        kinds = (
            ("traps", ports.traps, settings.traps_per_s, traps(1, _POOL, alerts=False)),
            ("syslog", ports.syslog, settings.lines_per_s, lines(1, utc_now(), _POOL)),
        )
        results: dict[str, Any] = {}
        for kind, port, per_s, datagrams in kinds:
            storm = Sending(datagrams, ("127.0.0.1", port), _addresses(), per_s, settings.seconds)
            results[kind] = await _storm(kind, storm, connection, data)
        await asyncio.sleep(2 * _INTERVAL_S)
        results["polling"] = _polled(before, _polling(ports))
    finally:
        await connection.close()
    return {"benchmark": "reception", "machine": describe(), "devices": _DEVICES, "results": results}


async def _storm(kind: str, storm: Sending, connection: CoreConnection, data: DataFolder) -> dict[str, Any]:
    before = await _counted(connection, kind)
    pool = multiprocessing.get_context("spawn").Pool(1)
    try:
        sending = pool.apply_async(send, (storm,))
        while not sending.ready():
            await asyncio.sleep(0.1)
        sent: Sent = sending.get()
    finally:
        pool.terminate()
        pool.join()
    at_end, began = _less(await _counted(connection, kind), before), time.monotonic()
    counted = at_end
    while sum(counted.values()) < sent.count and time.monotonic() - began < _CATCH_UP_S:
        await asyncio.sleep(0.2)
        counted = _less(await _counted(connection, kind), before)
    behind = time.monotonic() - began
    return {
        "sent": sent.count,
        "sent_per_s": round(sent.count / sent.seconds),
        **counted,
        "unaccounted": sent.count - sum(counted.values()),
        "stored_while_sending_per_s": round(at_end["stored"] / sent.seconds),
        "stored_per_s": round(counted["stored"] / (sent.seconds + behind)),
        "caught_up_s": round(behind, 1),
    }


async def _counted(connection: CoreConnection, kind: str) -> dict[str, int]:
    """What the ledger says of a kind."""
    today = utc_now().date()
    ledger: Ledger = await connection.ledger(today, today)
    rows = [row for row in ledger.rows if row.path == kind]
    drops = [row for row in ledger.drops if row.reason.startswith(f"{kind}_")]
    kernel = sum(row.count for row in drops if row.reason.startswith(f"{kind}_kernel"))
    return {
        "stored": sum(row.stored for row in rows),
        "rejected": sum(row.rejected for row in rows),
        "kernel_dropped": kernel,
        "dropped": sum(row.count for row in drops) - kernel,
    }


def _less(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    return {key: now[key] - before[key] for key in now}


def _polling(ports: _Ports) -> dict[str, float]:
    names = ("polls", "polls_overlapped", "polls_missed", "silent_devices", "dropped_readings")
    return {name: _figure(ports, "collect", "polling", name) or 0.0 for name in names}


def _polled(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Polls of both storms together; how many devices were silent at the end."""
    return {name: after[name] if name == "silent_devices" else after[name] - before[name] for name in after} | {
        "interval_s": float(_INTERVAL_S)
    }


def _figure(ports: _Ports, edge: str, part: str, figure: str) -> float | None:
    """A figure of a part, as `/metrics` has it."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{ports.web}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return None
    found = re.search(rf'^wardwatch_part_{figure}{{edge="{edge}",part="{part}"}} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else None


def _addresses() -> tuple[str, ...]:
    return tuple(f"127.77.0.{number}" for number in range(1, _DEVICES + 1))


def _prepare(data: DataFolder, ports: _Ports) -> None:
    data.secrets.mkdir(parents=True, mode=0o700)
    secret = data.secrets / "community"
    secret.write_text("public", encoding="utf-8")
    secret.chmod(0o600)
    data.settings.write_text(
        f"reception:\n  traps: ['127.0.0.1:{ports.traps}']\n  syslog: {{udp: ['127.0.0.1:{ports.syslog}'], tcp: []}}\n",
        encoding="utf-8",
    )


def _inventory(ports: _Ports) -> Inventory:
    devices = [
        Device(
            *(f"sw{number}", f"Switch {number}", DeviceRole.ACCESS_SWITCH, "city", "site", "wan", address, ports.snmp),
            credential="v2",
            ports=24,
        )
        for number, address in enumerate(_addresses(), 1)
    ]
    return Inventory(
        units={"city": Unit("city", "City", "city", "1")},
        zones={"wan": Zone("wan", "WAN")},
        sites={"site": Site("site", "Site", "city")},
        credentials={"v2": Credential("v2", "snmp-v2c", community="secret://community")},
        devices={device.id: device for device in devices},
    )


@contextlib.contextmanager
def _running(data: DataFolder, ports: _Ports) -> Iterator[None]:
    """The processes of an installation, and its devices."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> None:
        command = [sys.executable, "-m", "wardwatch", words[0], "--data", str(data.root), *words[1:]]
        with (data.root / f"{words[0]}.log").open("wb") as log:
            processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    try:
        start("core", "--listen", f"127.0.0.1:{ports.web}", "--interval", str(_INTERVAL_S))
        asyncio.run(_fill(data, _inventory(ports)))
        start("simulate")
        start("receive")
        start("collect", "--interval", str(_INTERVAL_S))
        yield
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
        for process in reversed(processes):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


async def _fill(data: DataFolder, inventory: Inventory) -> None:
    connection = CoreConnection(data.socket)
    await _until(data.socket.exists, _START_S)
    await connection.replace_inventory(Actor("bench"), inventory)
    await connection.close()


async def _until(is_true: Any, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            while not await asyncio.to_thread(is_true):
                await asyncio.sleep(0.25)
    except TimeoutError:
        raise SystemFault(
            f"the processes under test did not start within {limit_s:.0f} s", "try again when the machine is quiet"
        ) from None


def _free_ports(count: int) -> Sequence[int]:
    """Ports that are free for TCP and UDP just now."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            both = stack.enter_context(socket.socket()), stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            both[0].bind(("127.0.0.1", 0))
            found.append(both[0].getsockname()[1])
        return found
