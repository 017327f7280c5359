"""A plan from its making to saved devices, on fake devices over real SSH."""

import importlib.util
import subprocess
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from playbooks.approvals import admit, agree, valid
from playbooks.journal import State
from playbooks.lab.server import Lab
from playbooks.plans import read_plan
from wardwatch.errors import Forbidden, UserError, WardWatchError
from wardwatch.model.time import utc_now

HERE = Path(__file__).parent
PLATFORMS = ("cisco_ios", "huawei_vrp", "h3c_comware", "juniper_junos")


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("playbooks_bench", HERE / "bench.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BENCH = loaded()


def trust(folder: Path, lab: Lab) -> None:
    lines = [f"[127.0.0.1]:{port} {lab.host_key}\n" for port in lab.ports.values()]
    (folder / "known_hosts").write_text("".join(lines))


def test_four_platforms_are_changed_once_and_taken_back(tmp_path: Path) -> None:
    devices = [BENCH.fake(f"d-{platform}", platform) for platform in PLATFORMS]
    with Lab(devices) as lab:
        trust(tmp_path, lab)
        bench = BENCH.Bench(tmp_path, {d.name: (d.platform, lab.ports[d.name]) for d in devices}, {})
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
    found = [path for path in folder.rglob("*") if path.is_file() and BENCH.WORD.encode() in path.read_bytes()]
    assert found == []
    assert BENCH.WORD not in listed.stdout


def test_a_halt_leaves_the_rest_alone_and_groups_are_kept_apart(tmp_path: Path) -> None:
    devices = [BENCH.fake(f"d{number}", "cisco_ios") for number in range(4)]
    devices[0].faults.refuse = "ntp server"
    with Lab(devices) as lab:
        trust(tmp_path, lab)
        bench = BENCH.Bench(tmp_path, {d.name: (d.platform, lab.ports[d.name]) for d in devices}, {})
        result = bench.runner.run(bench.plan(), "an")
        assert [standing.state for standing in result.values()] == [State.ROLLED_BACK] + [State.PLANNED] * 3


def test_a_changed_device_and_a_changed_plan_are_refused(tmp_path: Path) -> None:
    device = BENCH.fake("d1", "cisco_ios")
    with Lab([device]) as lab:
        trust(tmp_path, lab)
        bench = BENCH.Bench(tmp_path, {"d1": ("cisco_ios", lab.ports["d1"])}, {})
        plan = bench.plan()
        device.running.add("ip http server")
        assert bench.runner.run(plan, "an")["d1"].state is State.REFUSED
        path = tmp_path / "plans" / f"{plan.id}.json"
        path.write_text(path.read_text().replace("10.0.0.1", "10.0.0.2"))
        with pytest.raises(UserError, match="changed after it was made"):
            read_plan(tmp_path / "plans", plan.id)


def test_approval_is_of_others_for_a_time(tmp_path: Path) -> None:
    device = BENCH.fake("d1", "cisco_ios")
    with Lab([device]) as lab:
        trust(tmp_path, lab)
        bench = BENCH.Bench(tmp_path, {"d1": ("cisco_ios", lab.ports["d1"])}, {})
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
    device = BENCH.fake("d1", "cisco_ios")
    device.faults.refuse_login = fault == "password"
    changes = {"cisco_ios": "interface Vlan9\n shutdown"} if fault == "lock-out" else BENCH.CHANGES
    with Lab([device]) as lab:
        if fault != "host-key":
            trust(tmp_path, lab)
        bench = BENCH.Bench(tmp_path, {"d1": ("cisco_ios", lab.ports["d1"])}, {})
        said = {"host-key": "host key", "password": "refused the login", "lock-out": "management-interface"}[fault]
        with pytest.raises(WardWatchError, match=said):
            bench.plan("", changes)
        assert device.entered == 0
