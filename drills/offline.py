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

from detectors.sigma.ruleset import Ruleset
from drills.evidence import Evidence
from drills.matching import Sighting, is_canary, once_per_flow
from drills.packets import EPOCH, DrillCapture, SentInject, make_capture
from drills.scenario import Scenario
from drills.score import (
    ExpectationStatus,
    Judgement,
    judge,
    rating,
    score,
    unexplained,
)
from drills.sensor import RefusedRule, SensorSettings, SuricataSensor
from drills.sightings import SigmaTitles, read_sightings, sigma_rules, sigma_sightings, told_sightings
from drills.standing import Accuracy, accuracy, by_kind, objectives, proposals, techniques, told_alert
from drills.telemetry.carried import Telemetry, telemetry
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
    telemetry: Telemetry
    accuracy: Accuracy

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
            "told": len(self.telemetry.told),
            "told_sha256": self.telemetry.sha256,
            "rules_sha256": self.rules_sha256,
            "rules_refused": [dataclasses.asdict(rule) for rule in self.rules_refused],
            "started_at": self.started_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "load_s": round(self.load_s, 3),
            "replay_s": round(self.replay_s, 3),
            "score": self.score,
            "rating": rating(self.score, self.judgements, self.scenario),
            "by_kind": by_kind(self.judgements),
            "objectives": objectives(self.scenario, self.judgements),
            "techniques": techniques(self.judgements),
            "human_ratings_proposed": proposals(self.judgements),
            "accuracy": dataclasses.asdict(self.accuracy),
            "counts": dict(Counter(judgement.status.value for judgement in self.judgements)),
            "false_positives": len(self.false_positives),
            "false_positive_alerts": [told_alert(sighting) for sighting in self.false_positives],
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
    ruleset = sigma_rules(sensor.settings.sigma)
    told = telemetry(scenario, seed, EPOCH)
    evidence = _evidence(eve, capture, told, sensor, ruleset)
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
        telemetry=told,
        accuracy=accuracy(scenario, evidence),
    )
    (folder / "score.json").write_text(json.dumps(result.as_json(), ensure_ascii=False, indent=2) + "\n", "utf-8")
    return result


def _evidence(eve: Path, capture: DrillCapture, told: Telemetry, sensor: SuricataSensor, ruleset: Ruleset) -> Evidence:
    """All that was seen, in order of time, with what could have seen it."""
    read = once_per_flow(read_sightings(eve, EPOCH))
    seen = [sighting for sighting in read if not is_canary(sighting)]
    canary_seen = len(seen) < len(read)
    seen = sorted([*seen, *told_sightings(told.events, EPOCH)], key=lambda sighting: sighting.at_s)
    seen += sigma_sightings(seen, ruleset, EPOCH)
    seen.sort(key=lambda sighting: sighting.at_s)
    sent = capture.injects | {name: SentInject(*times) for name, times in told.sent.items()}
    titles = SigmaTitles.of(ruleset).titles
    return Evidence(sent, seen, sensor.sids, sensor.refused, canary_seen, titles)


def missed(result: DrillResult) -> list[Judgement]:
    """What the defence did not see in time."""
    return [judgement for judgement in result.judgements if judgement.status is ExpectationStatus.MISSED]
