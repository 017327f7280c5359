"""The shipped drill on the real Suricata: what it sees, what a broken rule does, and where the records go."""

import asyncio
import contextlib
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import drills
from drills.offline import DrillResult, run_offline
from drills.packets import EPOCH
from drills.pipeline import batches, namespace
from drills.report import markdown
from drills.scenario import load_scenario
from drills.sensor import SensorSettings, SuricataSensor
from wardwatch.ecs import decoded
from wardwatch.errors import EngineFault, UserError

pytestmark = pytest.mark.anyio
SCENARIO = Path(drills.__file__).parent / "scenarios" / "web-attack-one-stop-portal.yaml"
STARTED = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


async def run(folder: Path, seed: int = 7, settings: SensorSettings | None = None) -> DrillResult:
    return await run_offline(load_scenario(SCENARIO), seed, folder, STARTED, settings or SensorSettings())


async def test_the_defence_sees_the_attack_and_leaves_citizens_alone(tmp_path: Path) -> None:
    result = await run(tmp_path)
    statuses = {judgement.id: judgement.status.value for judgement in result.judgements}
    assert statuses == {
        "citizens-undisturbed": "met",
        "scan-detected": "met",
        "sqli-detected": "met",
        "sqli-prevented": "void",
        "log4shell-detected": "met",
        "log4shell-triaged": "void",
        "exfiltration-detected": "met",
    }
    assert result.score == 1.0
    assert result.false_positives == []
    scan = next(judgement for judgement in result.judgements if judgement.id == "scan-detected")
    # 60 ports at 40 a second: the rule cannot fire before 1.475 s, and fires then.
    assert scan.time_to_detect_s == pytest.approx(1.475, abs=0.01)
    assert "100,0 %" in markdown(result)


async def test_a_seed_repeats_and_another_differs(tmp_path: Path) -> None:
    first, again, other = [await run(tmp_path / name, seed) for name, seed in (("1", 7), ("2", 7), ("3", 8))]
    assert first.capture.sha256 == again.capture.sha256 != other.capture.sha256
    assert first.judgements == again.judgements


async def test_a_rule_that_is_not_loaded_makes_its_expectation_void(tmp_path: Path) -> None:
    settings = SensorSettings()
    lines = [line for line in settings.rules.read_text(encoding="utf-8").splitlines() if "sid:9000003" not in line]
    (tmp_path / "drill.rules").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = await run(tmp_path / "run", settings=SensorSettings(rules=tmp_path / "drill.rules"))
    verdict = next(judgement for judgement in result.judgements if judgement.id == "log4shell-detected")
    assert (verdict.status.value, verdict.reason) == ("void", "rule 9000003 is not loaded in the sensor")


async def test_a_rule_that_does_not_compile_makes_its_expectation_void_and_the_rest_stays(tmp_path: Path) -> None:
    settings = SensorSettings()
    lines = settings.rules.read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines) if "sid:9000003" in line)
    lines[number] = lines[number].replace("content:", "kontent:")
    (tmp_path / "drill.rules").write_text("\n".join(lines) + "\n", encoding="utf-8")
    whole = {judgement.id: judgement for judgement in (await run(tmp_path / "whole")).judgements}
    result = await run(tmp_path / "run", settings=SensorSettings(rules=tmp_path / "drill.rules"))
    changed = [judgement for judgement in result.judgements if judgement != whole[judgement.id]]
    assert [(judgement.id, judgement.status.value) for judgement in changed] == [("log4shell-detected", "void")]
    place = f"line {number + 1} of its rules"
    assert changed[0].reason == f"rule 9000003 does not compile: the sensor refused {place}"
    assert [(rule.sid, rule.line) for rule in result.rules_refused] == [(9000003, number + 1)]
    assert f"sid 9000003, dòng / line {number + 1}" in markdown(result)


async def test_without_its_canary_a_silent_sensor_proves_nothing(tmp_path: Path) -> None:
    rules = SensorSettings().rules.read_text(encoding="utf-8")
    (tmp_path / "drill.rules").write_text(rules.replace("WARDWATCH-CANARY", "another-bird-sings"), encoding="utf-8")
    result = await run(tmp_path / "run", settings=SensorSettings(rules=tmp_path / "drill.rules"))
    assert {judgement.status.value for judgement in result.judgements} == {"void"}
    assert result.score is None
    assert "canary" in result.judgements[0].reason


async def test_an_engine_that_cannot_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(EngineFault, match=r"did not start: .*nowhere"):
        await run(tmp_path / "run", settings=SensorSettings(configuration=tmp_path / "nowhere.yaml"))


async def test_records_go_to_the_drills_namespace_with_shifted_times(tmp_path: Path) -> None:
    result = await run(tmp_path)
    made = list(batches(result, None, STARTED + timedelta(hours=1)))
    events = [event for batch in made for event in batch.events]
    assert {batch.namespace for batch in made} == {namespace(result)}
    assert not any(batch.rejected for batch in made)
    lines = result.eve.read_text(encoding="utf-8").splitlines()
    assert len(events) == len(lines)
    length = timedelta(seconds=max(sent.last_s for sent in result.capture.injects.values()))
    first = min(events, key=lambda event: event.at)
    assert STARTED - length <= first.at < STARTED - length + timedelta(minutes=1)
    assert max(event.at for event in events) <= STARTED + timedelta(seconds=1)
    original = datetime.fromisoformat(decoded(first)["wardwatch"]["drill"]["original_time"])
    assert original - EPOCH == first.at - (STARTED - length)
    assert decoded(first)["wardwatch"]["drill"]["run"] == result.id


async def test_rules_that_are_not_there_are_the_users_fault(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIO).model_copy(update={"rules": "other.rules"})
    with pytest.raises(UserError, match=r"no rules 'other.rules'"):
        await run_offline(scenario, 7, tmp_path / "run", STARTED, SensorSettings())


async def struck(pid: int) -> None:
    """Waits until no thread of the process runs: a signal is delivered some time after it was sent."""
    async with asyncio.timeout(20):
        while any(state not in "TZX" for state in states(pid)):
            await asyncio.sleep(0.01)


def states(pid: int) -> list[str]:
    """The state letters of a process's threads (proc(5)); none once it is gone."""
    found = []
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            found.append(stat.read_text().rpartition(")")[2].split()[0])
    return found


@pytest.mark.parametrize(
    ("blow", "said"),
    [(signal.SIGKILL, "suricata ended"), (signal.SIGSTOP, "did not answer in 0 s")],
    ids=["dies", "hangs"],
)
async def test_an_engine_that_fails_is_a_fault_with_words(tmp_path: Path, blow: signal.Signals, said: str) -> None:
    async with SuricataSensor(SensorSettings(answer_timeout_s=0.4)) as sensor:
        assert sensor._process is not None
        sensor._process.send_signal(blow)
        await struck(sensor._process.pid)
        with pytest.raises(EngineFault, match=said):
            await sensor.replay(tmp_path / "x.pcap", tmp_path)
