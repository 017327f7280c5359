"""The inbox: groups grow, page by last seen, and stay in scope."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.detection import Clearing, Finding
from wardwatch.model.incidents import AlertGroup, GroupState
from wardwatch.model.records import Position
from wardwatch.model.state import AlertGroupQuery
from wardwatch.model.status import Severity
from wardwatch.model.time import TimeRange

CORE = Actor.system("core")
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ALL = Scope.everything()


def group(key: str, minute: int = 0, count: int = 1, **changes: Any) -> AlertGroup:
    at = AT + timedelta(minutes=minute)
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
        "technique": "T1046",
        "first_seen": at,
        "last_seen": at,
        "window_start": AT,
        "count": count,
        "positions": tuple(Position("eve", minute * 1000 + n) for n in range(count)),
    }
    return AlertGroup(**{**values, **changes})


def ids(page: Any) -> list[str]:
    return [item.id for item in page.items]


def test_a_known_group_grows(state: Any) -> None:
    state.alert_groups.merge(CORE, [group("a", 5, 60)])
    state.alert_groups.merge(CORE, [group("a", 2, 60, severity=Severity.HIGH), group("a", 9, 1, units=("w1", "w2"))])
    found = state.alert_groups.group(ALL, "a")
    assert (found.count, found.severity, found.units) == (121, Severity.HIGH, ("w1", "w2"))
    assert (found.first_seen, found.last_seen) == (AT + timedelta(minutes=2), AT + timedelta(minutes=9))
    assert len(found.positions) == 100
    assert found.positions[-1] == Position("eve", 9000)
    assert state.alert_groups.group(Scope.of("w2"), "a") == found


def test_pages_are_by_last_seen_and_complete(engine: Any, state: Any) -> None:
    groups = [group(f"g{n:02}", minute=n // 3) for n in range(10)]
    state.alert_groups.merge(CORE, groups)
    state = engine.restart()
    whole = state.alert_groups.groups(ALL, AlertGroupQuery())
    assert (ids(whole), whole.next, whole.total) == ([f"g{n:02}" for n in reversed(range(10))], None, 10)
    paged: list[str] = []
    cursor = None
    while True:
        page = state.alert_groups.groups(ALL, AlertGroupQuery(limit=4, cursor=cursor))
        assert page.total == 10
        paged += ids(page)
        cursor = page.next
        if cursor is None:
            break
    assert paged == ids(whole)
    with pytest.raises(UserError, match="no cursor"):
        state.alert_groups.groups(ALL, AlertGroupQuery(cursor="nonsense"))


def test_filters(state: Any) -> None:
    state.alert_groups.merge(
        CORE,
        [
            group("a", 1, severity=Severity.CRITICAL),
            group("b", 2, unit="w2", units=("w2", "w3")),
            group("c", 3, namespace="drill-1"),
        ],
    )
    state.alert_groups.link(CORE, ["a"], "incident-1")

    def found(**changes: Any) -> list[str]:
        return ids(state.alert_groups.groups(ALL, AlertGroupQuery(**changes)))

    assert found() == ["b", "a"]
    assert found(namespace=None) == ["c", "b", "a"]
    assert found(namespace="drill-1") == ["c"]
    assert found(severities=(Severity.CRITICAL, Severity.LOW)) == ["a"]
    assert found(unit="w3") == ["b"]
    assert found(incident="incident-1") == ["a"]
    assert found(since=AT + timedelta(minutes=2)) == ["b"]


def test_a_link_outlives_later_alerts(state: Any) -> None:
    state.alert_groups.merge(CORE, [group("a")])
    state.alert_groups.link(CORE, ["a"], "incident-1")
    state.alert_groups.merge(CORE, [group("a", 1)])
    assert state.alert_groups.group(ALL, "a").incident == "incident-1"


def test_a_scope_sees_its_own_units_only(state: Any) -> None:
    state.alert_groups.merge(CORE, [group("a"), group("b", unit="w2", units=()), group("c", unit=None, units=())])
    assert ids(state.alert_groups.groups(Scope.of("w2"), AlertGroupQuery())) == ["b"]
    assert state.alert_groups.groups(Scope.of("w2"), AlertGroupQuery()).total == 1
    assert ids(state.alert_groups.groups(Scope.of("w2"), AlertGroupQuery(unit="w1"))) == []
    assert state.alert_groups.group(Scope.of("w2"), "a") is None
    assert state.alert_groups.group(Scope.of("w1"), "c") is None
    assert ids(state.alert_groups.groups(Scope.of(), AlertGroupQuery())) == []
    assert len(ids(state.alert_groups.groups(ALL, AlertGroupQuery()))) == 3


def test_no_update_is_lost_between_threads(state: Any) -> None:
    failures: list[BaseException] = []

    def merge(thread: int) -> None:
        try:
            for number in range(15):
                state.alert_groups.merge(Actor.system(f"t{thread}"), [group("a", thread * 20 + number, 2)])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=merge, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert state.alert_groups.group(ALL, "a").count == 4 * 15 * 2
    assert state.audit.verify() is None


def test_what_is_marked_is_found_by_its_state(state: Any) -> None:
    groups = [group("open"), group("handled"), group("hidden"), group("over")]
    state.alert_groups.merge(CORE, groups)
    marked = [
        replace(groups[1], handled_at=AT, handled_by="lan", verdict="benign"),
        replace(groups[2], suppression="s1"),
        replace(groups[3], cleared_at=AT),
    ]
    state.alert_groups.mark(Actor("lan"), marked)
    found = {state_: ids(state.alert_groups.groups(ALL, AlertGroupQuery(states=(state_,)))) for state_ in GroupState}
    assert found == {
        GroupState.OPEN: ["open"],
        GroupState.HANDLED: ["handled"],
        GroupState.SUPPRESSED: ["hidden"],
        GroupState.CLEARED: ["over"],
    }
    assert state.alert_groups.group(ALL, "handled") == marked[0]
    assert state.audit.entries(ALL, TimeRange(AT, AT + timedelta(days=36500)), 10)[0].action == "alert_group.mark"


def test_what_comes_later_opens_what_was_cleared_and_leaves_what_was_handled(state: Any) -> None:
    state.alert_groups.merge(CORE, [group("a", 1), group("b", 1)])
    cleared, handled = group("a", 1), group("b", 1)
    over = AT + timedelta(minutes=2)
    state.alert_groups.mark(CORE, [replace(cleared, cleared_at=over), replace(handled, handled_at=over)])
    state.alert_groups.merge(CORE, [group("a", 1), group("b", 3)])
    known = {one: state.alert_groups.group(ALL, one).state for one in ("a", "b")}
    assert known == {"a": GroupState.CLEARED, "b": GroupState.HANDLED}
    state.alert_groups.merge(CORE, [group("a", 3)])
    assert state.alert_groups.group(ALL, "a").state is GroupState.OPEN


def test_a_clearing_ends_the_groups_of_its_rule_at_its_device(state: Any) -> None:
    state.alert_groups.merge(
        CORE,
        [
            group("here", device="rt-1"),
            group("elsewhere", device="rt-2"),
            group("another rule", device="rt-1", rule_id="2002"),
            group("later", 30, device="rt-1"),
            group("of an address"),
        ],
    )
    at = AT + timedelta(minutes=5)
    clearings = (Clearing("default", "2001", "rt-1", None, at), Clearing("default", "2001", None, "198.51.100.1", at))
    state.detection.commit(CORE, Finding(clearings=clearings[:1]))
    assert ids(state.alert_groups.groups(ALL, AlertGroupQuery(states=(GroupState.CLEARED,)))) == ["here"]
    state.detection.commit(CORE, Finding(clearings=clearings[1:]))
    assert state.alert_groups.group(ALL, "of an address").cleared_at == at


def test_groups_are_found_by_rule_and_by_either_address(state: Any) -> None:
    state.alert_groups.merge(CORE, [group("a"), group("b", rule_id="2002"), group("c", source_ip="10.0.0.1")])
    assert ids(state.alert_groups.groups(ALL, AlertGroupQuery(rule_id="2002"))) == ["b"]
    assert sorted(ids(state.alert_groups.groups(ALL, AlertGroupQuery(address="10.0.0.1")))) == ["a", "b", "c"]
    assert sorted(ids(state.alert_groups.groups(ALL, AlertGroupQuery(address="198.51.100.1")))) == ["a", "b"]
