"""Each expectation ends met, late, missed or void, and only what could be judged counts."""

from pathlib import Path
from typing import Any

import pytest

import drills
from drills.evidence import Evidence
from drills.matching import Sighting, matches, once_per_flow
from drills.packets import SentInject
from drills.scenario import Scenario, load_scenario
from drills.score import Judgement, judge, rating, score, unexplained

SCENARIO = load_scenario(Path(drills.__file__).parent / "scenarios" / "web-attack-one-stop-portal.yaml")
SIDS = frozenset(range(9000001, 9000005))
SENT = {inject.id: SentInject(float(at), float(at) + 1, 5) for at, inject in enumerate(SCENARIO.injects)}
SENT |= {"scan": SentInject(100, 110, 400), "sqli": SentInject(200, 201, 9), "log4shell": SentInject(300, 301, 9)}
SENT |= {"exfiltration": SentInject(400, 402, 99), "citizens": SentInject(0, 50, 99)}
ATTACK = ("198.51.100.23", "10.10.1.10")
THEFT = ("10.10.1.10", "203.0.113.66")


def alert(at_s: float, sid: int, ends: tuple[str, str] = ATTACK, flow: int = 1) -> Sighting:
    record: dict[str, Any] = {"event_type": "alert", "src_ip": ends[0], "dest_ip": ends[1], "flow_id": flow}
    return Sighting(at_s, record | {"alert": {"signature_id": sid, "signature": "x"}})


def judged(*sightings: Sighting, sids: frozenset[int] = SIDS, scenario: Scenario = SCENARIO) -> dict[str, Judgement]:
    return {j.id: j for j in judge(scenario, Evidence(SENT, sorted(sightings, key=lambda s: s.at_s), sids))}


def test_credit_falls_from_target_to_deadline() -> None:
    in_time = judged(alert(110, 9000001))["scan-detected"]
    assert (in_time.status, in_time.credit, in_time.time_to_detect_s) == ("met", 1.0, 10.0)
    half_way = judged(alert(100 + 165, 9000001))["scan-detected"]
    assert (half_way.status, half_way.credit) == ("late", 0.75)
    too_late = judged(alert(100 + 301, 9000001))["scan-detected"]
    assert (too_late.status, too_late.credit, too_late.time_to_detect_s) == ("missed", 0.0, 301.0)


def test_what_nobody_saw_is_missed() -> None:
    assert judged()["exfiltration-detected"].status == "missed"


def test_what_no_rule_tells_is_logged_only_where_the_sensor_wrote_of_it() -> None:
    ends = {"src_ip": ATTACK[0], "dest_ip": ATTACK[1]}
    request = Sighting(200.2, {"event_type": "http", **ends})
    flow = Sighting(300.2, {"event_type": "flow", **ends})
    found = judged(alert(101, 9000001), request, flow)
    assert (found["scan-detected"].rung, found["scan-detected"].seen_as) == ("alerted", ("alert",))
    assert (found["sqli-detected"].status, found["sqli-detected"].rung) == ("missed", "logged_only")
    assert found["sqli-detected"].seen_as == ("http",)
    assert (found["log4shell-detected"].rung, found["citizens-undisturbed"].rung) == ("none", None)
    assert found["sqli-prevented"].rung is None


def test_an_inject_does_not_answer_for_the_next_between_its_ends() -> None:
    injects = {**SENT, "sqli": SentInject(280, 281, 9)}
    evidence = Evidence(injects, [alert(301, 9000003)], SIDS)
    found = {j.id: j.rung for j in judge(SCENARIO, evidence)}
    assert (found["sqli-detected"], found["log4shell-detected"]) == ("none", "alerted")


def test_an_alert_before_the_inject_or_of_others_does_not_count() -> None:
    early = alert(199, 9000002)
    others = alert(205, 9000002, ("192.0.2.1", "10.10.1.10"))
    assert judged(early, others)["sqli-detected"].status == "missed"


def test_void_leaves_the_denominator() -> None:
    found = judged(alert(101, 9000001), alert(200.5, 9000002), sids=frozenset({9000001, 9000002}))
    assert found["log4shell-detected"].status == "void"
    assert "9000003 is not loaded" in found["log4shell-detected"].reason
    assert found["sqli-prevented"].status == "void"
    assert found["log4shell-triaged"].status == "void"
    assert score(list(found.values())) == 1.0


def test_an_inject_that_was_not_sent_is_void() -> None:
    evidence = Evidence({}, [], SIDS)
    assert {judgement.status.value for judgement in judge(SCENARIO, evidence)} == {"void"}
    assert score(judge(SCENARIO, evidence)) is None
    assert rating(None, [], SCENARIO) is None


def test_weights_and_a_critical_miss() -> None:
    found = judged(alert(101, 9000001), alert(200.5, 9000002), alert(300.5, 9000003))
    assert score(list(found.values())) == pytest.approx(7 / 10)
    assert rating(0.95, list(found.values()), SCENARIO) == "S"
    assert rating(0.3, list(found.values()), SCENARIO) == "U"


def test_no_alert_is_missed_when_one_comes() -> None:
    citizen = ("203.0.113.20", "10.10.1.10")
    assert judged()["citizens-undisturbed"].status == "met"
    assert judged(alert(10, 9000002, citizen))["citizens-undisturbed"].status == "missed"


def test_alerts_that_no_attack_accounts_for_are_false_positives() -> None:
    citizen = alert(10, 9000002, ("203.0.113.20", "10.10.1.10"))
    long_after = alert(300, 9000001)
    found = unexplained(SCENARIO, Evidence(SENT, [citizen, alert(101, 9000001), alert(401, 9000004, THEFT)], SIDS))
    assert found == [citizen]
    window = {"scan": SENT["scan"]}
    assert unexplained(SCENARIO, Evidence(window, [long_after], SIDS)) == [long_after]


def test_echoes_of_one_flow_count_once() -> None:
    assert len(once_per_flow([alert(1, 1, flow=5), alert(1, 1, ATTACK[::-1], flow=5), alert(2, 1, flow=6)])) == 2


def test_matching_walks_dotted_keys() -> None:
    record = {"event_type": "http", "http": {"status": 403, "hostname": "a"}}
    assert matches(record, {"http.status": 403})
    assert not matches(record, {"http.status": "403"})
    assert not matches(record, {"http.status.code": 403})
    assert not matches(record, {"alert.signature_id": 1})


def test_alerts_without_a_flow_are_no_echoes() -> None:
    flowless = [Sighting(at, {"event_type": "alert", "alert": {"signature_id": 9000001}}) for at in (1.0, 2.0)]
    assert once_per_flow(flowless) == flowless
