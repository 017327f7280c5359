"""`wardwatch bench snmp`: CPU a varbind from the wire to a durable append, beside others.

All read the same columns of the same agents in the same run, with as many in flight. Counted is the CPU of this process
with all its threads, of the exporter's its own; the agents are another process. Ours also reads the scalars, computes
rates and appends blocks, outcomes and facts to the embedded record store; the others drop what they read.
"""

import asyncio
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from collectors.snmp.bare import gufo_walks, pysnmp_walks
from collectors.snmp.oids import COUNTERS, IF_TABLE, Column
from collectors.snmp.profiles.catalogue import load_catalogue
from collectors.snmp.rounds import RoundSettings, SnmpCollector
from wardwatch.bench import snmp_exporter
from wardwatch.bench.agents import Agents, serving
from wardwatch.bench.appending import Appending
from wardwatch.bench.machine import describe
from wardwatch.errors import SystemFault
from wardwatch.model.inventory import Credential, Device, DeviceRole, Inventory
from wardwatch.model.time import utc_now
from wardwatch.records import open_records

COLUMNS: tuple[Column, ...] = (
    *(IF_TABLE[name] for name in ("ifOperStatus", "ifAdminStatus", "ifCounterDiscontinuityTime")),
    *(columns[0] for columns in COUNTERS.values()),
)
IN_FLIGHT = 50


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """How much is read: `rounds` of all agents by each, one of `pysnmp_agents` by pysnmp (it is slow)."""

    agents: int = 240
    pairs: int = 24
    rounds: int = 5
    pysnmp_agents: int = 12


@dataclass(frozen=True, slots=True)
class Measured:
    """One contender's figures."""

    agents: int
    rounds: int
    varbinds: int
    seconds: float
    varbinds_per_s: float
    cpu_us_per_varbind: float


def run(settings: BenchSettings) -> dict[str, Any]:
    """Runs the benchmark; root only. Raises `WardWatchError`."""
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as folder:
        root = Path(folder)
        with serving(root, settings.agents, settings.pairs) as agents:
            snmp_exporter.check()
            return asyncio.run(_contest(settings, agents, root))


async def _contest(settings: BenchSettings, agents: Agents, root: Path) -> dict[str, Any]:
    everyone, few = agents.addresses, agents.addresses[: settings.pysnmp_agents]
    walk = (agents.port, agents.community, [column.oid for column in COLUMNS], IN_FLIGHT)
    ours = await _ours(settings, agents, root)
    with snmp_exporter.exporting(root, COLUMNS, agents.community) as exporter:

        async def scrape() -> int:
            return await exporter.scrape(everyone, agents.port, IN_FLIGHT)

        # The first round opens its connections and warms its memory, as our first one reads names.
        await scrape()
        exported = await _measure(len(everyone), settings.rounds, scrape, exporter.cpu_s)
    gufo = await _measure(len(everyone), settings.rounds, lambda: gufo_walks(everyone, *walk))
    pysnmp = await _measure(len(few), 1, lambda: pysnmp_walks(few, *walk))
    results = {"wardwatch": ours, "snmp_exporter": exported, "gufo": gufo, "pysnmp": pysnmp}
    return {
        "benchmark": "snmp",
        "machine": describe(),
        "agents": settings.agents,
        "ports": settings.pairs * 2,
        "columns": len(COLUMNS),
        "in_flight": IN_FLIGHT,
        "results": {name: asdict(measured) for name, measured in results.items()},
    }


async def _ours(settings: BenchSettings, agents: Agents, root: Path) -> Measured:
    store = open_records(root / "records", utc_now)
    try:
        sink = Appending(store)
        rounds = RoundSettings(in_flight=IN_FLIGHT, in_flight_site=IN_FLIGHT, batch=settings.agents)
        collector = SnmpCollector(
            rounds, _inventory(agents), lambda secret: secret, sink, utc_now, catalogue=load_catalogue()
        )
        # The first round reads names and speeds, one of the next the vendor's whole profile; later ones do not.
        for _ in range(1 + rounds.poll.insight.spread):
            await collector.poll_all()

        async def one_round() -> int:
            before = sink.varbinds
            await collector.poll_all()
            return sink.varbinds - before

        measured = await _measure(len(agents.addresses), settings.rounds, one_round)
        if sink.failures:
            raise SystemFault(f"{len(sink.failures)} polls failed: {sink.failures[0].detail}")
        return measured
    finally:
        store.close()


def _cpu_s() -> float:
    """User and system time of this process with all its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _measure(
    agents: int, rounds: int, work: Callable[[], Awaitable[int]], cpu_s: Callable[[], float] = _cpu_s
) -> Measured:
    cpu, begin = cpu_s(), time.monotonic()
    varbinds = 0
    for _ in range(rounds):
        varbinds += await work()
    seconds, spent = time.monotonic() - begin, cpu_s() - cpu
    if not varbinds:
        raise SystemFault("the agents gave nothing to measure")
    return Measured(
        agents, rounds, varbinds, round(seconds, 3), round(varbinds / seconds), round(spent * 1e6 / varbinds, 3)
    )


def _inventory(agents: Agents) -> Inventory:
    credential = Credential("bench", "snmp-v2c", community=agents.community)
    devices = [
        Device(
            f"agent-{n}",
            f"agent-{n}",
            DeviceRole.ACCESS_SWITCH,
            "bench",
            "bench",
            "bench",
            address,
            agents.port,
            "bench",
        )
        for n, address in enumerate(agents.addresses)
    ]
    return Inventory(credentials={"bench": credential}, devices={device.id: device for device in devices})
