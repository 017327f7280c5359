"""Fake devices behind real SSH: each has a port of its own on the loopback, all in one event loop."""

import asyncio
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import asyncssh

from playbooks.lab.device import FakeDevice
from playbooks.lab.dialects import DIALECTS, Dialect

USER, PASSWORD = "lab", "lab-password"


class _Door(asyncssh.SSHServer):
    """Lets the one user in, unless the device is told not to."""

    def __init__(self, device: FakeDevice) -> None:
        self._device = device

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        if self._device.faults.lost:
            conn.abort()

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD) and not self._device.faults.refuse_login


class Lab:
    """Starts devices in a thread of its own; `ports` and `host_key` are known once it runs. A context manager."""

    def __init__(self, devices: Sequence[FakeDevice]) -> None:
        self.devices = {device.name: device for device in devices}
        self.ports: dict[str, int] = {}
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = self._key.export_public_key().decode().strip()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lab", daemon=True)
        self._servers: list[asyncssh.SSHAcceptor] = []

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        for device in self.devices.values():
            server = await asyncssh.listen(
                "127.0.0.1",
                0,
                server_factory=lambda device=device: _Door(device),
                server_host_keys=[self._key],
                process_factory=lambda process, device=device: _serve(process, device),
                line_editor=False,
                encoding="utf-8",
            )
            self._servers.append(server)
            self.ports[device.name] = server.get_port()

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for device in self.devices.values():
            device.disarm()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _serve(process: asyncssh.SSHServerProcess[str], device: FakeDevice) -> None:
    """One login: echoes what it reads, as a terminal does, and answers line by line."""
    device.logins += 1
    talk = DIALECTS[device.platform](device)
    process.stdout.write(device.banner.replace("\n", "\r\n") + "\r\n" + talk.prompt)
    line = ""
    try:
        while not talk.closed:
            said = await process.stdin.read(4096)
            if not said:
                break
            *whole, rest = said.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            for part in whole:
                await _answer(process, talk, part, (line + part).strip())
                line = ""
            line += rest
            if rest:
                process.stdout.write(rest)
        process.exit(0)
    except ConnectionAbortedError:
        process.channel.get_connection().abort()
    except (asyncssh.BreakReceived, asyncssh.TerminalSizeChanged, BrokenPipeError, ConnectionError):
        process.exit(0)


async def _answer(process: asyncssh.SSHServerProcess[str], talk: Dialect, echo: str, line: str) -> None:
    said = talk.asking(line) if talk.asking is not None else talk.answer(line)
    if talk.device.faults.prompt_delay_s:
        await asyncio.sleep(talk.device.faults.prompt_delay_s)
    text = said if said.endswith("\n") or not said or talk.asking else said + "\n"
    process.stdout.write(
        echo + "\r\n" + text.replace("\n", "\r\n") + ("" if talk.asking else talk.prompt.replace("\n", "\r\n"))
    )
