"""Debian's prometheus-snmp-exporter as a contender: it scrapes the columns of the agents and answers in Prometheus'
text, which nobody keeps. Counted is the CPU of its process; who asks it is not."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from collectors.snmp.oids import COUNTER_BITS, Column
from wardwatch.errors import EngineFault, UserError

PROGRAM = "prometheus-snmp-exporter"
REPETITIONS = 60
STARTUP_S = 15.0
SCRAPE_S = 60.0


@dataclass(frozen=True, slots=True)
class Exporter:
    """One that serves."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """User and system time of its process with all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def scrape(self, addresses: Sequence[str], port: int, at_once: int) -> int:
        """Scrapes every agent; returns the varbinds that it told of."""
        gate = asyncio.Semaphore(at_once)
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)

        async with httpx.AsyncClient(limits=limits, timeout=SCRAPE_S, trust_env=False) as client:

            async def one(address: str) -> int:
                asked = {"module": "bench", "target": f"{address}:{port}"}
                async with gate:
                    answer = await client.get(f"http://127.0.0.1:{self.port}/snmp", params=asked)
                if answer.status_code != httpx.codes.OK:
                    raise EngineFault(f"{PROGRAM} could not scrape {address}: {answer.text[:200]}")
                return answer.text.count("{ifIndex=")

            return sum(await asyncio.gather(*(one(address) for address in addresses)))


def check() -> None:
    """Raises `UserError` where it is not installed."""
    if shutil.which(PROGRAM) is None:
        raise UserError(f"this benchmark needs {PROGRAM}", f"install the package {PROGRAM}")


@contextmanager
def exporting(folder: Path, columns: Sequence[Column], community: str) -> Iterator[Exporter]:
    """Serves an exporter that knows these columns. Raises `EngineFault` when it does not come up."""
    settings = folder / "snmp.yml"
    settings.write_text(_module(columns, community), encoding="utf-8")
    port, log = _free_port(), folder / "snmp-exporter.log"
    words = [PROGRAM, f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{port}"]
    with log.open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out)
    try:
        _await(process, port, log)
        yield Exporter(process.pid, port)
    finally:
        process.kill()
        process.wait()


def _module(columns: Sequence[Column], community: str) -> str:
    walks = "".join(f"  - {column.oid}\n" for column in columns)
    metrics = "".join(
        f"  - name: {column.name}\n    oid: {column.oid}\n    help: {column.name}\n"
        f"    type: {'counter' if column.kind in COUNTER_BITS else 'gauge'}\n"
        "    indexes:\n    - {labelname: ifIndex, type: gauge}\n"
        for column in columns
    )
    return (
        f"bench:\n  version: 2\n  max_repetitions: {REPETITIONS}\n  timeout: 10s\n"
        f"  auth:\n    community: {community}\n  walk:\n{walks}  metrics:\n{metrics}"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTUP_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            told = log.read_text(encoding="utf-8", errors="replace").strip()[-300:]
            raise EngineFault(f"{PROGRAM} ended with code {process.returncode}: {told or 'it said nothing'}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise EngineFault(f"{PROGRAM} did not serve within {STARTUP_S:g} s")
