"""A device that a run left half changed is told once, opens what an incident opens from, and is cleared once."""

from datetime import UTC, datetime
from pathlib import Path

from detectors.alerts.grouping import GroupingSettings, group_alerts
from detectors.alerts.hiding import clearings
from playbooks.journal import Journal, State
from playbooks.unsettled import UnsettledWatch, unsettled
from wardwatch.model.inventory import Device, DeviceRole, Inventory, Unit
from wardwatch.model.records import AppendResult, Batch
from wardwatch.model.status import Severity

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
INVENTORY = Inventory(
    units={"u": Unit("u", "U", "ward", "1")},
    devices={"d1": Device("d1", "d1", DeviceRole.ROUTER, "u", "s", "wan", "10.0.0.1")},
)


def test_a_half_changed_device_is_an_alert_until_it_ends_well(tmp_path: Path) -> None:
    batches: list[Batch] = []

    def accept(batch: Batch) -> AppendResult:
        batches.append(batch)
        return AppendResult()

    watch = UnsettledWatch(tmp_path, lambda: INVENTORY, accept, lambda: NOW)
    watch.look()
    with Journal(tmp_path / "run1.jsonl") as journal:
        journal.state("d1", State.PUSHING)
        watch.look()
        assert batches == [], "it is being changed now"
    watch.look()
    watch.look()
    assert len(batches) == 1
    (group,) = group_alerts(batches[0].events, "default", GroupingSettings())
    assert (group.severity, group.unit) == (Severity.HIGH, "u")

    with Journal(tmp_path / "run1.jsonl") as journal:
        journal.state("d1", State.UNKNOWN, "it does not answer")
    assert unsettled(tmp_path)["d1"].why == "it does not answer"
    watch.look()
    with Journal(tmp_path / "run2.jsonl") as journal:
        journal.state("d1", State.REFUSED, "not begun")
        watch.look()
        journal.state("d1", State.ROLLED_BACK)
    watch.look()
    assert [over.rule_id for over in clearings(batches[-1].events, "default")] == [group.rule_id]
    assert [batch.sequence for batch in batches] == [1, 2, 3]
