"""Rules for a real Suricata: checked, put in place, loaded while it runs; what it does not take leaves the old in
force."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.suricata.command_socket import command_socket
from collectors.suricata.sensor import RulesOutcome, RulesState, SensorRules
from wardwatch.bench.captures import CONFIGURATION
from wardwatch.errors import StoreFault
from wardwatch.settings import SensorSettings

ONE = b'alert icmp any any -> any any (msg:"one"; sid:1;)\n'
TWO = ONE + b'alert tcp any any -> any any (msg:"two"; sid:2;)\n'
BROKEN = ONE + b'alert nonsense any any -> any any (msg:"broken"; sid:3;)\n'


@pytest.fixture
def settings(tmp_path: Path) -> SensorSettings:
    if shutil.which("suricata") is None:
        pytest.skip("suricata is not installed")
    own = tmp_path / "suricata.yaml"
    own.write_text(
        f"%YAML 1.1\n---\ninclude: {CONFIGURATION}\nunix-command: {{enabled: yes, filename: {tmp_path}/c.sock}}\n"
        f"default-rule-path: {tmp_path}\nrule-files: [suricata.rules]\n",
        encoding="utf-8",
    )
    return SensorSettings(tmp_path / "suricata.rules", own, tmp_path / "c.sock", timeout_s=60)


@contextlib.asynccontextmanager
async def running(settings: SensorSettings) -> AsyncIterator[None]:
    """Suricata on the loopback interface, up to the point where it answers commands."""
    folder = settings.rules.parent
    with (folder / "engine.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("suricata", "-c", str(settings.configuration), "-l", str(folder), "--pcap=lo"), stdout=log, stderr=log
        )
    try:
        async with asyncio.timeout(60):
            while await loaded(settings) is None:
                assert process.returncode is None, (folder / "engine.log").read_text()
                await asyncio.sleep(0.1)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def loaded(settings: SensorSettings) -> int | None:
    async with command_socket(settings.command_socket, 10) as suricata:
        return None if suricata is None else await suricata.rules_loaded()


def test_a_running_suricata_loads_what_it_can_and_keeps_the_old_otherwise(settings: SensorSettings) -> None:
    settings.rules.write_bytes(b"")

    async def story() -> tuple[list[RulesOutcome], list[int | None]]:
        rules = SensorRules(settings)
        async with running(settings):
            outcomes = [await rules.apply(TWO, "v2")]
            counts = [await loaded(settings)]
            outcomes.append(await rules.apply(BROKEN, "v3"))
            # Without the program to ask first, the running Suricata is what objects.
            blind = SensorRules(replace(settings, program="no-such-program"))
            outcomes.append(await blind.apply(BROKEN, "v3"))
            counts.append(await loaded(settings))
            outcomes.append(await blind.apply(ONE, "v4"))
            counts.append(await loaded(settings))
        return outcomes, counts

    (first, refused, refused_late, last), counts = asyncio.run(story())
    assert first == RulesOutcome("v2", RulesState.ACTIVE, 2)
    assert (refused.version, refused.state) == ("v2", RulesState.REFUSED)
    assert 'protocol "nonsense" cannot be used' in refused.reason
    assert (refused_late.version, refused_late.state) == ("v2", RulesState.REFUSED)
    assert refused_late.reason.startswith("1 rules were not loaded; line 2: alert nonsense")
    assert last == RulesOutcome("v4", RulesState.ACTIVE, 1)
    assert counts == [2, 2, 1]
    assert settings.rules.read_bytes() == ONE
    assert SensorRules(settings).version() == "v4"


def test_without_a_running_suricata_the_rules_wait_for_it(settings: SensorSettings) -> None:
    rules = SensorRules(settings)
    assert rules.version() == ""
    assert asyncio.run(rules.in_force()) is None
    assert asyncio.run(rules.apply(ONE, "v1")) == RulesOutcome("v1", RulesState.WAITING)
    assert asyncio.run(rules.in_force()) == RulesOutcome("v1", RulesState.WAITING)
    assert rules.version() == "v1"
    assert asyncio.run(rules.apply(BROKEN, "v2")).state is RulesState.REFUSED
    assert (rules.version(), settings.rules.read_bytes()) == ("v1", ONE)
    settings.rules.write_bytes(TWO)
    assert rules.version() == "", "somebody else's file is not ours"
    left = {path.name for path in settings.rules.parent.iterdir()}
    assert left == {"suricata.yaml", "suricata.rules", ".suricata.rules.version"}


def test_a_folder_that_cannot_be_written_says_so(settings: SensorSettings) -> None:
    (settings.rules.parent / "a-file").touch()
    inside = replace(settings, rules=settings.rules.parent / "a-file" / "suricata.rules")
    with pytest.raises(StoreFault, match="cannot be written: File exists"):
        asyncio.run(SensorRules(inside).apply(ONE, "v1"))
