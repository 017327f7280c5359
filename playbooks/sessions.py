"""A login on a device, over netmiko: the only module that speaks to devices.

netmiko logs in, ends paging and reads; what it leaves open is told here: host keys are strict, a wrong line is an
error, a save's answer is read, and modes are recognised by their prompts (for Huawei netmiko waits 8.8 s for silence).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from netmiko import ConnectHandler, NetmikoAuthenticationException, NetmikoTimeoutException, ReadTimeout
from netmiko.base_connection import BaseConnection
from netmiko.exceptions import ReadException
from paramiko import Channel, SSHException
from paramiko.hostkeys import HostKeyEntry

from playbooks.platforms import Platform, Step
from playbooks.reading import answer, greeting
from playbooks.texts import without
from wardwatch.errors import EngineFault


@dataclass(frozen=True, slots=True)
class Login:
    """How to reach a device. `password` and `enable` are words here, and never printed."""

    device: str
    host: str
    user: str
    password: str = field(repr=False)
    known_hosts: Path
    port: int = 22
    enable: str = field(default="", repr=False)
    jump: str | None = None
    telnet: bool = False
    timeout_s: float = 20.0


class SessionFault(EngineFault):
    """The device cannot be reached, or the session broke: what was sent last may or may not have been taken."""


class LineRefused(EngineFault):
    """The device did not take a line."""


class Locked(EngineFault):
    """Somebody else holds the device's configuration."""


class SaveRefused(EngineFault):
    """The device did not save, or did not confirm."""


PROMPT = r"[\r\n](?!\[edit)[\[<]?[~*]?[^\s\[\]<>]{1,80}(?:\([^)\s]*\))?[#>\]] ?\Z"
"""A prompt of any platform and mode: alone on the last line, one word, so that a banner's `#` is none."""


_PROMPT = re.compile(PROMPT)
_NAMED = re.compile(r"[\r\n][\[<]?[~*]?([^\s\[\]<>]{1,80}?)(?:\([^)\s]*\))?[#>\]] ?\Z")


class Session:
    """One login. A context manager; not shared between threads."""

    def __init__(self, login: Login, platform: Platform) -> None:
        self._login = login
        self._platform = platform
        self._connection: BaseConnection | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Logs in. Raises `SessionFault` that says what to do."""
        login = self._login
        try:
            self._connection = ConnectHandler(**self._arguments(), auto_connect=False)
            self._log_in(self._connection)
            if login.enable:
                self._connection.enable()
        except NetmikoAuthenticationException:
            raise SessionFault(
                f"{login.device}: {login.host}:{login.port} refused the login of '{login.user}'", "check its password"
            ) from None
        except (NetmikoTimeoutException, SSHException, OSError, ValueError, EOFError, ReadTimeout) as error:
            raise SessionFault(self._unreachable(str(error)), _hint(str(error))) from None

    def _log_in(self, link: BaseConnection) -> None:
        """The connection, and paging ended: where the platform says how, without netmiko's waits for silence."""
        if not self._platform.prepare or self._login.telnet:
            if not self._login.telnet:
                self._trusting(link)
            link._open()
            return
        self._trusting(link)
        link._modify_connection_params()
        link.establish_connection()
        greeting(link, link.remote_conn, self._login.timeout_s)
        for command in self._platform.prepare:
            self._named(link, answer(link, link.remote_conn, command, _PROMPT, self._login.timeout_s))

    def _trusting(self, link: BaseConnection) -> None:
        """Gives the client this device's own keys alone: reading those of thousands costs more than a login."""
        login = self._login
        name = login.host if login.port == 22 else f"[{login.host}]:{login.port}"
        lines = login.known_hosts.read_text("utf-8").splitlines() if login.known_hosts.exists() else []
        client = link._build_ssh_client()
        for line in lines:
            if line.split(" ", 1)[0] == name and (entry := HostKeyEntry.from_line(line)) is not None:
                client.get_host_keys().add(name, entry.key.get_name(), entry.key)
        link._build_ssh_client = lambda: client  # type: ignore[method-assign]

    def _named(self, link: BaseConnection, said: str) -> None:
        """Remembers the device's name from the prompt that ends an answer."""
        if (match := _NAMED.search(said)) is not None:
            link.base_prompt = match[1]

    def close(self) -> None:
        """Ends the login, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                # Telnet has no transport of its own below the line.
                for part in (getattr(connection, "remote_conn_pre", None), connection.remote_conn):
                    if part is not None:
                        part.close()
            except (OSError, EOFError, SSHException):
                return

    def ask(self, command: str, timeout_s: float = 60.0) -> str:
        """The answer to a command outside of configuration mode, without its echo and the prompt."""
        return self._guarded(lambda link: self._asked(link, command, timeout_s))

    def running(self) -> str:
        """The configuration that is in force."""
        return self._checked(self._platform.snapshot, self.ask(self._platform.snapshot, 120.0))

    def startup(self) -> str | None:
        """The configuration it will start with; None where that is always the running one."""
        command = self._platform.startup
        return None if command is None else self._checked(command, self.ask(command, 120.0))

    def enter(self, minutes: int | None = None) -> None:
        """Configuration mode; with minutes (where the platform starts timers so) under the device's own timer."""
        command = self._platform.enter or ""
        if minutes is not None and self._platform.enter_timed is not None:
            command = self._platform.enter_timed.format(minutes=minutes)
        self._refuse(command, self._said(command))

    def line(self, line: str) -> str:
        """Sends one configuration line; its answer. Raises `LineRefused`: the lines before it stand."""
        said = self._said(line)
        self._refuse(line, said)
        return said

    def leave(self) -> None:
        """Back from configuration mode."""
        said = self._said(self._platform.leave or "")
        # The name in the prompt may be what was changed.
        if self._connection is not None:
            self._named(self._connection, said)

    def recover(self) -> None:
        """Back to where commands are asked, from whatever mode a failed line left; a candidate is thrown away."""
        platform = self._platform
        if platform.commit is not None:
            # Refused outside of configuration mode, which is as well.
            self._said(platform.commit.discard.command)
        self.leave()

    def step(self, step: Step, minutes: int = 0) -> None:
        """A command that must say it was done. Raises `SaveRefused`."""
        command = step.command.format(minutes=minutes)
        said = self._guarded(lambda link: _stepped(link, step, command))
        if not re.search(step.success, said) or (step.refused and re.search(step.refused, said, re.MULTILINE)):
            raise SaveRefused(f"{self._login.device}: '{command}' was not done: {self._shown(said)}")

    def _said(self, command: str) -> str:
        """All that the device answers until a prompt, whatever mode that is of."""
        return self._guarded(lambda link: _said(link, command, _PROMPT, self._login.timeout_s))

    def _asked(self, link: BaseConnection, command: str, timeout_s: float) -> str:
        if self._platform.repaints:
            return str(link.send_command(command, read_timeout=timeout_s))
        # The device's own name: no line of a configuration is taken for the prompt.
        name = re.compile(rf"[\r\n][\[<]?[~*]?{re.escape(link.base_prompt)}\S{{0,40}} ?\Z")
        lines = _said(link, command, name, timeout_s).replace("\r", "").split("\n")
        return "\n".join(lines[1:-1])

    def _refuse(self, line: str, said: str) -> None:
        lines = "\n".join(said.replace("\r", "").splitlines()[1:])
        if self._platform.locked and re.search(self._platform.locked, said):
            raise Locked(f"{self._login.device}: {self._shown(lines)}", "wait for them, or ask who it is")
        if self._platform.error_pattern.search(lines):
            raise LineRefused(f"{self._login.device} refused '{self._shown(line)}': {self._shown(lines)}")

    def _checked(self, command: str, said: str) -> str:
        start = "\n".join(said.replace("\r", "").splitlines()[:2])
        if self._platform.error_pattern.search(start) or not said.strip():
            raise SessionFault(f"{self._login.device}: '{command}' was answered by: {self._shown(start) or 'nothing'}")
        return said

    def _guarded(self, work: Any) -> str:
        if self._connection is None:
            raise SessionFault(f"{self._login.device}: the session is closed")
        if getattr(self._connection.remote_conn, "closed", False):
            # netmiko would wait for an answer until its time is up.
            raise SessionFault(f"{self._login.device}: the session broke: the device closed it")
        try:
            return str(work(self._connection))
        except ReadTimeout:
            raise SessionFault(f"{self._login.device}: no prompt came in time") from None
        except (ReadException, ValueError) as error:
            raise SessionFault(f"{self._login.device}: {self._shown(str(error))}") from None
        except (OSError, EOFError, SSHException) as error:
            raise SessionFault(f"{self._login.device}: the session broke: {error or 'it was closed'}") from None

    def _shown(self, text: str) -> str:
        words = without(text, (self._login.password, self._login.enable)).split()
        return " ".join(words)[:300]

    def _unreachable(self, said: str) -> str:
        login = self._login
        if "known_hosts" in said or "host key" in said.lower():
            return f"{login.device}: the host key of {login.host}:{login.port} is not the enrolled one"
        return f"{login.device}: no session on {login.host}:{login.port}: {self._shown(said) or 'it was closed'}"

    def _arguments(self) -> dict[str, Any]:
        login = self._login
        common: dict[str, Any] = {
            "device_type": self._platform.driver + ("_telnet" if login.telnet else ""),
            "host": login.host,
            "port": login.port,
            "username": login.user,
            "password": login.password,
            "secret": login.enable,
            "conn_timeout": login.timeout_s,
            "auth_timeout": login.timeout_s,
            "banner_timeout": login.timeout_s,
            "session_log": None,
        }
        if login.telnet:
            return common
        return {
            **common,
            "ssh_strict": True,
            "system_host_keys": False,
            "ssh_config_file": login.jump,
        }


def _said(link: BaseConnection, command: str, prompt: re.Pattern[str], timeout_s: float) -> str:
    if isinstance(link.remote_conn, Channel):
        return answer(link, link.remote_conn, command, prompt, timeout_s)
    return str(
        link.send_command(
            command, expect_string=prompt.pattern, read_timeout=timeout_s, strip_prompt=False, strip_command=False
        )
    )


def _stepped(link: BaseConnection, step: Step, command: str) -> str:
    if step.question is None:
        # The prompt may stay that of configuration mode, which netmiko does not take for the end of an answer.
        return _said(link, command, _PROMPT, 120)
    asked = _said(link, command, re.compile(step.question), 60)
    return asked + _said(link, step.answer, _PROMPT, 120)


def _hint(said: str) -> str:
    if "known_hosts" in said or "host key" in said.lower():
        return "enrol it after comparing its fingerprint: wardwatch hosts enrol"
    return "check its address, its port and the way there"
