"""Judges a run: each expectation ends met, late, missed or void, with a credit; the score is their weighted share."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from drills.evidence import Evidence, why_void
from drills.matching import Sighting, ends_of
from drills.observed import Observation, share_of
from drills.packets import SentInject
from drills.scenario import Expectation, ExpectationKind, Inject, Scenario

AFTERMATH_S = 60.0
BENIGN = "white"


class ExpectationStatus(StrEnum):
    """`late` came between target and deadline; `void` could not be judged and leaves the denominator."""

    MET = "met"
    LATE = "late"
    MISSED = "missed"
    VOID = "void"


class Rung(StrEnum):
    """How far the defence came with an inject. What is only logged is known to nobody: it waits for a rule."""

    PREVENTED = "prevented"
    ALERTED = "alerted"
    LOGGED_ONLY = "logged_only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One expectation's end. `time_to_detect_s` counts from the inject's first packet, in the capture's own time.

    `rung` is there for a detection that was judged; `seen_as` names the sensor's record types that tell of the inject.
    """

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
    rung: Rung | None = None
    seen_as: tuple[str, ...] = ()
    objective: str | None = None


def judge(scenario: Scenario, evidence: Evidence) -> list[Judgement]:
    """Every expectation of the scenario, in its order."""
    judged = [
        _judge(scenario, inject, expectation, _name(inject, number, expectation), evidence)
        for inject in scenario.injects
        for number, expectation in enumerate(inject.expectations, 1)
    ]
    prevented = {one.inject for one in judged if one.kind is ExpectationKind.PREVENTION and one.credit > 0}
    return [
        replace(one, rung=Rung.PREVENTED) if one.rung is not None and one.inject in prevented else one for one in judged
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
    """False positives: alerts that no inject but the benign ones of the white cell accounts for, by its addresses and
    its time."""
    windows = [
        (ends_of(inject, scenario), evidence.sent[inject.id])
        for inject in scenario.injects
        if inject.actor != BENIGN and inject.id in evidence.sent
    ]
    return [
        sighting
        for sighting in evidence.sightings
        if sighting.is_alert and not any(_within(sighting, ends, sent) for ends, sent in windows)
    ]


def _within(sighting: Sighting, ends: frozenset[str], sent: SentInject) -> bool:
    return sighting.ends <= ends and sent.first_s <= sighting.at_s <= sent.last_s + AFTERMATH_S


def _judge(scenario: Scenario, inject: Inject, wanted: Expectation, name: str, evidence: Evidence) -> Judgement:
    blank = Judgement(
        name,
        inject.id,
        wanted.kind,
        inject.technique,
        ExpectationStatus.VOID,
        time_to_detect_s=None,
        credit=0.0,
        weight=wanted.weight or scenario.defaults.weight,
        critical=wanted.critical,
        reason="the inject was not sent",
        objective=wanted.objective,
    )
    sent = evidence.sent.get(inject.id)
    void = why_void(wanted, name, inject, sent, evidence)
    if void or sent is None:
        return replace(blank, reason=void or blank.reason)
    if name in evidence.observations:
        return _observed(blank, wanted, evidence.observations[name], scenario)
    ends = ends_of(inject, scenario)
    hits = [sighting for sighting in evidence.sightings if _is_hit(sighting, wanted, ends, sent)]
    if wanted.kind is ExpectationKind.NO_ALERT:
        if hits:
            return replace(blank, status=ExpectationStatus.MISSED, reason=f"{len(hits)} alerts where none should be")
        return replace(blank, status=ExpectationStatus.MET, credit=1.0, reason="no alert")
    rung, seen_as = _rung([*_told_of(inject, scenario, evidence), *hits])
    return _timed(replace(blank, rung=rung, seen_as=seen_as), wanted, hits, sent, scenario)


def _timed(
    judged: Judgement, wanted: Expectation, hits: Sequence[Sighting], sent: SentInject, scenario: Scenario
) -> Judgement:
    """By when enough of what was expected was seen."""
    if len(hits) < wanted.count:
        reason = f"{len(hits)} of {wanted.count} matching records"
        return replace(judged, status=ExpectationStatus.MISSED, reason=reason)
    after_s = hits[wanted.count - 1].at_s - sent.first_s
    status, credit = _credit(after_s, wanted, scenario)
    reason = f"seen {after_s:.3f} s after the first packet"
    return replace(judged, status=status, credit=credit, reason=reason, time_to_detect_s=round(after_s, 6))


def _observed(
    blank: Judgement, wanted: Expectation, observations: Sequence[Observation], scenario: Scenario
) -> Judgement:
    """What observers said: the earliest time counts, and their ratings take from its credit."""
    reason = " | ".join(one.words() for one in observations)
    times = [one.after_s for one in observations if one.after_s is not None]
    if not times:
        return replace(blank, status=ExpectationStatus.MISSED, reason=reason)
    status, credit = _credit(min(times), wanted, scenario)
    credit = round(credit * share_of(observations), 4)
    if credit == 0:
        status = ExpectationStatus.MISSED
    return replace(blank, status=status, credit=credit, reason=reason, time_to_detect_s=min(times))


def _told_of(inject: Inject, scenario: Scenario, evidence: Evidence) -> list[Sighting]:
    """The sensor's records of an inject, up to the next inject between the same ends."""
    ends, sent = ends_of(inject, scenario), evidence.sent[inject.id]
    later = [
        evidence.sent[other.id].first_s
        for other in scenario.injects
        if other.id in evidence.sent and ends_of(other, scenario) == ends
    ]
    until_s = min((at_s for at_s in later if at_s > sent.first_s), default=math.inf)
    return [sighting for sighting in evidence.sightings if _within(sighting, ends, sent) and sighting.at_s < until_s]


def _rung(told: Sequence[Sighting]) -> tuple[Rung, tuple[str, ...]]:
    """What the sensor's records between the inject's ends come to. A flow record says only that there was traffic."""
    kinds = tuple(sorted({sighting.kind for sighting in told} - {"flow", "netflow"}))
    if any(sighting.is_alert for sighting in told):
        return Rung.ALERTED, kinds
    return (Rung.LOGGED_ONLY if kinds else Rung.NONE), kinds


def _is_hit(sighting: Sighting, wanted: Expectation, ends: frozenset[str], sent: SentInject) -> bool:
    if sighting.at_s < sent.first_s or not sighting.ends <= ends:
        return False
    if wanted.kind is ExpectationKind.NO_ALERT:
        return sighting.is_alert and sighting.at_s <= sent.last_s + AFTERMATH_S and sighting.has(wanted.match)
    return sighting.has(wanted.match)


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
