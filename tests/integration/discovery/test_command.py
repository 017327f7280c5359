"""`wardwatch discover` as its user runs it, where no instance runs: it asks the simulated city by itself."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.snmp.simulator.config import SimulatorSettings
from collectors.snmp.simulator.faults import FaultSchedule
from collectors.snmp.simulator.simulator import Simulator
from wardwatch.cli import run
from wardwatch.cli.data import open_data
from wardwatch.demo.city import demo_secrets
from wardwatch.model.access import Actor
from wardwatch.model.inventory import Inventory
from wardwatch.model.time import utc_now
from wardwatch.secrets import write_secrets
from wardwatch.settings import DataFolder


@pytest.fixture
def data(city: Inventory, known_part: Inventory, tmp_path: Path) -> Iterator[str]:
    """An installation that knows a part of the city, which answers."""
    folder = DataFolder(tmp_path / "data")
    with open_data(folder.root) as opened:
        opened.replace_inventory(Actor("test"), known_part)
    write_secrets(folder.secrets, demo_secrets())
    secrets = demo_secrets()
    simulator = Simulator(
        SimulatorSettings(seed=3),
        city,
        lambda reference: secrets[reference.removeprefix("secret://")],
        FaultSchedule(),
        utc_now,
    )
    simulator.start()
    thread = threading.Thread(target=simulator.run)
    thread.start()
    yield str(folder.root)
    simulator.stop()
    thread.join()


def test_a_device_is_found_accepted_and_in_the_inventory(
    data: str, known_part: Inventory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["discover", "127.16.0.0/27", "--data", data]) == 0
    assert "asked 30 addresses, 30 devices" in capsys.readouterr().out
    assert run(["discover", "list", "--data", data, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    ready = [each for each in found if all(each["proposal"][key] for key in ("unit", "site", "zone", "role"))]
    first, second = ready[0]["id"], found[-1]["id"]
    assert run(["discover", "accept", first, "--data", data, "--id", "found-1"]) == 0
    assert run(["discover", "reject", second, "--data", data]) == 0
    capsys.readouterr()
    assert run(["discover", "list", "--data", data]) == 0
    assert f"{len(found) - 2} candidates" in capsys.readouterr().out
    with open_data(Path(data)) as opened:
        assert opened.inventory.devices.keys() - known_part.devices.keys() == {"found-1"}
    assert run(["discover", "accept", first, "--data", data]) == 2
    assert "was accepted already: it is device 'found-1'" in capsys.readouterr().err


def test_netbox_files_are_taken_together(data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    devices = tmp_path / "devices.csv"
    devices.write_text(
        "Name,Status,Site,Role,Manufacturer,Type,Serial number,IPv4 Address\n"
        "sw-nb,Active,nowhere,Access switch,Huawei,S5720,SN12345,10.32.0.77/24\n"
        "sw-old,Decommissioning,nowhere,Access switch,Huawei,S5720,SN12346,10.32.0.78/24\n"
    )
    assert run(["discover", "--netbox", str(devices), "--data", data]) == 0
    told = capsys.readouterr()
    assert "1 devices, 0 in the inventory, 1 candidates" in told.out
    assert "left out" in told.err
    assert "sw-old" in told.err


WRONG: tuple[tuple[tuple[str, ...], str], ...] = (
    (("192.0.2.0/24",), "lies outside the networks of the inventory"),
    (("127.16.0.0/19",), "lies outside"),
    ((), "say one place to look"),
    (("127.16.0.0/27", "--crawl", "x"), "say one place to look"),
    (("--crawl", "no-such-device"), "there is no device 'no-such-device'"),
    (("--crawl", "x", "--depth", "9"), "less than or equal to 8"),
    (("accept", "ffff"), "there is no candidate: 'ffff'"),
)


def test_what_cannot_be_done_is_said(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, why in WRONG:
        assert run(["discover", *arguments, "--data", data]) == 2
        assert why in capsys.readouterr().err
