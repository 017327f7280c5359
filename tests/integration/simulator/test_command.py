"""`wardwatch simulate` as a process: it says when it answers, answers, counts, and ends in order."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from gufo.snmp import SnmpVersion
from gufo.snmp.sync import SnmpSession

from wardwatch.demo.city import build_city, demo_secrets
from wardwatch.inventory.exchange import export_inventory
from wardwatch.secrets import write_secrets

RUN = "import typer; from wardwatch.cli.simulate import command; typer.run(command)"


def test_a_small_province_answers_until_it_is_stopped(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inventory = build_city(1, "small-province", port)
    export_inventory(inventory, tmp_path / "city")
    write_secrets(tmp_path / "secrets", demo_secrets())
    options = ["--inventory", str(tmp_path / "city"), "--secrets", str(tmp_path / "secrets")]
    device = next(one for one in inventory.devices.values() if one.credential == "snmp-v2c-read")
    with subprocess.Popen(
        [sys.executable, "-c", RUN, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == f"simulating {len(inventory.devices):,} devices on lo:{port}\n"
            with SnmpSession(
                device.address, port=port, community="demo-city", version=SnmpVersion.v2c, timeout=5.0
            ) as session:
                assert session.get("1.3.6.1.2.1.1.5.0") == device.name.encode()
            # The answer is on its way a moment before it is counted.
            for _ in range(100):
                process.send_signal(signal.SIGUSR1)
                counted = process.stdout.readline()
                if counted == "counted replies=1 requests=1\n":
                    break
                time.sleep(0.02)
            assert counted == "counted replies=1 requests=1\n"
        finally:
            process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert (process.returncode, rest) == (0, "stopped; counted replies=1 requests=1\n")
