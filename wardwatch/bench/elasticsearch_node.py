"""A real Elasticsearch for tests and benchmarks: one node or three, on loopback, gone at the end of the block.

The server comes from the artifacts its makers publish as libraries; `setup/elasticsearch/prepare.sh` fetches them once.
Such a node has no security, no lifecycle management and no scripts: WardWatch needs none of them.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wardwatch.errors import EngineFault

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".build" / "elasticsearch"
PROGRAM = ROOT / "setup" / "elasticsearch" / "Node.java"
START_S = 90.0
HEAP = "512m"
"""Enough for tests; a benchmark takes what a small production node has."""


def is_prepared() -> bool:
    """Whether Java and the server are there."""
    return shutil.which("java") is not None and (HOME / "prepared").exists()


@dataclass(slots=True)
class ElasticsearchNode:
    """One process; `start` after `kill` comes back with the same data and ports."""

    folder: Path
    name: str
    port: int
    transport: int
    seeds: tuple[int, ...] = ()
    heap: str = HEAP
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise EngineFault(f"the Elasticsearch node {self.name} does not run")
        return self._process.pid

    def start(self) -> None:
        """Starts the process without waiting for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arguments = [str(HOME / "home"), str(self.folder / "data"), str(self.port), str(self.transport), self.name]
        seeds = [",".join(map(str, self.seeds))] if self.seeds else []
        with (self.folder / "node.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "java",
                    f"-Xms{self.heap}",
                    f"-Xmx{self.heap}",
                    "-cp",
                    f"{HOME / 'lib'}/*",
                    str(PROGRAM),
                    *arguments,
                    *seeds,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Ends the process at once, as a lost machine does."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def wait(self, nodes: int = 1) -> None:
        """Returns when the node answers and its cluster has so many nodes. Raises `EngineFault` with its last words."""
        deadline = time.monotonic() + START_S
        ask = f"{self.url}/_cluster/health?wait_for_nodes=%3E%3D{nodes}&wait_for_status=yellow&timeout=5s"
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(ask, timeout=10):
                return
            time.sleep(0.2)
        words = (self.folder / "node.log").read_text("utf-8", "replace").strip().splitlines()[-5:]
        self.kill()
        raise EngineFault(f"the Elasticsearch node {self.name} did not start: {' | '.join(words)}")


@contextlib.contextmanager
def elasticsearch_node(folder: Path, heap: str = HEAP) -> Iterator[ElasticsearchNode]:
    """A single node that answers."""
    port, transport = _free_ports(2)
    with _running([ElasticsearchNode(folder, "n1", port, transport, heap=heap)]) as (node,):
        yield node


@contextlib.contextmanager
def elasticsearch_cluster(folder: Path) -> Iterator[Sequence[ElasticsearchNode]]:
    """Three nodes that have found each other."""
    ports = _free_ports(6)
    seeds = tuple(ports[3:])
    nodes = [
        ElasticsearchNode(folder / f"n{number}", f"n{number}", ports[number - 1], ports[number + 2], seeds)
        for number in (1, 2, 3)
    ]
    with _running(nodes):
        yield nodes


@contextlib.contextmanager
def _running(nodes: Sequence[ElasticsearchNode]) -> Iterator[Sequence[ElasticsearchNode]]:
    if not is_prepared():
        raise EngineFault("there is no Elasticsearch to start", "run make setup on a machine with Java and Maven")
    try:
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait(len(nodes))
        yield nodes
    finally:
        for node in nodes:
            node.kill()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]
