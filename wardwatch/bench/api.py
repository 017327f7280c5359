"""What the wall and the inbox answer, and how soon, while a large city's rounds and events are being stored.

A real installation: the core in its own process, the loads in theirs, the questions over HTTP with a session.
"""

import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from api.administrator import ensure_administrator
from wardwatch.bench import machine
from wardwatch.bench.load import Load, ship_events, ship_samples
from wardwatch.demo.city import build_city
from wardwatch.errors import EngineFault
from wardwatch.installation import read_installation
from wardwatch.model.access import FIRST_ADMINISTRATOR, Actor
from wardwatch.model.inventory import Device, Inventory
from wardwatch.model.time import utc_now
from wardwatch.settings import DataFolder

SEED = 20260302
QUESTIONS = {
    "wall": "/api/v1/wall",
    "inbox": "/api/v1/incidents?state=open&state=acknowledged&limit=100",
}
_START_S = 60.0
_WARM_S = 5.0
_BETWEEN_S = 0.1


@dataclass(frozen=True, slots=True)
class ApiBenchSettings:
    """The load, and for how long each page is asked again and again."""

    devices: int = 5000
    events_per_s: int = 10_000
    seconds: float = 90.0


def run(settings: ApiBenchSettings = ApiBenchSettings()) -> dict[str, object]:
    """`results.wall` and `.inbox` have `p50_ms`, `p99_ms`, `requests`; `.load` what was stored in that time.

    Raises `EngineFault` when the core does not come up or a page is refused.
    """
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as scratch:
        data = DataFolder(Path(scratch))
        devices, password = _prepared(data, settings.devices)
        load = Load(data.socket, settings.seconds + _WARM_S, SEED, settings.events_per_s)
        with _core(data) as port, ProcessPoolExecutor(2, get_context("spawn")) as edges:
            samples = edges.submit(ship_samples, load, devices)
            events = edges.submit(ship_events, load)
            time.sleep(_WARM_S)
            took_ms = _asked(port, password, settings.seconds)
            results: dict[str, object] = {name: _figures(values) for name, values in took_ms.items()}
            results["load"] = {"events_per_s": events.result().per_s, "samples_per_s": samples.result().per_s}
    return {"devices": settings.devices, "seed": SEED, "machine": machine.describe(), "results": results}


def _prepared(data: DataFolder, devices: int) -> tuple[list[Device], str]:
    state = read_installation(data).open_state(utc_now)
    try:
        inventory = _city_of(devices)
        state.inventory.replace(Actor.system("bench"), inventory)
        password = ensure_administrator(state, Actor.system("bench"), utc_now)
    finally:
        state.close()
    return list(inventory.devices.values()), password or ""


def _city_of(devices: int) -> Inventory:
    """The demo city with so many devices: more of the same ones under other names, at addresses of their own."""
    city = build_city(SEED)
    known = list(city.devices.values())
    chosen = {device.id: device for device in known[:devices]}
    for number in range(len(known), devices):
        turn, place = divmod(number, len(known))
        address = f"127.{100 + number // 65536}.{number // 256 % 256}.{number % 256}"
        name = f"{known[place].id}-{turn}"
        chosen[name] = replace(known[place], id=name, name=name, address=address, addresses=(), redundancy_group=None)
    if devices < len(known):
        return Inventory(units=city.units, zones=city.zones, sites=city.sites, credentials={}, devices=_bare(chosen))
    return replace(city, devices=chosen)


def _bare(devices: dict[str, Device]) -> dict[str, Device]:
    return {name: replace(device, credential=None) for name, device in devices.items()}


@contextmanager
def _core(data: DataFolder) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = (sys.executable, "-m", "wardwatch", "core", "--data", str(data.root), "--listen", f"127.0.0.1:{port}")
    core = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(core, port)
        yield port
    finally:
        core.terminate()
        try:
            core.wait(60)
        except subprocess.TimeoutExpired:
            core.kill()
            core.wait()


def _await(core: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and core.poll() is None:
        try:
            if _answer(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "GET", "/healthz")[0] == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise EngineFault("the core of the benchmark did not come up", "run `wardwatch core` by hand and see what it says")


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes = b"", cookie: str = ""
) -> tuple[int, str]:
    """The status, and the cookie that was set."""
    headers = {"x-requested-with": "wardwatch", "cookie": cookie, "content-type": "application/json"}
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status, (answer.getheader("set-cookie") or "").partition(";")[0]


def _asked(port: int, password: str, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of every answer; the pages are asked in turn, ten times a second together."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    login = json.dumps({"username": FIRST_ADMINISTRATOR, "password": password}).encode()
    _, cookie = _answer(connection, "POST", "/api/v1/session", login)
    took_ms: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for name, path in QUESTIONS.items():
            began = time.perf_counter()
            status, _ = _answer(connection, "GET", path, cookie=cookie)
            took_ms[name].append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise EngineFault(f"the core answers {status} to {path}")
            time.sleep(_BETWEEN_S)
    connection.close()
    return took_ms


def _figures(took_ms: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took_ms, n=100, method="inclusive")
    return {
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "max_ms": round(max(took_ms), 1),
        "requests": len(took_ms),
    }
