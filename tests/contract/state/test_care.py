"""Maintenance windows, certificates and jobs that report, on every engine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wardwatch.errors import NotFound
from wardwatch.model.access import Actor, Scope
from wardwatch.model.care import Heartbeat, HeldCertificate, Maintenance
from wardwatch.ports import StateStore

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LAN, EVERYTHING = Actor("lan"), Scope.everything()
WINDOW = Maintenance("m1", "nâng cấp", "lan", NOW, NOW, NOW + timedelta(hours=2), unit="ward")
JOB = Heartbeat("db", "Sao lưu", "ward", "hash", 3600, 600, NOW)
HELD = HeldCertificate("c1", "person", "Nguyễn Văn A", "ward", "VGCA", "0a", None, NOW + timedelta(days=9))


def test_windows_are_planned_and_ended_within_a_scope(state: StateStore) -> None:
    state.care.plan(LAN, WINDOW)
    state.care.plan(LAN, replace(WINDOW, id="m2", unit=None, device="sw1"))
    assert [window.id for window in state.care.windows(EVERYTHING, NOW)] == ["m1", "m2"]
    assert state.care.windows(Scope(frozenset({"ward"})), NOW) == [WINDOW]
    assert not state.care.windows(Scope(frozenset({"other"})), NOW)
    state.care.plan(LAN, replace(WINDOW, ended_at=NOW + timedelta(hours=1)))
    assert [window.id for window in state.care.windows(EVERYTHING, NOW + timedelta(minutes=90))] == ["m2"]
    assert state.audit.verify() is None


def test_certificates_are_held_and_let_go(state: StateStore) -> None:
    state.care.hold(LAN, [replace(HELD, id="c2", valid_to=NOW + timedelta(days=90)), HELD])
    assert [each.id for each in state.care.certificates(EVERYTHING)] == ["c1", "c2"]
    state.care.let_go(LAN, "c2")
    with pytest.raises(NotFound):
        state.care.let_go(LAN, "c2")
    changed = replace(HELD, warn_days=60)
    state.care.hold(LAN, [changed])
    assert state.care.certificates(Scope(frozenset({"ward"}))) == [changed]
    assert not state.care.certificates(Scope(frozenset({"other"})))


def test_a_job_reports_by_its_token(state: StateStore) -> None:
    state.heartbeats.put(LAN, JOB)
    assert state.heartbeats.beat(LAN, "nobody's", NOW, True, "") is None
    told = state.heartbeats.beat(LAN, "hash", NOW + timedelta(hours=1), False, "đĩa đầy")
    assert told == replace(JOB, last_at=NOW + timedelta(hours=1), last_ok=False, detail="đĩa đầy")
    assert state.heartbeats.jobs(EVERYTHING) == [told]
    assert not state.heartbeats.jobs(Scope(frozenset({"other"})))
    state.heartbeats.remove(LAN, "db")
    with pytest.raises(NotFound):
        state.heartbeats.remove(LAN, "db")
