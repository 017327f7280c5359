"""Alerts become groups by rule, ends, unit and a fixed window of event time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.suricata.severity import NUMBERS
from detectors.alerts.grouping import GroupingSettings, group_alerts, window_start
from wardwatch.ecs import event_of
from wardwatch.model.records import Event, Position
from wardwatch.model.status import Severity

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SETTINGS = GroupingSettings()


def alert(minutes: float, rule: str = "7", severity: str = "medium", **parts: Any) -> Event:
    document: dict[str, Any] = {
        "event": {"kind": "alert", "dataset": "suricata.alert", "severity": NUMBERS[Severity(severity)]},
        "message": "m",
        "rule": {"id": rule, "name": f"Rule {rule}", "category": "c"},
        "source": {"ip": "203.0.113.66"},
        "destination": {"ip": "10.1.10.20"},
        "wardwatch": {"severity": severity, "destination": {"unit": "ttdl", "device": "sv1", "service": "mot-cua"}},
    } | parts
    at = NOON + timedelta(minutes=minutes)
    return event_of(Position("s", int(minutes * 60)), at, ("ttdl",), document, "{}")


def test_alerts_of_one_rule_and_both_ends_are_one_group() -> None:
    (group,) = group_alerts([alert(5), alert(1, severity="high"), alert(59)], "default", SETTINGS)
    assert group.count == 3
    assert group.severity is Severity.HIGH
    assert (group.first_seen, group.last_seen) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=59))
    assert (group.unit, group.device, group.service) == ("ttdl", "sv1", "mot-cua")
    assert group.window_start == NOON
    assert group.positions == (Position("s", 300), Position("s", 60), Position("s", 3540))


def test_another_window_rule_end_or_namespace_is_another_group() -> None:
    events = [alert(0), alert(60), alert(1, rule="8"), alert(2, source={"ip": "203.0.113.67"})]
    assert len(group_alerts(events, "default", SETTINGS)) == 4
    (real,) = group_alerts([alert(0)], "default", SETTINGS)
    (drill,) = group_alerts([alert(0)], "drill-1", SETTINGS)
    assert real.id != drill.id


def test_the_same_alerts_again_make_the_same_group() -> None:
    assert group_alerts([alert(3), alert(4)], "default", SETTINGS) == group_alerts(
        [alert(3), alert(4)], "default", SETTINGS
    )


def test_positions_are_bounded_to_the_newest() -> None:
    (group,) = group_alerts([alert(minute / 60) for minute in range(10)], "default", GroupingSettings(positions=3))
    assert group.count == 10
    assert [position.offset for position in group.positions] == [7, 8, 9]


def test_our_side_is_the_attacked_end_else_the_one_that_started() -> None:
    outbound = alert(0, wardwatch={"source": {"unit": "phuong-5"}, "destination": {"zone": "x"}})
    (group,) = group_alerts([outbound], "default", SETTINGS)
    assert group.unit == "phuong-5"


def test_technique_is_the_most_exact_one() -> None:
    threat = {"technique": {"id": ["T1071"], "subtechnique": {"id": ["T1071.004"]}}}
    (group,) = group_alerts([alert(0, threat=threat)], "default", SETTINGS)
    assert group.technique == "T1071.004"


def test_a_bare_alert_still_has_a_group_and_other_events_have_none() -> None:
    bare = event_of(Position("s", 1), NOON, (), {"event": {"kind": "alert", "dataset": "suricata.alert"}}, "{}")
    flow = event_of(Position("s", 2), NOON, (), {"event": {"kind": "event", "dataset": "suricata.flow"}}, "{}")
    (group,) = group_alerts([bare, flow], "default", SETTINGS)
    assert (group.unit, group.severity, group.source_ip) == (None, Severity.INFO, None)


def test_windows_are_fixed() -> None:
    assert window_start(NOON + timedelta(minutes=59, seconds=59), timedelta(hours=1)) == NOON
    assert window_start(NOON + timedelta(hours=1), timedelta(hours=1)) == NOON + timedelta(hours=1)
