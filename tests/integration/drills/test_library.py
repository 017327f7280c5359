"""Every shipped scenario on the real Suricata: it is seen with its rules, and no rule is credited that is not there."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from drills.navigator import layer
from drills.offline import DrillResult, run_library, run_offline
from drills.scenario import SHIPPED, ExpectationKind, load_scenario
from drills.sensor import SensorSettings

pytestmark = pytest.mark.anyio
STARTED = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
OFFLINE = (ExpectationKind.DETECTION, ExpectationKind.NO_ALERT)
LIBRARY = sorted(SHIPPED.glob("*.yaml"))


async def statuses(path: Path, folder: Path, settings: SensorSettings) -> tuple[dict[str, str], DrillResult]:
    result = await run_offline(load_scenario(path), 7, folder, STARTED, settings)
    return {judgement.id: judgement.status.value for judgement in result.judgements}, result


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
async def test_what_an_offline_run_can_judge_is_met_and_repeats(path: Path, tmp_path: Path) -> None:
    seen, result = await statuses(path, tmp_path / "1", SensorSettings())
    assert result.scenario.id == path.stem
    assert {judgement.id for judgement in result.judgements if judgement.kind in OFFLINE} == {
        name for name, status in seen.items() if status == "met"
    }
    assert result.false_positives == []
    again, repeated = await statuses(path, tmp_path / "2", SensorSettings())
    assert (again, repeated.capture.sha256) == (seen, result.capture.sha256)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
async def test_disabling_a_rule_turns_exactly_its_expectations_void(path: Path, tmp_path: Path) -> None:
    scenario = load_scenario(path)
    before, result = await statuses(path, tmp_path / "whole", SensorSettings())
    lines = SensorSettings().rules.read_text(encoding="utf-8").splitlines()
    relied_on: dict[object, set[str]] = {}
    for judgement, expectation in zip(
        result.judgements, [wanted for inject in scenario.injects for wanted in inject.expectations], strict=True
    ):
        if "alert.signature_id" in expectation.match:
            relied_on.setdefault(expectation.match["alert.signature_id"], set()).add(judgement.id)
    for sid, expected in relied_on.items():
        folder = tmp_path / str(sid)
        folder.mkdir()
        rules = folder / "drill.rules"
        rules.write_text("\n".join(line for line in lines if f"sid:{sid};" not in line) + "\n", encoding="utf-8")
        after, _ = await statuses(path, folder / "run", SensorSettings(rules=rules))
        assert {name for name in before if before[name] != after[name]} == expected
        assert {after[name] for name in expected} == {"void"}


async def test_one_sensor_for_the_library_judges_as_one_for_each(tmp_path: Path) -> None:
    scenarios = [load_scenario(path) for path in LIBRARY]
    together = await run_library([*scenarios], 7, tmp_path / "together", STARTED, SensorSettings())
    assert len({result.load_s for result in together}) == 1
    for path, result in zip(LIBRARY, together, strict=True):
        _, alone = await statuses(path, tmp_path / "alone" / path.stem, SensorSettings())
        assert (result.judgements, result.capture.sha256) == (alone.judgements, alone.capture.sha256)
        assert result.false_positives == []
    made = layer(together, "library")
    scores = {technique["techniqueID"]: technique["score"] for technique in made["techniques"]}
    tested = {judgement.technique for result in together for judgement in result.judgements if judgement.rung}
    assert scores == dict.fromkeys(tested, 100.0)
    assert made["versions"]["layer"] == "4.5"
    assert "web-attack-one-stop-portal: sqli-detected met" in "".join(one["comment"] for one in made["techniques"])
