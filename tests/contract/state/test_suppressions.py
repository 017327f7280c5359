"""What is hidden, until when, and who may see that it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import NotFound
from wardwatch.model.access import Actor, Scope
from wardwatch.model.suppressions import Suppression

LAN = Actor("lan")
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ALL = Scope.everything()


def suppression(key: str, days: int = 7, **conditions: Any) -> Suppression:
    return Suppression(key, "lan", "quét của phòng CNTT", AT, AT + timedelta(days=days), **conditions)


def test_active_ones_are_those_that_neither_expired_nor_were_ended(state: Any) -> None:
    for each in (
        suppression("kept", rule_id="1"),
        suppression("short", 1, rule_id="1"),
        suppression("ended", unit="w"),
    ):
        state.suppressions.add(LAN, each)
    assert state.suppressions.end(LAN, "ended", AT + timedelta(hours=1)).ended_at == AT + timedelta(hours=1)

    def active(at: datetime) -> list[str]:
        return sorted(known.id for known in state.suppressions.suppressions(ALL, at))

    assert active(AT) == ["ended", "kept", "short"]
    assert active(AT + timedelta(hours=2)) == ["kept", "short"]
    assert active(AT + timedelta(days=2)) == ["kept"]
    assert active(AT - timedelta(seconds=1)) == []
    assert len(state.suppressions.suppressions(ALL)) == 3


def test_one_of_a_unit_is_seen_there_and_one_of_the_city_with_the_whole_city(state: Any) -> None:
    state.suppressions.add(LAN, suppression("city", rule_id="1"))
    state.suppressions.add(LAN, suppression("ward", unit="w1"))
    assert [known.id for known in state.suppressions.suppressions(Scope.of("w1"))] == ["ward"]
    assert state.suppressions.suppressions(Scope.of("w2")) == []


def test_ending_twice_is_refused(state: Any) -> None:
    state.suppressions.add(LAN, suppression("a", rule_id="1"))
    state.suppressions.end(LAN, "a", AT)
    with pytest.raises(NotFound):
        state.suppressions.end(LAN, "a", AT)
