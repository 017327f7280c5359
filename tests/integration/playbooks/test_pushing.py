"""A plan from its making to saved devices, on fake devices over real SSH."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from playbooks.approvals import admit, agree, valid
from playbooks.journal import State
from playbooks.lab.installation import CHANGES, WORD, Installation, fake
from playbooks.lab.server import Lab
from playbooks.plans import read_plan
from wardwatch.errors import Forbidden, UserError, WardWatchError
from wardwatch.model.time import utc_now

PLATFORMS = ("cisco_ios", "huawei_vrp", "h3c_comware", "juniper_junos")


def test_four_platforms_are_changed_once_and_taken_back(tmp_path: Path) -> None:
    devices = [fake(f"d-{platform}", platform) for platform in PLATFORMS]
    with Lab(devices) as lab:
        bench = Installation(tmp_path, {d.name: (d.platform, lab.ports[d.name]) for d in devices})
        bench.trust(lab.host_key)
        before = {device.name: device.running.text() for device in devices}
        plan = bench.plan("rollout: {max_failure_pct: 0}")
        assert plan.services == ("one-stop",)
        assert all("new" in each.difference for each in plan.devices)
        result = bench.runner.run(plan, "an")
        assert {standing.state for standing in result.values()} == {State.SAVED}, result
        assert all("new" in device.startup.text() for device in devices)

        logins = {device.name: device.logins for device in devices}
        assert bench.runner.run(plan, "an") == result
        assert {device.name: device.logins for device in devices} == logins, "a finished run logs in nowhere"

        entered = {device.name: device.entered for device in devices}
        again = bench.plan("rollout: {max_failure_pct: 0, parallel: 3}")
        assert [each.lines for each in again.devices] == [()] * 4
        bench.runner.run(again, "an")
        assert {device.name: device.entered for device in devices} == entered, "no difference, no configuration mode"

        back = bench.runner.roll_back(plan, "an", "not wanted")
        assert {standing.state for standing in back.values()} == {State.ROLLED_BACK}
        assert {device.name: device.running.text() for device in devices} == before
        assert {device.name: device.startup.text() for device in devices} == before
        search_for_the_marker(tmp_path)


def search_for_the_marker(folder: Path) -> None:
    """No secret's word is anywhere in clear: plans, journals, git objects, sealed files."""
    listed = subprocess.run(
        ["git", "-C", folder / "configurations", "log", "-p", "--all"], capture_output=True, text=True, check=True
    )
    assert "description new" in listed.stdout
    found = [path for path in folder.rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]
    assert found == []
    assert WORD not in listed.stdout


def test_a_halt_leaves_the_rest_alone_and_groups_are_kept_apart(tmp_path: Path) -> None:
    devices = [fake(f"d{number}", "cisco_ios") for number in range(4)]
    devices[0].faults.refuse = "ntp server"
    with Lab(devices) as lab:
        bench = Installation(tmp_path, {d.name: (d.platform, lab.ports[d.name]) for d in devices})
        bench.trust(lab.host_key)
        result = bench.runner.run(bench.plan(), "an")
        assert [standing.state for standing in result.values()] == [State.ROLLED_BACK] + [State.PLANNED] * 3


def test_a_changed_device_and_a_changed_plan_are_refused(tmp_path: Path) -> None:
    device = fake("d1", "cisco_ios")
    with Lab([device]) as lab:
        bench = Installation(tmp_path, {"d1": ("cisco_ios", lab.ports["d1"])})
        bench.trust(lab.host_key)
        plan = bench.plan()
        device.running.add("ip http server")
        assert bench.runner.run(plan, "an")["d1"].state is State.REFUSED
        path = tmp_path / "plans" / f"{plan.id}.json"
        path.write_text(path.read_text().replace("10.0.0.1", "10.0.0.2"))
        with pytest.raises(UserError, match="changed after it was made"):
            read_plan(tmp_path / "plans", plan.id)


def test_approval_is_of_others_for_a_time(tmp_path: Path) -> None:
    device = fake("d1", "cisco_ios")
    with Lab([device]) as lab:
        bench = Installation(tmp_path, {"d1": ("cisco_ios", lab.ports["d1"])})
        bench.trust(lab.host_key)
        plan = bench.plan("approval: {min: 1}")
        now = utc_now()
        with pytest.raises(Forbidden):
            admit(plan, [], now, None)
        with pytest.raises(Forbidden, match="cannot approve"):
            agree(tmp_path, plan, "an", now)
        agree(tmp_path, plan, "binh", now)
        admit(plan, valid(tmp_path, plan, now), now, None)
        assert valid(tmp_path, plan, now + timedelta(hours=25)) == []
        admit(plan, [], now, "the line is cut")


@pytest.mark.parametrize("fault", ["host-key", "password", "lock-out"])
def test_no_plan_where_it_cannot_be_safe(tmp_path: Path, fault: str) -> None:
    device = fake("d1", "cisco_ios")
    device.faults.refuse_login = fault == "password"
    changes = {"cisco_ios": "interface Vlan9\n shutdown"} if fault == "lock-out" else CHANGES
    with Lab([device]) as lab:
        bench = Installation(tmp_path, {"d1": ("cisco_ios", lab.ports["d1"])})
        if fault != "host-key":
            bench.trust(lab.host_key)
        said = {"host-key": "host key", "password": "refused the login", "lock-out": "management-interface"}[fault]
        with pytest.raises(WardWatchError, match=said):
            bench.plan("", changes)
        assert device.entered == 0
