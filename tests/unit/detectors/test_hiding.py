"""What events say is over."""

from datetime import UTC, datetime, timedelta

from detectors.alerts.hiding import clearings
from wardwatch.ecs import event_of
from wardwatch.model.detection import Clearing
from wardwatch.model.records import Event, Position

_ADDRESSES = {"sw1": "10.0.0.1", "sw2": "10.0.0.2"}
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def said(second: int, rule: str = "snmptrap.link:7", device: str = "sw1", kind: str = "event") -> Event:
    document = {
        "event": {"kind": kind, "dataset": "snmptrap.trap", "severity": 50},
        "rule": {"id": rule, "name": "Interface 7 is up"},
        "source": {"ip": _ADDRESSES[device]},
        "wardwatch": {"severity": "medium", "source": {"unit": "ward", "device": device}},
    }
    return event_of(Position("s", second), NOON + timedelta(seconds=second), ("ward",), document, "{}")


def test_a_flapping_port_is_over_once_a_batch_at_its_last_word() -> None:
    events = [said(3), said(9), said(6), said(4, device="sw2"), said(5, rule="snmptrap.link:8")]
    assert [(over.rule_id, over.device, over.at) for over in clearings(events, "default")] == [
        ("snmptrap.link:7", "sw1", NOON + timedelta(seconds=9)),
        ("snmptrap.link:7", "sw2", NOON + timedelta(seconds=4)),
        ("snmptrap.link:8", "sw1", NOON + timedelta(seconds=5)),
    ]


def test_what_is_an_alert_clears_nothing() -> None:
    found = clearings([said(1, kind="alert"), said(2)], "default")
    assert found == [Clearing("default", "snmptrap.link:7", "sw1", "10.0.0.1", NOON + timedelta(seconds=2))]
