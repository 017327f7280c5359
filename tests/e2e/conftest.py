"""One real `wardwatch up --demo` for all stories: a small province whose devices fail when `FAULTS` says so."""

import http
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
POLL_INTERVAL_S = 5
START_S, STOP_S = 90.0, 45.0
# What each story needs: a ward that comes back, and one that stays away and is attacked meanwhile.
FAULTS = {
    "faults": [
        {"device": "w0203-r1", "kind": "dead", "at": "T+10s", "for": "50s"},
        {"device": "w0301-r1", "kind": "dead", "at": "T+10s", "for": "6h"},
    ]
}

Eventually = Callable[..., Any]
LogIn = Callable[..., httpx.Client]
Restart = Callable[[Callable[[], None]], float]


class Instance:
    """`wardwatch up --demo` in a folder of its own: what it said, where it serves, and how it ends."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.address = f"127.0.0.1:{_free_port(socket.SOCK_STREAM)}"
        self.password = ""
        self._snmp_port = _free_port(socket.SOCK_DGRAM)
        self._output = folder / "output.txt"
        self._mark = f"e2e-{uuid.uuid4()}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def start(self) -> float:
        """Waits until it says where it is; seconds until it answered."""
        began = time.monotonic()
        arguments = ["up", "--demo", "--variant", "small-province", "--interval", str(POLL_INTERVAL_S)]
        places = ["--data", str(self.data), "--listen", self.address, "--snmp-port", str(self._snmp_port)]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "wardwatch", *arguments, *places],
                cwd=ROOT,
                env=os.environ | {"WARDWATCH_STORY": self._mark, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        served_s = 0.0
        while "Ctrl-C stops everything" not in self._said():
            served_s = served_s or (time.monotonic() - began if self._answers() else 0.0)
            assert self._process.poll() is None, f"it ended with {self._process.returncode}: {self._said()}"
            assert time.monotonic() - began < START_S, f"it did not start in {START_S:.0f} s: {self._said()}"
            time.sleep(0.05)
        assert f"WardWatch is at {self.url}" in self._said()
        found = re.search(r"^log in as admin with password (\S+)$", self._said(), re.MULTILINE)
        assert found, f"it does not say how to log in: {self._said()}"
        self.password = found[1]
        return served_s or time.monotonic() - began

    def stop(self) -> None:
        """Ctrl-C. Nothing of it may be left, and it may not have failed on the way."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        try:
            code = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            left = self._left()
            self._end_all()
            pytest.fail(f"it did not stop in {STOP_S:.0f} s; these were running: {left}")
        left = self._left()
        self._end_all()
        assert left == {}, "processes outlived it"
        assert code == 0, self._said()
        for log in [self._output, *sorted(self.data.glob("logs/*.log*"))]:
            bad = [line for line in log.read_text("utf-8").splitlines() if re.search(r"Traceback|\bERROR\b", line)]
            assert bad == [], f"{log.name} tells of failures"

    def _answers(self) -> bool:
        line = http.client.HTTPConnection(self.address, timeout=2)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            line.close()

    def _said(self) -> str:
        return self._output.read_text("utf-8") if self._output.exists() else ""

    def _left(self) -> dict[int, str]:
        """The processes that carry our mark or name our folder, by id."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                marked = self._mark.encode() in (process / "environ").read_bytes()
            except OSError:
                continue
            if marked or str(self.data) in command:
                found[int(process.name)] = command
        found.pop(os.getpid(), None)
        return found

    def _end_all(self) -> None:
        for process in self._left():
            os.kill(process, signal.SIGKILL)


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    if shutil.which("suricata") is None:
        pytest.skip("suricata is not installed: the demo's events come from it (wardwatch doctor says how)")
    made = Instance(tmp_path_factory.mktemp("e2e"))
    made.data.mkdir(mode=0o700)
    (made.data / "faults.yaml").write_text(json.dumps(FAULTS), encoding="utf-8")
    # Ports of its own: a demo that runs beside must hear nothing of what these stories send.
    ways = {way: [f"127.0.0.1:{_free_port(socket.SOCK_DGRAM)}"] for way in ("traps", "udp", "flows")}
    reception = {"traps": ways["traps"], "syslog": {"udp": ways["udp"], "tcp": []}, "flows": ways["flows"]}
    (made.data / "settings.yaml").write_text(json.dumps({"reception": reception}), encoding="utf-8")
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def url(instance: Instance) -> str:
    """Where the instance serves, without a slash at the end."""
    return instance.url


@pytest.fixture
def data(instance: Instance) -> Path:
    """Its data folder."""
    return instance.data


@pytest.fixture
def password(instance: Instance) -> str:
    """The administrator's, as it was printed."""
    return instance.password


@pytest.fixture
def log_in(instance: Instance) -> Iterator[LogIn]:
    """A client in which a user is logged in: the administrator, if nobody is named."""
    clients = []

    def enter(user: str = "admin", password: str | None = None) -> httpx.Client:
        headers = {"x-requested-with": "wardwatch"}
        client = httpx.Client(base_url=instance.url, headers=headers, trust_env=False, timeout=20)
        clients.append(client)
        login = {"username": user, "password": password or instance.password}
        answer = client.post("/api/v1/session", json=login)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return client

    yield enter
    for client in clients:
        client.close()


@pytest.fixture
def admin(log_in: LogIn) -> httpx.Client:
    return log_in()


@pytest.fixture
def restart(instance: Instance) -> Restart:
    """Stops the instance, does what is asked while nothing runs, starts it again; seconds until it answered."""

    def again(meanwhile: Callable[[], None]) -> float:
        instance.stop()
        try:
            meanwhile()
        finally:
            served_s = instance.start()
        return served_s

    return again


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Asks until the answer is not empty, and returns it; fails with the sentence when the deadline passes."""

    def wait(ask: Callable[[], Any], sentence: str, deadline_s: float = 30.0) -> Any:
        began = time.monotonic()
        while not (answer := ask()):
            assert time.monotonic() - began < deadline_s, f"not within {deadline_s:.0f} s: {sentence}"
            time.sleep(0.1)
        return answer

    return wait
