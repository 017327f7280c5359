"""What is late becomes an alert once, and is cleared once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from detectors.alerts.grouping import GroupingSettings, group_alerts
from detectors.alerts.hiding import clearings
from wardwatch.model.access import Actor
from wardwatch.model.care import Heartbeat, HeldCertificate
from wardwatch.model.records import AppendResult, Batch
from wardwatch.model.status import Severity
from wardwatch.services.watch import CareWatch
from wardwatch.state import open_state

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LAN = Actor("lan")


def test_a_late_job_and_an_ending_certificate_are_told_once(tmp_path: Path) -> None:
    batches: list[Batch] = []
    now = NOW

    def accept(batch: Batch) -> AppendResult:
        batches.append(batch)
        return AppendResult()

    state = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", lambda: now)
    state.heartbeats.put(LAN, Heartbeat("db", "Sao lưu", "works", "hash", 3600, 60, NOW))
    held = HeldCertificate("c", "person", "Lan", "works", "CA", "0a", None, NOW + timedelta(days=31))
    state.care.hold(LAN, [held, replace(held, id="d", valid_to=NOW + timedelta(days=300))])
    watch = CareWatch(state, accept, lambda: now)
    watch.look()
    assert [event.alert for event in batches[0].events] == [False]
    now = NOW + timedelta(days=2)
    watch.look()
    watch.look()
    assert len(batches) == 2
    groups = group_alerts(batches[1].events, "default", GroupingSettings())
    assert {(group.rule_id, group.severity, group.unit) for group in groups} == {
        ("heartbeat.late.db", Severity.HIGH, "works"),
        ("certificate.ends.c", Severity.LOW, "works"),
    }
    state.heartbeats.beat(LAN, "hash", now, True, "")
    watch.look()
    assert [over.rule_id for over in clearings(batches[2].events, "default")] == ["heartbeat.late.db"]
    assert [batch.sequence for batch in batches] == [1, 2, 3]
    state.close()
