"""`wardwatch bench snmp --city`: rounds over 5,000 simulated devices of 48 ports, polled on one core.

The agents are the simulator in a process of its own on another core. The poller is one process on one core: it polls
as the collector does, without its minute's spread (everything at once), computes rates and appends everything to the
embedded record store. Its first round reads names and speeds as well; each of the next
five reads a fifth of the devices' vendor profiles; memory is the most its process ever had.
"""

import asyncio
import multiprocessing
import os
import resource
import socket
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from collectors.snmp.profiles.catalogue import load_catalogue
from collectors.snmp.rounds import RoundSettings, SnmpCollector
from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.bench.appending import Appending
from wardwatch.bench.machine import describe
from wardwatch.errors import EngineFault, UserError
from wardwatch.garbage import look_seldom
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory, Site, Unit, Zone
from wardwatch.model.time import utc_now
from wardwatch.records import open_records
from wardwatch.records.settings import RecordSettings

STARTUP_S = 120.0
STORE_MEMORY_BYTES = 128 * 1024 * 1024
"""What the store may hold beside the poller: in an installation it is another process."""

SITES = 300


@dataclass(frozen=True, slots=True)
class CitySettings:
    """How much is polled: so many rounds after the first one."""

    devices: int = 5000
    ports: int = 48
    rounds: int = 2


@dataclass(frozen=True, slots=True)
class CityRounds:
    """What the poller did. Seconds are of the clock, `cpu_s` of its process; `failed` polls are those not ok."""

    devices: int
    ports: int
    first_round_s: float
    slowest_round_s: float
    round_cpu_s: float
    varbinds_a_round: int
    cpu_us_per_varbind: float
    failed: int
    memory_mib: int


def run(settings: CitySettings) -> dict[str, Any]:
    """Runs the benchmark. Raises `WardWatchError`."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise UserError("this benchmark needs two cores: one for the agents, one for the poller")
    with (
        tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as folder,
        _agents(settings, cores[0]) as port,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as poller,
    ):
        rounds = poller.submit(poll, settings, port, cores[1], Path(folder)).result()
    return {
        "benchmark": "snmp-city",
        "machine": describe(),
        "devices": settings.devices,
        "ports": settings.ports,
        "results": {"wardwatch": asdict(rounds)},
    }


def poll(settings: CitySettings, port: int, core: int, folder: Path) -> CityRounds:
    """The poller's process."""
    os.sched_setaffinity(0, {core})
    look_seldom()
    return asyncio.run(_poll(settings, port, folder))


async def _poll(settings: CitySettings, port: int, folder: Path) -> CityRounds:
    store = open_records(folder / "records", utc_now, RecordSettings(memory_bytes=STORE_MEMORY_BYTES, threads=1))
    try:
        sink = Appending(store)
        inventory = city(settings, port)
        collector = SnmpCollector(
            RoundSettings(), inventory, lambda secret: secret, sink, utc_now, catalogue=load_catalogue()
        )
        seconds: list[float] = []
        cpu_s, varbinds = 0.0, 0
        for _ in range(1 + settings.rounds):
            cpu_s, varbinds = _cpu_s(), sink.varbinds
            began = time.monotonic()
            await collector.poll_all()
            seconds.append(time.monotonic() - began)
        cpu_s, varbinds = _cpu_s() - cpu_s, sink.varbinds - varbinds
        return CityRounds(
            settings.devices,
            settings.ports,
            round(seconds[0], 2),
            round(max(seconds[1:]), 2),
            round(cpu_s, 2),
            varbinds,
            round(cpu_s * 1e6 / max(varbinds, 1), 3),
            len(sink.failures),
            _most_memory_mib(),
        )
    finally:
        store.close()


def city(settings: CitySettings, port: int) -> Inventory:
    """Switches with so many ports, each at a loopback address of its own."""
    devices = {}
    for number in range(settings.devices):
        name = f"switch-{number}"
        address = f"127.{64 + number // 60000}.{number // 250 % 240}.{1 + number % 250}"
        devices[name] = Device(
            name,
            name,
            DeviceRole.ACCESS_SWITCH,
            "city",
            f"site-{number % SITES}",
            "city",
            address,
            port,
            "bench",
            vendor="Cisco",
            model="C2960X",
            ports=settings.ports,
        )
    return Inventory(
        units={"city": Unit("city", "city", "city", "01")},
        zones={"city": Zone("city", "city")},
        sites={f"site-{n}": Site(f"site-{n}", f"site-{n}", "city") for n in range(SITES)},
        credentials={"bench": Credential("bench", "snmp-v2c", community="bench")},
        devices=devices,
    )


@contextmanager
def _agents(settings: CitySettings, core: int) -> Iterator[int]:
    """Simulated agents that answer, on that core; gives their port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    ours, theirs = multiprocessing.Pipe()
    work = (settings, port, core, theirs)
    process = multiprocessing.get_context("spawn").Process(target=simulate, args=work, daemon=True)
    process.start()
    theirs.close()
    try:
        try:
            if not ours.poll(STARTUP_S) or ours.recv() != "answering":
                raise EngineFault(f"the simulated city did not come up within {STARTUP_S:g} s")
        except EOFError:
            raise EngineFault("the simulated city ended before it answered; its message is above") from None
        yield port
    finally:
        process.kill()
        process.join()


def simulate(settings: CitySettings, port: int, core: int, ready: Connection) -> None:
    """The agents' process."""
    os.sched_setaffinity(0, {core})
    look_seldom()
    simulator = Simulator(SimulatorSettings(), city(settings, port), lambda secret: secret, FaultSchedule(), utc_now)
    simulator.start()
    ready.send("answering")
    simulator.run()


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _most_memory_mib() -> int:
    """The most this process had at once; the kernel's rusage would tell of the process that started it, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
