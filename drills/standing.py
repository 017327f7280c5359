"""What a run's judgements come to: per objective, per ATT&CK technique, and how far its alerts can be believed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from drills.evidence import Evidence
from drills.matching import Sighting
from drills.observed import proposed
from drills.scenario import ExpectationKind, Scenario
from drills.score import BENIGN, ExpectationStatus, Judgement, rating, score, unexplained

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Alerts of a run. `benign_alerts` came while only the white cell's benign traffic was sent: the baseline that the
    rest is compared with. `precision` is None without any alert."""

    alerts: int
    false_positives: int
    benign_alerts: int
    precision: float | None
    false_positives_per_hour: float


def accuracy(scenario: Scenario, evidence: Evidence) -> Accuracy:
    """How many of the alerts some inject accounts for."""
    alerts = [sighting for sighting in evidence.sightings if sighting.is_alert]
    false = unexplained(scenario, evidence)
    attacks = [evidence.sent[one.id] for one in scenario.injects if one.actor != BENIGN and one.id in evidence.sent]
    first_s = min((sent.first_s for sent in attacks), default=float("inf"))
    benign = sum(sighting.at_s < first_s for sighting in false)
    length_s = max((sent.last_s for sent in evidence.sent.values()), default=0.0)
    precision = round((len(alerts) - len(false)) / len(alerts), 4) if alerts else None
    per_hour = round(len(false) * _HOUR_S / max(length_s, 1.0), 3)
    return Accuracy(len(alerts), len(false), benign, precision, per_hour)


def objectives(scenario: Scenario, judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """Each objective with its share of credit, HSEEP letter, and how many of its expectations could be judged."""
    told = []
    for objective in scenario.objectives:
        own = [one for one in judgements if one.objective == objective.id]
        share = score(own)
        judged = sum(one.status is not ExpectationStatus.VOID for one in own)
        told.append(
            {
                "id": objective.id,
                "text": objective.text,
                "text_en": objective.text_en,
                "capability": objective.capability,
                "score": share,
                "rating": rating(share, own, scenario),
                "judged": judged,
                "expectations": len(own),
            }
        )
    return told


def techniques(judgements: Iterable[Judgement]) -> dict[str, dict[str, int]]:
    """Per ATT&CK technique how many detections were tested and how many succeeded; what nobody tested is not in it."""
    found: dict[str, dict[str, int]] = {}
    for one in judgements:
        if one.technique is None or one.kind is not ExpectationKind.DETECTION:
            continue
        if one.status is not ExpectationStatus.VOID:
            counted = found.setdefault(one.technique, {"tested": 0, "detected": 0})
            counted["tested"] += 1
            counted["detected"] += one.credit > 0
    return dict(sorted(found.items()))


def by_kind(judgements: Sequence[Judgement]) -> dict[str, dict[str, float | int | None]]:
    """The score of each kind of expectation, beside how many of how many could be judged."""
    told: dict[str, dict[str, float | int | None]] = {}
    for kind in ExpectationKind:
        own = [one for one in judgements if one.kind is kind]
        if own:
            judged = sum(one.status is not ExpectationStatus.VOID for one in own)
            told[kind.value] = {"score": score(own), "judged": judged, "expectations": len(own)}
    return told


def proposals(judgements: Iterable[Judgement]) -> dict[str, str]:
    """For human responses that were judged, the HSEEP letter that time alone proposes."""
    return {
        one.id: proposed(one.credit).value
        for one in judgements
        if one.kind is ExpectationKind.HUMAN_RESPONSE and one.status is not ExpectationStatus.VOID
    }


def told_alert(sighting: Sighting) -> dict[str, Any]:
    """An alert for the record: when, by which rule, between whom."""
    if sighting.record:
        alert = sighting.record.get("alert", {})
        rule: tuple[Any, Any] = (alert.get("signature_id"), alert.get("signature"))
        ends = (sighting.record.get("src_ip"), sighting.record.get("dest_ip"))
    else:
        document = sighting.document
        rule = (document.get("rule", {}).get("id"), document.get("rule", {}).get("name"))
        ends = (document.get("source", {}).get("ip"), document.get("destination", {}).get("ip"))
    named = {"sid": rule[0], "signature": rule[1], "source": ends[0], "destination": ends[1]}
    return {"at_s": round(sighting.at_s, 6), **named}
