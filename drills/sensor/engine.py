"""Suricata in unix-socket mode: rules are loaded once, then captures are read one after the other.

The protocol is JSON over a stream socket (Suricata user guide, "Interacting via Unix Socket"): a version first, then
`{"command": …, "arguments": …}`, each answered by `{"return": "OK" | "NOK", "message": …}`.
"""

import asyncio
import contextlib
import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from detectors.sigma.stream import RULES as SIGMA_RULES
from drills.sensor.rules import RefusedRule, active_sids, refused_rules
from wardwatch.errors import EngineFault

_HERE = Path(__file__).parent
PROTOCOL = {"version": "0.2"}


@dataclass(frozen=True, slots=True)
class SensorSettings:
    """Which Suricata, with which configuration and rules; which folder of Sigma rules looks at its records; how long a
    step may take (seconds)."""

    program: str = "suricata"
    configuration: Path = _HERE / "suricata.yaml"
    classification: Path = _HERE / "classification.config"
    rules: Path = _HERE / "drill.rules"
    sigma: Path = SIGMA_RULES
    start_timeout_s: float = 120.0
    replay_timeout_s: float = 300.0
    answer_timeout_s: float = 30.0


class SuricataSensor:
    """An async context manager: inside it the engine is up with its rules loaded.

    `load_s` says how long that took, `refused` which rules it would not take; the others work.
    """

    def __init__(self, settings: SensorSettings) -> None:
        self._settings = self.settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._folder: Path | None = None
        self.load_s = 0.0
        self.refused: tuple[RefusedRule, ...] = ()

    @property
    def sids(self) -> frozenset[int]:
        """The signature ids that this engine looks for."""
        return active_sids(self._settings.rules) - {rule.sid for rule in self.refused}

    async def __aenter__(self) -> Self:
        program = shutil.which(self._settings.program)
        if program is None:
            raise EngineFault(
                "suricata is not installed",
                "install suricata 7; wardwatch doctor says how",
            )
        # A socket's path may have 107 bytes only, so it stands in a short folder of its own, with mode 0700.
        self._folder = Path(tempfile.mkdtemp(prefix="ww-"))
        started = time.monotonic()
        try:
            self._process = await self._launch(program, self._folder)
            await self._connect(self._folder / "s.sock")
            self.refused = refused_rules(await self._command("ruleset-failed-rules"))
        except BaseException:
            await self._end()
            raise
        self.load_s = time.monotonic() - started
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(EngineFault, OSError):
            await self._command("shutdown")
        await self._end()

    async def replay(self, capture: Path, output: Path) -> Path:
        """Reads a capture into `output/eve.json` and returns that path. Raises `EngineFault` when it cannot."""
        output.mkdir(parents=True, exist_ok=True)
        arguments = {
            "filename": str(capture.absolute()),
            "output-dir": str(output.absolute()),
        }
        await self._command("pcap-file", arguments)
        try:
            async with asyncio.timeout(self._settings.replay_timeout_s):
                while not await self._idle():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise EngineFault(
                f"suricata did not finish {capture.name} in {self._settings.replay_timeout_s:.0f} s"
            ) from None
        eve = output / "eve.json"
        if not eve.exists():
            raise EngineFault(
                f"suricata wrote no eve.json for {capture.name}",
                "is it a capture file?",
            )
        return eve

    async def _launch(self, program: str, folder: Path) -> asyncio.subprocess.Process:
        settings = self._settings
        with (folder / "engine.log").open("wb") as log:
            return await asyncio.create_subprocess_exec(
                *(
                    program,
                    f"--unix-socket={folder / 's.sock'}",
                    "-c",
                    str(settings.configuration),
                ),
                *(
                    "-S",
                    str(settings.rules),
                    "-l",
                    str(folder),
                    "-k",
                    "none",
                    "--runmode",
                    "single",
                ),
                *("--pidfile", str(folder / "pid")),
                *("--set", f"classification-file={settings.classification}"),
                *("--set", "security.limit-noproc=false"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
            )

    async def _connect(self, socket: Path) -> None:
        assert self._process is not None
        try:
            async with asyncio.timeout(self._settings.start_timeout_s):
                while self._streams is None:
                    if self._process.returncode is not None:
                        raise EngineFault(f"suricata did not start: {self._complaint()}")
                    with contextlib.suppress(OSError):
                        self._streams = await asyncio.open_unix_connection(str(socket))
                    await asyncio.sleep(0.05)
                await self._exchange(PROTOCOL)
        except TimeoutError:
            raise EngineFault(f"suricata was not ready after {self._settings.start_timeout_s:.0f} s") from None

    async def _idle(self) -> bool:
        """Whether the last capture is read to its end and none waits."""
        current = await self._command("pcap-current")
        waiting = await self._command("pcap-file-number")
        return bool(current == "None" and waiting == 0)

    async def _command(self, name: str, arguments: dict[str, str] | None = None) -> Any:
        request: dict[str, Any] = {"command": name}
        if arguments:
            request["arguments"] = arguments
        answer = await self._exchange(request)
        if answer.get("return") != "OK":
            raise EngineFault(f"suricata refused '{name}': {answer.get('message')}")
        return answer.get("message")

    async def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._streams is None:
            raise EngineFault("suricata is not connected")
        reader, writer = self._streams
        line = b""
        try:
            async with asyncio.timeout(self._settings.answer_timeout_s):
                writer.write(json.dumps(request).encode() + b"\n")
                await writer.drain()
                line = await reader.readline()
        except TimeoutError:
            raise EngineFault(f"suricata did not answer in {self._settings.answer_timeout_s:.0f} s") from None
        except ConnectionError:
            # It ended under our hands, which the next lines say with its own words.
            pass
        if not line:
            raise EngineFault(f"suricata ended: {self._complaint()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _complaint(self) -> str:
        """The engine's errors in its own words."""
        assert self._folder is not None
        log = (self._folder / "engine.log").read_text(encoding="utf-8", errors="replace")
        errors = []
        for line in log.splitlines():
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if entry.get("log_level") in ("Error", "Critical"):
                    errors.append(str(entry.get("engine", {}).get("message", "")))
        return "; ".join(errors[:3]) or log[-300:].strip() or "it said nothing"

    async def _end(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
        if self._process is not None and self._process.returncode is None:
            try:
                await asyncio.wait_for(self._process.wait(), 5)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
