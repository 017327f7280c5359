"""Incidents: versions, numbers, timelines, scope."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import Conflict, StoreFault
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import EntryKind, Incident, IncidentState, TimelineEntry
from wardwatch.model.state import IncidentQuery
from wardwatch.model.status import Severity
from wardwatch.model.text import Words

CORE = Actor.system("core")
AN = Actor("an", "10.0.0.9")
AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ALL = Scope.everything()


def incident(key: str = "i1", **changes: Any) -> Incident:
    new = Incident(
        id=key,
        number=0,
        namespace="default",
        title=Words("Mất kết nối và tấn công web", "Cut off, and a web attack"),
        state=IncidentState.OPEN,
        severity=Severity.HIGH,
        unit="w1",
        units=("w1", "w2"),
        devices=("r1",),
        services=("v1",),
        techniques=("T1190",),
        opened_at=AT,
        updated_at=AT,
    )
    return replace(new, **changes)


def entry(key: str, minute: int = 0, incident: str = "i1") -> TimelineEntry:
    at = AT + timedelta(minutes=minute)
    down = Words("Thiết bị ngừng", "The device is down")
    return TimelineEntry(key, incident, at, EntryKind.OUTAGE, "r1", down, "system:core", {"n": [1]})


def test_numbers_and_versions(engine: Any, state: Any) -> None:
    first = state.incidents.save(CORE, incident(), [entry("e1")])
    second = state.incidents.save(CORE, incident("i2"), [])
    assert (first.number, first.version, second.number) == (1, 1, 2)
    moved = {"unit": "w3", "units": ("w3",)}
    taken = replace(first, state=IncidentState.ACKNOWLEDGED, assignee="an", version=2, number=99, **moved)
    saved = state.incidents.save(AN, taken, [entry("e2", 1)])
    assert (saved.number, saved.version) == (1, 2)
    state = engine.restart()
    assert state.incidents.incident(ALL, "i1") == saved
    assert state.incidents.incident(Scope.of("w1"), "i1") is None
    assert state.incidents.incident(Scope.of("w3"), "i1") == saved
    assert state.incidents.incident(ALL, "i9") is None


@pytest.mark.parametrize(("stored", "version"), [(0, 2), (1, 1), (2, 2), (2, 4)])
def test_a_stale_version_is_a_conflict_and_changes_nothing(state: Any, stored: int, version: int) -> None:
    for number in range(1, stored + 1):
        state.incidents.save(CORE, incident(version=number), [])
    with pytest.raises(Conflict, match="version"):
        state.incidents.save(AN, incident(version=version, title=Words.same("spät")), [entry("late")])
    assert list(state.incidents.timeline(ALL, "i1")) == []
    kept = state.incidents.incident(ALL, "i1")
    assert (kept.version if kept else 0) == stored
    assert state.audit.verify() is None


def test_a_write_that_fails_leaves_nothing_behind(state: Any) -> None:
    with pytest.raises(StoreFault):
        state.incidents.save(CORE, incident(), [entry("e1"), entry("e2", incident="there is no such one")])
    assert state.incidents.incident(ALL, "i1") is None
    assert state.incidents.save(CORE, incident(), [entry("e1")]).number == 1
    assert state.audit.verify() is None


def test_of_two_who_change_the_same_one_wins(state: Any) -> None:
    read = state.incidents.save(CORE, incident(), [])
    outcomes: list[str] = []

    def take(name: str) -> None:
        try:
            state.incidents.save(Actor(name), replace(read, assignee=name, version=2), [])
            outcomes.append("saved")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=take, args=(f"u{n}",)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict"] * 4 + ["saved"]


def test_the_timeline_is_in_order_and_an_entry_is_kept_as_first_written(state: Any) -> None:
    state.incidents.save(CORE, incident(), [entry("late", 9), entry("early", 1)])
    other = replace(entry("early", 30), summary=Words.same("anders"))
    state.incidents.save(CORE, incident(version=2), [other, entry("mid", 5)])
    assert list(state.incidents.timeline(ALL, "i1")) == [entry("early", 1), entry("mid", 5), entry("late", 9)]
    assert len(state.incidents.timeline(Scope.of("w2"), "i1")) == 3
    assert list(state.incidents.timeline(Scope.of("w9"), "i1")) == []


def test_pages_filters_and_scope(state: Any) -> None:
    for number in range(1, 6):
        state.incidents.save(CORE, incident(f"i{number}"), [])
    state.incidents.save(CORE, incident("drill", namespace="drill-1"), [])
    state.incidents.save(CORE, incident("far", unit="w9", units=(), severity=Severity.LOW), [])
    state.incidents.save(CORE, incident("i3", version=2, state=IncidentState.CLOSED, closed_at=AT), [])

    def found(scope: Scope = ALL, **changes: Any) -> list[str]:
        page = state.incidents.incidents(scope, IncidentQuery(**changes))
        assert page.total == len(page.items)
        return [item.id for item in page.items]

    assert found() == ["far", "i5", "i4", "i3", "i2", "i1"]
    assert found(namespace=None) == ["far", "drill", "i5", "i4", "i3", "i2", "i1"]
    assert found(states=(IncidentState.CLOSED,)) == ["i3"]
    assert found(severities=(Severity.LOW,)) == ["far"]
    assert found(unit="w9") == ["far"]
    assert found(Scope.of("w9")) == ["far"]
    assert found(Scope.of("w9"), unit="w1") == []
    assert found(Scope.of()) == []
    page = state.incidents.incidents(ALL, IncidentQuery(limit=4))
    rest = state.incidents.incidents(ALL, IncidentQuery(limit=4, cursor=page.next))
    assert ([item.id for item in rest.items], rest.next, rest.total) == (["i2", "i1"], None, 6)


def test_what_is_written_together_is_seen_inside_and_comes_or_goes_as_one(state: Any) -> None:
    with state.together():
        first = state.incidents.save(CORE, incident(), ())
        assert state.incidents.incident(ALL, "i1") == first
        with pytest.raises(Conflict):
            state.incidents.save(CORE, replace(first, version=7), ())
        second = state.incidents.save(CORE, replace(first, severity=Severity.LOW, version=2), ())
    assert state.incidents.incident(ALL, "i1") == second
    with pytest.raises(StoreFault):
        _save_two_of_which_one_fails(state)
    assert state.incidents.incident(ALL, "i2") is None
    assert state.incidents.save(CORE, incident("i3"), ()).number == 2
    assert state.audit.verify() is None


def test_others_wait_while_somebody_writes_together(state: Any) -> None:
    waited = threading.Event()

    def other() -> None:
        state.incidents.save(AN, incident("i2"), ())
        waited.set()

    writer = threading.Thread(target=other)
    with state.together():
        writer.start()
        state.incidents.save(CORE, incident(), ())
        assert not waited.wait(0.2)
    writer.join(10)
    assert [state.incidents.incident(ALL, key).number for key in ("i1", "i2")] == [1, 2]


def _save_two_of_which_one_fails(state: Any) -> None:
    with state.together():
        state.incidents.save(CORE, incident("i2"), [entry("e2", incident="i2")])
        state.incidents.save(CORE, incident("i3"), [entry("e3", incident="there is no such one")])
