"""From enrolling a host key to a saved change and back, as an engineer types it."""

import json
from pathlib import Path

import pytest

from playbooks.access import offered_key
from playbooks.lab.device import FakeDevice
from playbooks.lab.server import PASSWORD, USER, Lab
from wardwatch.cli import run
from wardwatch.secrets import write_secrets

INVENTORY = """
zones: [{id: wan, name: WAN}]
units: [{id: city, name: City, kind: city, code: "1"}]
sites: [{id: hall, name: Hall, unit: city}]
devices: [{id: r1, name: R1, role: router, unit: city, site: hall, zone: wan, address: 127.0.0.1}]
"""


def test_enrol_back_up_plan_run_and_take_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device = FakeDevice.of("r1", "cisco_ios", "hostname r1\nenable secret 5 abcdefgh\n")
    data = ["--data", str(tmp_path / "data")]
    (tmp_path / "city.yaml").write_text(INVENTORY)
    assert run(["inventory", "import", str(tmp_path / "city.yaml"), *data]) == 0
    write_secrets(tmp_path / "data" / "secrets", {"lab": PASSWORD})
    with Lab([device]) as lab:
        folder = tmp_path / "data" / "playbooks"
        folder.mkdir()
        rule = {"select": {"devices": ["r1"]}, "platform": "cisco_ios", "user": USER, "password": "secret://lab",
                "port": lab.ports["r1"]}  # fmt: skip
        (folder / "access.yaml").write_text(json.dumps({"logins": [rule]}))

        assert run(["config", "backup", *data]) == 1, "no key is trusted yet"
        assert run(["hosts", "enrol", "r1", *data, "--fingerprint", "SHA256:other"]) == 2
        _, offered = offered_key("127.0.0.1", lab.ports["r1"])
        assert run(["hosts", "enrol", "r1", *data, "--fingerprint", offered]) == 0
        assert run(["config", "backup", *data]) == 0
        capsys.readouterr()
        assert run(["config", "show", "r1", *data]) == 0
        assert capsys.readouterr().out == "hostname r1\nenable secret 5 <hidden>\n"

        wanted = ["playbook", "plan", "syslog-target", *data, "--json", "--var", "collector=10.0.0.9"]
        assert run(wanted) == 0
        plan = json.loads(capsys.readouterr().out)["id"]
        assert run(["playbook", "run", plan[:12], *data]) == 0
        assert "logging" not in device.running.text(), "a dry run unless told"
        assert run(["playbook", "run", plan[:12], *data, "--apply"]) == 0
        assert "logging host 10.0.0.9" in device.startup.text()
        assert run(["config", "search", "logging host", *data]) == 0
        assert "r1:3: logging host 10.0.0.9" in capsys.readouterr().out
        assert run(["playbook", "rollback", plan[:12], *data, "--apply", "--why", "test"]) == 0
        assert "logging" not in device.startup.text()
        device.running.remove("enable secret")
        device.running.add("enable secret 5 another-one")
        assert run(["config", "restore", "r1", *data, "--version", "HEAD~1"]) == 0
        back = capsys.readouterr().out.split("plan ")[-1].split(",")[0]
        kept = (folder / "plans" / f"{back}.json").read_text()
        assert "abcdefgh" not in kept
        assert "another-one" not in kept
        assert run(["playbook", "run", back, *data, "--apply"]) == 2, "nobody approved it"
        assert run(["playbook", "run", back, *data, "--apply", "--break-glass", "the link is down"]) == 0
        assert "enable secret 5 abcdefgh" in device.startup.text()
        assert "logging host 10.0.0.9" in device.startup.text()
        assert run(["playbook", "plan", "static-route", *data]) == 2
        assert "variable 'network' has no value" in capsys.readouterr().err
