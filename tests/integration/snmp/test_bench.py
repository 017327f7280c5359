"""`wardwatch bench snmp`, small: the figures are there and nothing stays behind."""

import os
import shutil
import subprocess

import pytest

from wardwatch.bench import snmp_city, snmp_exporter
from wardwatch.bench.agents import PREFIX
from wardwatch.bench.snmp import BenchSettings, run
from wardwatch.errors import UserError


def namespaces() -> str:
    return subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout


def test_only_root_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UserError, match="root"):
        run(BenchSettings())


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a network namespace, which only root may do")
@pytest.mark.skipif(shutil.which(snmp_exporter.PROGRAM) is None, reason="prometheus-snmp-exporter is not installed")
def test_all_four_are_measured_and_the_namespace_goes() -> None:
    figures = run(BenchSettings(agents=6, pairs=4, rounds=1, pysnmp_agents=1))
    results = figures["results"]
    assert set(results) == {"wardwatch", "snmp_exporter", "gufo", "pysnmp"}
    # 15 columns of 8 ports, lo and the way out, and three scalars of ours.
    assert results["gufo"]["varbinds"] == 6 * 15 * 10
    assert results["snmp_exporter"]["varbinds"] == results["gufo"]["varbinds"]
    assert results["pysnmp"]["varbinds"] == 15 * 10
    assert results["wardwatch"]["varbinds"] == 6 * (15 * 10 + 3)
    # The exporter's clock ticks in hundredths of a second: so little may cost it nothing.
    assert all(contender["cpu_us_per_varbind"] > 0 for name, contender in results.items() if name != "snmp_exporter")
    assert figures["machine"]["cores"] >= 1
    assert f"{PREFIX}{os.getpid()}" not in namespaces()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs a core for the agents and one for the poller")
def test_a_small_city_is_polled_on_one_core() -> None:
    result = snmp_city.run(snmp_city.CitySettings(devices=30, ports=8, rounds=1))["results"]["wardwatch"]
    assert result["failed"] == 0
    assert result["varbinds_a_round"] >= 30 * 8 * 13
    assert result["memory_mib"] > 0
    assert 0 < result["slowest_round_s"] <= 60
