"""Judges a run: each expectation ends met, late, missed or void, with a credit; the score is their weighted share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from drills.matching import Sighting, ends_of, matches
from drills.packets import SentInject
from drills.scenario import Expectation, ExpectationKind, Inject, Scenario
from drills.sensor import RefusedRule

AFTERMATH_S = 60.0


class ExpectationStatus(StrEnum):
    """`late` came between target and deadline; `void` could not be judged and leaves the denominator."""

    MET = "met"
    LATE = "late"
    MISSED = "missed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One expectation's end. `time_to_detect_s` counts from the inject's first packet, in the capture's own time."""

    id: str
    inject: str
    kind: ExpectationKind
    technique: str | None
    status: ExpectationStatus
    time_to_detect_s: float | None
    credit: float
    weight: float
    critical: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a judge looks at: what was sent, what the sensor wrote, which rules it had and which it refused.

    The capture's last packet is a canary. `canary_seen` False says that the sensor did not work to the end.
    """

    sent: dict[str, SentInject]
    sightings: Sequence[Sighting]
    sids: frozenset[int]
    refused: Sequence[RefusedRule] = ()
    canary_seen: bool = True


def judge(scenario: Scenario, evidence: Evidence) -> list[Judgement]:
    """Every expectation of the scenario, in its order."""
    return [
        _judge(scenario, inject, expectation, _name(inject, number, expectation), evidence)
        for inject in scenario.injects
        for number, expectation in enumerate(inject.expectations, 1)
    ]


def score(judgements: Sequence[Judgement]) -> float | None:
    """The weighted share of credit, 0 to 1; None when nothing could be judged."""
    judged = [judgement for judgement in judgements if judgement.status is not ExpectationStatus.VOID]
    total = sum(judgement.weight for judgement in judged)
    return round(sum(judgement.weight * judgement.credit for judgement in judged) / total, 4) if total else None


def rating(value: float | None, judgements: Sequence[Judgement], scenario: Scenario) -> str | None:
    """HSEEP's P, S, M or U. A critical expectation that was missed keeps it from P."""
    if value is None:
        return None
    critical_miss = any(j.critical and j.status is ExpectationStatus.MISSED for j in judgements)
    for letter in ("P", "S", "M"):
        if value >= scenario.scoring.ratings.get(letter, 1.0) and not (letter == "P" and critical_miss):
            return letter
    return "U"


def unexplained(scenario: Scenario, evidence: Evidence) -> list[Sighting]:
    """False positives: alerts that no red inject accounts for, by its addresses and its time."""
    windows = [
        (ends_of(inject, scenario), evidence.sent[inject.id])
        for inject in scenario.injects
        if inject.actor == "red" and inject.id in evidence.sent
    ]
    return [
        sighting
        for sighting in evidence.sightings
        if sighting.is_alert and not any(_within(sighting, ends, sent) for ends, sent in windows)
    ]


def _within(sighting: Sighting, ends: frozenset[str], sent: SentInject) -> bool:
    return sighting.ends <= ends and sent.first_s <= sighting.at_s <= sent.last_s + AFTERMATH_S


def _judge(
    scenario: Scenario,
    inject: Inject,
    wanted: Expectation,
    name: str,
    evidence: Evidence,
) -> Judgement:
    def end(
        status: ExpectationStatus,
        credit: float,
        reason: str,
        after_s: float | None = None,
    ) -> Judgement:
        weight = wanted.weight or scenario.defaults.weight
        seconds = None if after_s is None else round(after_s, 6)
        return Judgement(
            name,
            inject.id,
            wanted.kind,
            inject.technique,
            status,
            seconds,
            credit,
            weight,
            wanted.critical,
            reason,
        )

    sent = evidence.sent.get(inject.id)
    void = _why_void(wanted, sent, evidence)
    if void or sent is None:
        return end(ExpectationStatus.VOID, 0.0, void or "the inject was not sent")
    hits = [sighting for sighting in evidence.sightings if _is_hit(sighting, wanted, ends_of(inject, scenario), sent)]
    if wanted.kind is ExpectationKind.NO_ALERT:
        if hits:
            return end(
                ExpectationStatus.MISSED,
                0.0,
                f"{len(hits)} alerts where none should be",
            )
        return end(ExpectationStatus.MET, 1.0, "no alert")
    if len(hits) < wanted.count:
        return end(
            ExpectationStatus.MISSED,
            0.0,
            f"{len(hits)} of {wanted.count} matching records",
        )
    after_s = hits[wanted.count - 1].at_s - sent.first_s
    status, credit = _credit(after_s, wanted, scenario)
    return end(status, credit, f"seen {after_s:.3f} s after the first packet", after_s)


def _why_void(wanted: Expectation, sent: SentInject | None, evidence: Evidence) -> str | None:
    """Why an expectation cannot be judged; None when it can."""
    if wanted.kind not in (ExpectationKind.DETECTION, ExpectationKind.NO_ALERT):
        return f"an offline run cannot judge {wanted.kind}: nobody and nothing answers in it"
    if sent is None or not sent.packets:
        return "the inject was not sent"
    if not evidence.canary_seen:
        return "the sensor did not see the canary at the end of the capture, so its silence proves nothing"
    sid: Any = wanted.match.get("alert.signature_id")
    if sid is None or sid in evidence.sids:
        return None
    for rule in evidence.refused:
        if rule.sid == sid:
            return f"rule {sid} does not compile: the sensor refused line {rule.line} of its rules"
    return f"rule {sid} is not loaded in the sensor"


def _is_hit(sighting: Sighting, wanted: Expectation, ends: frozenset[str], sent: SentInject) -> bool:
    if sighting.at_s < sent.first_s or not sighting.ends <= ends:
        return False
    if wanted.kind is ExpectationKind.NO_ALERT:
        return (
            sighting.is_alert and sighting.at_s <= sent.last_s + AFTERMATH_S and matches(sighting.record, wanted.match)
        )
    return matches(sighting.record, wanted.match)


def _credit(after_s: float, wanted: Expectation, scenario: Scenario) -> tuple[ExpectationStatus, float]:
    """1 until the target, then falling in a line to the floor at the deadline, then nothing."""
    target_s = _seconds(wanted.target, scenario.defaults.target)
    deadline_s = max(target_s, _seconds(wanted.deadline, scenario.defaults.deadline))
    if after_s <= target_s:
        return ExpectationStatus.MET, 1.0
    if after_s > deadline_s:
        return ExpectationStatus.MISSED, 0.0
    gone = (after_s - target_s) / (deadline_s - target_s)
    return ExpectationStatus.LATE, round(1.0 - gone * (1.0 - scenario.scoring.floor), 4)


def _seconds(own: timedelta | None, default: timedelta) -> float:
    return (default if own is None else own).total_seconds()


def _name(inject: Inject, number: int, expectation: Expectation) -> str:
    return expectation.id or f"{inject.id}-{expectation.kind.value}-{number}"
