"""People's part of a score, exercise time, and what judgements come to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import drills
from drills.evidence import Evidence
from drills.exercise_time import ExerciseTime
from drills.matching import Sighting
from drills.observed import Observation, Rating, proposed
from drills.packets import SentInject
from drills.scenario import load_scenario
from drills.score import Judgement, judge
from drills.standing import accuracy, by_kind, objectives, techniques

SCENARIO = load_scenario(Path(drills.__file__).parent / "scenarios" / "web-attack-one-stop-portal.yaml")
SENT = {inject.id: SentInject(100.0 * at, 100.0 * at + 5, 5) for at, inject in enumerate(SCENARIO.injects)}
ALL = frozenset(range(9000001, 9000010))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENDS = {"src_ip": "198.51.100.23", "dest_ip": "10.10.1.10"}


def judged(*observations: Observation, live: bool = False, seen: tuple[Sighting, ...] = ()) -> dict[str, Judgement]:
    told = {"log4shell-triaged": observations} if observations else {}
    evidence = Evidence(SENT, seen, ALL, observations=told, live=live)
    return {one.id: one for one in judge(SCENARIO, evidence)}


def alert(at_s: float, sid: int) -> Sighting:
    record = {"event_type": "alert", **ENDS, "alert": {"signature_id": sid, "signature": "x"}}
    return Sighting(at_s, record)


def test_a_response_in_time_has_its_credit_and_its_evidence() -> None:
    one = judged(Observation(300, "trọng tài", "ticket 12", Rating.P))["log4shell-triaged"]
    assert (one.status, one.credit, one.time_to_detect_s) == ("met", 1.0, 300)
    assert one.reason == "trọng tài: done after 300 s, rated P (ticket 12)"


def test_late_and_badly_done_cost_credit_each() -> None:
    one = judged(Observation(900, "a", rating=Rating.M, reason="wrong shift called"))["log4shell-triaged"]
    assert (one.status, one.credit) == ("late", 0.375)


def test_evaluators_who_differ_are_both_shown() -> None:
    one = judged(Observation(60, "a", rating=Rating.P), Observation(90, "b", rating=Rating.U))["log4shell-triaged"]
    assert (one.status, one.credit) == ("met", 0.5)
    assert "a: done" in one.reason
    assert "b: done" in one.reason


@pytest.mark.parametrize("said", [Observation(None, "a"), Observation(60, "a", rating=Rating.U)])
def test_what_was_not_done_is_missed(said: Observation) -> None:
    assert judged(said)["log4shell-triaged"].status == "missed"


def test_what_nobody_observed_is_void() -> None:
    one = judged()["log4shell-triaged"]
    assert (one.status, one.reason) == ("void", "nobody observed human_response: a run by itself cannot judge it")


def test_a_time_proposes_a_rating() -> None:
    assert [proposed(credit).value for credit in (1.0, 0.8, 0.6, 0.0)] == ["P", "S", "M", "U"]


def test_what_was_prevented_in_a_live_range_stands_above_what_was_alerted() -> None:
    refused = Sighting(200.2, {"event_type": "http", **ENDS, "http": {"status": 403}})
    live = judged(live=True, seen=(alert(200.1, 9000002), refused))
    assert (live["sqli-prevented"].status, live["sqli-detected"].rung) == ("met", "prevented")
    assert judged(seen=(alert(200.1, 9000002), refused))["sqli-detected"].rung == "alerted"


def test_pauses_do_not_count() -> None:
    clock = ExerciseTime(NOON)
    paused = clock.pause(NOON + timedelta(minutes=10))
    assert paused.paused
    assert paused.pause(NOON + timedelta(minutes=11)) is paused
    assert paused.elapsed_s(NOON + timedelta(hours=2)) == 600
    running = paused.resume(NOON + timedelta(minutes=40))
    assert not running.paused
    assert running.elapsed_s(NOON + timedelta(minutes=45)) == 900
    assert running.between_s(NOON + timedelta(minutes=5), NOON + timedelta(minutes=20)) == 300
    assert running.elapsed_s(NOON - timedelta(minutes=1)) == 0


def test_judgements_add_up_by_objective_technique_and_kind() -> None:
    found = list(judged(seen=(alert(100.1, 9000001), alert(200.1, 9000002))).values())
    told = {one["id"]: (one["score"], one["rating"], one["judged"]) for one in objectives(SCENARIO, found)}
    assert told == {"O1": (0.5, "M", 3), "O2": (0.0, "U", 1), "O3": (1.0, "P", 1)}
    assert techniques(found)["T1190"] == {"tested": 2, "detected": 1}
    assert "T1071.001" not in techniques(found)
    assert by_kind(found)["human_response"] == {"score": None, "judged": 0, "expectations": 1}


def test_alerts_of_benign_traffic_are_the_baseline() -> None:
    citizen = Sighting(1.0, {"event_type": "alert", "src_ip": "203.0.113.20", "dest_ip": "10.10.1.10", "alert": {}})
    evidence = Evidence(SENT, [citizen, alert(101, 9000001)], ALL)
    found = accuracy(SCENARIO, evidence)
    assert (found.alerts, found.false_positives, found.benign_alerts, found.precision) == (2, 1, 1, 0.5)


def test_a_sigma_rule_that_is_not_loaded_makes_its_expectation_void() -> None:
    document = {"match": {"event.dataset": "sigma.alert", "rule.name": "DNS tunnel"}}
    inject = SCENARIO.injects[1]
    wanted = inject.expectations[0].model_copy(update=document)
    changed = inject.model_copy(update={"expectations": (wanted,)})
    scenario = SCENARIO.model_copy(update={"injects": (changed,)})
    (void,) = judge(scenario, Evidence(SENT, (), ALL))
    assert (void.status, void.reason) == ("void", "Sigma rule 'DNS tunnel' is not loaded")
    (missed,) = judge(scenario, Evidence(SENT, (), ALL, sigma=frozenset({"DNS tunnel"})))
    assert missed.status == "missed"
