"""A live Suricata beside an installation: it gets the core's rules, and what it then sees comes back through a socket,
whoever is killed meanwhile."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

RULE = 'alert udp 127.0.0.1 any -> 127.0.0.1 {port} (msg:"{name}"; content:"{name}"; sid:{sid};)\n'
CONFIGURATION = """%YAML 1.1
---
default-rule-path: {folder}/data/sensor
rule-files: [suricata.rules]
unix-command: {{enabled: yes, filename: {folder}/command.sock}}
stats: {{enabled: yes, interval: 1}}
logging: {{default-log-level: notice, outputs: [{{console: {{enabled: yes}}}}]}}
outputs:
  - eve-log: {{enabled: yes, filetype: unix_stream, filename: {folder}/data/eve/eve.sock, types: [alert, stats]}}
"""
SETTINGS = "sensor: {configuration: ../suricata.yaml, command_socket: ../command.sock}\n"


class Site:
    """A folder with an installation and a sensor in it, and what runs there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.listen = f"127.0.0.1:{free.getsockname()[1]}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as port:
            port.bind(("127.0.0.1", 0))
            self.port: int = port.getsockname()[1]
        (folder / "data" / "rules").mkdir(parents=True)
        (folder / "data" / "settings.yaml").write_text(SETTINGS)
        (folder / "suricata.yaml").write_text(CONFIGURATION.format(folder=folder))

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)

    def wardwatch(self, name: str, *more: str) -> None:
        self.start(name, sys.executable, "-m", "wardwatch", name, "--data", "data", *more)

    def core(self) -> None:
        self.wardwatch("core", "--listen", self.listen)

    def suricata(self) -> None:
        self.start("suricata", "suricata", "-c", "suricata.yaml", "-l", str(self.folder), "--pcap=lo", "-k", "none")

    def kill(self, name: str) -> None:
        self.running[name].kill()
        self.running.pop(name).wait()

    def put_rule(self, name: str, sid: int) -> None:
        rule = RULE.format(port=self.port, name=name, sid=sid)
        (self.folder / "data" / "rules" / f"{name}.rules").write_text(rule)

    def send(self, text: str) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), ("127.0.0.1", self.port))

    def alerts(self) -> dict[str, int]:
        command = [sys.executable, "-m", "wardwatch", "events", "count", "--by", "rule.id", "--data", "data", "--json"]
        ended = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        counts: dict[str, int] = json.loads(ended.stdout) if ended.returncode == 0 else {}
        return {rule: count for rule, count in counts.items() if rule}

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def rules_loaded(self) -> bool:
        return "rules active" in self.said("ingest")


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if shutil.which("suricata") is None:
        pytest.skip("suricata is not installed")
    site = Site(tmp_path_factory.mktemp("b"))
    try:
        yield site
    finally:
        for process in reversed(site.running.values()):
            process.send_signal(signal.SIGTERM)
        for process in reversed(site.running.values()):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def test_the_cores_rules_reach_the_sensor_and_its_alerts_the_core_through_kills(site: Site) -> None:
    site.put_rule("first", 1)
    (site.folder / "data" / "sensor").mkdir()
    (site.folder / "data" / "sensor" / "suricata.rules").touch()
    site.core()
    until(lambda: (site.folder / "data" / "core.sock").exists())
    site.suricata()
    until(lambda: (site.folder / "command.sock").exists() and "Engine started" in site.said("suricata"))
    site.wardwatch("ingest")
    until(site.rules_loaded)
    site.send("first")
    until(lambda: site.alerts() == {"1": 1})

    # The core is away: what the sensor sees waits in the journal, and outlives the ingest.
    site.kill("core")
    before = len(journal(site))
    site.send("first")
    until(lambda: len(journal(site)) >= before + 3)  # A second of the sensor's own counters each.
    site.kill("ingest")
    site.core()
    site.wardwatch("ingest")
    until(lambda: site.alerts() == {"1": 2})

    # The sensor finds the new socket by itself, and the rules are those that are in place.
    def is_seen_again() -> bool:
        site.send("first")
        return site.alerts()["1"] > 2

    until(is_seen_again)
    assert site.said("ingest").count("rules active") == 1


def journal(site: Site) -> list[Path]:
    return list((site.folder / "data" / "journal" / "eve").glob("*.batch"))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
