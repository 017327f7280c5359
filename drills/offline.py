"""An offline run: packets with exact times from the fixed epoch, the real Suricata, a judgement of each expectation."""

import dataclasses
import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drills.matching import Sighting, is_canary, once_per_flow, read_sightings
from drills.packets import EPOCH, DrillCapture, make_capture
from drills.scenario import Scenario
from drills.score import (
    Evidence,
    ExpectationStatus,
    Judgement,
    judge,
    rating,
    score,
    unexplained,
)
from drills.sensor import RefusedRule, SensorSettings, SuricataSensor
from wardwatch.errors import UserError


@dataclass(frozen=True, slots=True)
class DrillResult:
    """What came of a run. Times in `judgements` are the capture's own; `load_s`, `replay_s` are this machine's."""

    id: str
    scenario: Scenario
    seed: int
    started_at: datetime
    capture: DrillCapture
    rules_sha256: str
    rules_refused: Sequence[RefusedRule]
    eve: Path
    load_s: float
    replay_s: float
    judgements: Sequence[Judgement]
    false_positives: Sequence[Sighting]

    @property
    def score(self) -> float | None:
        return score(self.judgements)

    def as_json(self) -> dict[str, Any]:
        """The machine-readable record of the run (`score.json`)."""
        return {
            "id": self.id,
            "scenario": self.scenario.id,
            "title": {"vi": self.scenario.title.vi, "en": self.scenario.title.en},
            "mode": self.scenario.mode,
            "legal_basis": list(self.scenario.legal_basis),
            "seed": self.seed,
            "sha256": self.capture.sha256,
            "packets": self.capture.packets,
            "rules_sha256": self.rules_sha256,
            "rules_refused": [dataclasses.asdict(rule) for rule in self.rules_refused],
            "started_at": self.started_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "load_s": round(self.load_s, 3),
            "replay_s": round(self.replay_s, 3),
            "score": self.score,
            "rating": rating(self.score, self.judgements, self.scenario),
            "counts": dict(Counter(judgement.status.value for judgement in self.judgements)),
            "false_positives": len(self.false_positives),
            "false_positive_alerts": [_alert(sighting) for sighting in self.false_positives],
            "expectations": [dataclasses.asdict(judgement) for judgement in self.judgements],
        }


async def run_offline(
    scenario: Scenario,
    seed: int,
    folder: Path,
    started_at: datetime,
    settings: SensorSettings,
) -> DrillResult:
    """Carries a scenario out in `folder`, which then holds `capture.pcap`, `eve.json` and `score.json`."""
    rules = _rules(scenario, settings)
    capture = _capture(scenario, seed, folder)
    async with SuricataSensor(dataclasses.replace(settings, rules=rules)) as sensor:
        return await _replayed(scenario, seed, capture, started_at, rules, sensor)


async def run_library(
    scenarios: Sequence[Scenario],
    seed: int,
    folder: Path,
    started_at: datetime,
    settings: SensorSettings,
) -> list[DrillResult]:
    """Carries scenarios out one after the other, each in a folder of its id, on one Suricata for each rule file."""
    wanted = [(scenario, _rules(scenario, settings)) for scenario in scenarios]
    found: dict[str, DrillResult] = {}
    for rules in dict.fromkeys(rules for _, rules in wanted):
        async with SuricataSensor(dataclasses.replace(settings, rules=rules)) as sensor:
            for scenario in (scenario for scenario, file in wanted if file == rules):
                capture = _capture(scenario, seed, folder / scenario.id)
                found[scenario.id] = await _replayed(scenario, seed, capture, started_at, rules, sensor)
    return [found[scenario.id] for scenario in scenarios]


def _rules(scenario: Scenario, settings: SensorSettings) -> Path:
    """The scenario's rule file, beside the one of the settings."""
    rules = settings.rules.with_name(scenario.rules)
    if not rules.is_file():
        known = ", ".join(sorted(file.name for file in rules.parent.glob("*.rules")))
        raise UserError(f"scenario '{scenario.id}': there are no rules '{scenario.rules}'", f"known: {known}")
    return rules


def _capture(scenario: Scenario, seed: int, folder: Path) -> DrillCapture:
    folder.mkdir(parents=True, exist_ok=True)
    return make_capture(scenario, seed, folder / "capture.pcap")


async def _replayed(
    scenario: Scenario,
    seed: int,
    capture: DrillCapture,
    started_at: datetime,
    rules: Path,
    sensor: SuricataSensor,
) -> DrillResult:
    """The capture read by a running sensor, and judged."""
    folder = capture.path.parent
    before = time.monotonic()
    eve = await sensor.replay(capture.path, folder)
    replay_s = time.monotonic() - before
    read = once_per_flow(read_sightings(eve, EPOCH))
    sightings = [sighting for sighting in read if not is_canary(sighting)]
    evidence = Evidence(capture.injects, sightings, sensor.sids, sensor.refused, len(sightings) < len(read))
    result = DrillResult(
        id=f"{scenario.id}-{seed}-{started_at:%Y%m%dT%H%M%SZ}",
        scenario=scenario,
        seed=seed,
        started_at=started_at,
        capture=capture,
        rules_sha256=hashlib.sha256(rules.read_bytes()).hexdigest(),
        rules_refused=sensor.refused,
        eve=eve,
        load_s=sensor.load_s,
        replay_s=replay_s,
        judgements=judge(scenario, evidence),
        false_positives=unexplained(scenario, evidence),
    )
    (folder / "score.json").write_text(json.dumps(result.as_json(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    return result


def missed(result: DrillResult) -> list[Judgement]:
    """What the defence did not see in time."""
    return [judgement for judgement in result.judgements if judgement.status is ExpectationStatus.MISSED]


def _alert(sighting: Sighting) -> dict[str, Any]:
    record = sighting.record
    alert = record.get("alert", {})
    return {
        "at_s": round(sighting.at_s, 6),
        "sid": alert.get("signature_id"),
        "signature": alert.get("signature"),
        "source": record.get("src_ip"),
        "destination": record.get("dest_ip"),
    }
