"""Alert groups handled and taken back; suppressions looked at before they are made."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from wardwatch.errors import UserError
from wardwatch.incidents.inbox import GROUP_VERDICTS, handle, preview, suppress, suppression_of, take_back
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import AlertGroup, GroupState
from wardwatch.model.status import Severity
from wardwatch.ports import StateStore
from wardwatch.state import open_state

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LAN = Actor("lan")
ALL = Scope.everything()
WARD = Scope.of("w1")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateStore]:
    made = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", lambda: AT)
    yield made
    made.close()


def group(key: str, **changes: Any) -> AlertGroup:
    values: dict[str, Any] = {
        "id": key,
        "namespace": "default",
        "rule_id": "2001",
        "rule_name": "Quét cổng",
        "category": None,
        "severity": Severity.MEDIUM,
        "source_ip": "198.51.100.1",
        "destination_ip": "10.0.0.1",
        "unit": "w1",
        "units": ("w1",),
        "device": None,
        "service": None,
        "technique": None,
        "first_seen": AT,
        "last_seen": AT,
        "window_start": AT,
        "count": 3,
    }
    return AlertGroup(**{**values, **changes})


def wanted(**conditions: str | None) -> Any:
    return suppression_of("lan", "máy quét của phòng CNTT", AT, AT + timedelta(days=7), **conditions)


def test_handled_groups_come_back_as_they_were(state: StateStore) -> None:
    state.alert_groups.merge(LAN, [group("a"), group("b", unit="w2", units=("w2",))])
    before = state.alert_groups.group(ALL, "a")
    assert [each.id for each in handle(state.alert_groups, WARD, LAN, ["a", "b", "none"], "benign", AT)] == ["a"]
    assert handle(state.alert_groups, WARD, LAN, ["a"], "benign", AT) == []
    found = state.alert_groups.group(ALL, "a")
    assert found is not None
    assert (found.state, found.handled_by, found.verdict) == (GroupState.HANDLED, "lan", "benign")
    take_back(state.alert_groups, WARD, LAN, ["a"])
    assert state.alert_groups.group(ALL, "a") == before


def test_other_words_are_no_verdict(state: StateStore) -> None:
    with pytest.raises(UserError, match=GROUP_VERDICTS[0]):
        handle(state.alert_groups, ALL, LAN, ["a"], "whatever", AT)


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({}, "would hide everything"),
        ({"unit": "w1"}, "would hide everything"),
        ({"device": "rt", "unit": "w1"}, "would hide everything"),
        ({"rule_id": "  "}, "would hide everything"),
        ({"source": "0.0.0.0/0"}, "too broad"),
        ({"destination": "::/0"}, "too broad"),
        ({"source": "10.0.0.300"}, "no address"),
    ],
)
def test_a_suppression_without_bounds_is_refused(conditions: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        wanted(**conditions)


def test_a_suppression_needs_a_reason_and_an_end() -> None:
    with pytest.raises(UserError, match="reason"):
        suppression_of("lan", "  x ", AT, AT + timedelta(days=1), rule_id="1")
    for end in (AT, AT + timedelta(days=366)):
        with pytest.raises(UserError, match="within a year"):
            suppression_of("lan", "máy quét", AT, end, rule_id="1")


def test_a_preview_says_what_would_have_been_hidden(state: StateStore) -> None:
    state.alert_groups.merge(
        LAN,
        [
            group("a", severity=Severity.CRITICAL, incident="i-1"),
            group("b", source_ip="198.51.100.77", last_seen=AT - timedelta(minutes=1)),
            group("c", source_ip="203.0.113.1", rule_id="2002"),
            group("old", last_seen=AT - timedelta(days=31), first_seen=AT - timedelta(days=31)),
        ],
    )
    seen = preview(state, ALL, wanted(source="198.51.100.0/24"), (), AT)
    assert (seen.seen, seen.groups, seen.alerts, seen.serious, seen.in_incidents) == (3, 2, 6, 1, 1)
    assert seen.rules == (("2001", "Quét cổng", 2),)
    assert ([each.id for each in seen.examples], seen.refusal) == (["a", "b"], None)


def test_what_would_have_hidden_everything_is_refused_and_not_made(state: StateStore) -> None:
    state.alert_groups.merge(LAN, [group("a"), group("b", rule_id="2002")])
    blind = wanted(destination="10.0.0.0/8")
    assert preview(state, ALL, blind, (), AT).refusal == "it would have hidden all 2 alert groups of the last 30 days"
    with pytest.raises(UserError, match="all 2"):
        suppress(state, ALL, LAN, blind, (), AT)
    assert state.suppressions.suppressions(ALL) == []


def test_a_suppression_of_a_unit_hides_its_subtree(state: StateStore) -> None:
    state.alert_groups.merge(LAN, [group("a"), group("b", unit="w2", units=("w2",))])
    made, hidden = suppress(state, ALL, LAN, wanted(rule_id="2001", unit="district"), ("district", "w1"), AT)
    assert hidden == 1
    found = state.alert_groups.group(ALL, "a")
    assert found is not None
    assert found.suppression == made.id
