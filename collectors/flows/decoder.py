"""pmacct's decoders as children: nfacctd (NetFlow v5 and v9, IPFIX) and sfacctd (sFlow) of Debian's package `pmacct`.

They decode, scale by the sampling rate and sum up conversations in C, and print them every few seconds as JSON. Each
runs as nobody where we are root, without privileges, environment and terminal: it parses what strangers may forge.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from collectors.flows.relay import free_port
from collectors.flows.rows import FlowRow, read_row
from wardwatch.leftovers import MARK

log = logging.getLogger(__name__)

_NOBODY = ("--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all")
_CHUNK = 1 << 16
_PAUSE_S = 2.0
_READY = "waiting for"
_LOST = "missing data detected"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"


@dataclass(frozen=True, slots=True)
class DecoderSettings:
    """`refresh_s` is how often sums are printed; `cache` the buckets of its table (ten conversations each)."""

    program: str
    refresh_s: int = 20
    cache: int = 16_411
    pipe_bytes: int = 64 * 1024 * 1024
    receive_bytes: int = 8 * 1024 * 1024
    stop_s: float = 10.0


class Decoder:
    """Runs between `start` and `stop`, again after every end. `take` gets the rows; `began` is called when it knows no
    templates; `port` takes packets while it is `ready`."""

    def __init__(
        self, settings: DecoderSettings, take: Callable[[list[FlowRow]], None], began: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._take = take
        self._began = began
        self._process: Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self.port = 0
        self.ready = asyncio.Event()
        self.restarts = 0
        self.damaged = 0
        self.losses = 0
        self.trouble = ""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self._settings.program)

    async def wait(self) -> None:
        """Until `stop`."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Asks it for what it still holds, and ends it."""
        self._stopping = True
        if self._task is None:
            return
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGINT)
            await asyncio.wait([self._task], timeout=self._settings.stop_s)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        with tempfile.TemporaryDirectory(prefix="wardwatch-flows-") as folder:
            Path(folder).chmod(0o755)
            while True:
                await self._once(Path(folder))
                if self._stopping:
                    return
                self.restarts += 1
                await asyncio.sleep(_PAUSE_S)

    async def _once(self, folder: Path) -> None:
        """One life of the child."""
        settings = self._settings
        program, wrapper = shutil.which(settings.program, path=_PATH), shutil.which("setpriv", path=_PATH)
        if program is None or wrapper is None:
            trouble = f"there is no {settings.program if program is None else 'setpriv'}: install Debian's pmacct"
            if trouble != self.trouble:
                log.warning("flows cannot be decoded: %s", trouble)
            self.trouble = trouble
            return
        self.port = free_port()
        document = folder / f"{settings.program}.conf"
        document.write_text(configuration(settings, self.port))
        process = await asyncio.create_subprocess_exec(
            *(wrapper, "--no-new-privs", "--pdeathsig=KILL", *(_NOBODY if os.geteuid() == 0 else ())),
            *(program, "-f", str(document)),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            limit=_CHUNK,
            cwd=folder,
            start_new_session=True,
            env={"PATH": _PATH, **{name: os.environ[name] for name in (MARK,) if name in os.environ}},
        )
        self._began()
        self._process = process
        try:
            await asyncio.gather(self._read(process), self._listen(process))
            await process.wait()
        finally:
            self._process = None
            self.ready.clear()
            # The child's own children too: its session is its own.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if not self._stopping:
            log.error("the decoder of flows ended program=%s status=%s", settings.program, process.returncode)
            self.trouble = self.trouble or f"{settings.program} ended with status {process.returncode}"

    async def _read(self, process: Process) -> None:
        """Its rows, until it ends."""
        assert process.stdout is not None
        rest = b""
        while chunk := await process.stdout.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _CHUNK:
                self.damaged += 1
                rest = b""
            self._take(self._rows(lines))
            # Whoever listens has a turn even when more is there already.
            await asyncio.sleep(0)

    def _rows(self, lines: list[bytes]) -> list[FlowRow]:
        rows = []
        for line in lines:
            try:
                rows.append(read_row(line))
            except ValueError:
                self.damaged += 1
        return rows

    async def _listen(self, process: Process) -> None:
        """What it complains of."""
        assert process.stderr is not None
        while True:
            try:
                line = (await process.stderr.readline()).decode("utf-8", "replace").strip()
            except ValueError:
                continue
            if not line:
                if process.stderr.at_eof():
                    return
                continue
            if _READY in line:
                self.trouble = ""
                self.ready.set()
            if _LOST in line:
                self.losses += 1
            if line.startswith("ERROR"):
                self.trouble = line[:200]
                log.error("program=%s says=%s", self._settings.program, line[:200])


def configuration(settings: DecoderSettings, port: int) -> str:
    """What it is told to do. Its buffering between processes stays off: it would keep rows back until it is full."""
    name = settings.program
    lines = {
        "daemonize": "false",
        f"{name}_ip": "127.0.0.1",
        f"{name}_port": port,
        f"{name}_renormalize": "true",
        f"{name}_time_new": "true",
        f"{name}_pipe_size": settings.receive_bytes,
        "plugins": "print[flows]",
        "aggregate[flows]": "peer_src_ip, src_host, dst_host, src_port, dst_port, proto",
        "print_output[flows]": "json",
        "print_history[flows]": "1m",
        "print_refresh_time[flows]": settings.refresh_s,
        "print_num_protos[flows]": "true",
        "print_cache_entries[flows]": settings.cache,
        "plugin_pipe_size[flows]": settings.pipe_bytes,
        "timestamps_since_epoch": "true",
    }
    return "".join(f"{key}: {value}\n" for key, value in lines.items())
