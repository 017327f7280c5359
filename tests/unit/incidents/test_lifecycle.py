"""People take incidents, assign, comment and close them, on the real state store."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wardwatch.errors import Conflict, NotFound, UserError
from wardwatch.incidents.lifecycle import acknowledge, assign, close, comment
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import Incident, IncidentState
from wardwatch.model.status import Severity
from wardwatch.model.text import Words
from wardwatch.ports import IncidentStore
from wardwatch.state import open_state

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALL = Scope.everything()
LAN = Actor("lan", "10.0.0.7")


@pytest.fixture
def incidents(tmp_path: Path) -> Iterator[IncidentStore]:
    state = open_state(f"sqlite:///{tmp_path / 'state.sqlite'}", lambda: NOON)
    opened = Incident(
        "i",
        0,
        "default",
        Words.same("t"),
        IncidentState.OPEN,
        Severity.HIGH,
        "u1",
        ("u1",),
        (),
        (),
        (),
        NOON,
        NOON,
        version=1,
    )
    state.incidents.save(LAN, opened, [])
    yield state.incidents
    state.close()


def test_from_open_to_its_verdict(incidents: IncidentStore) -> None:
    taken = acknowledge(incidents, ALL, LAN, "i", 1, NOON)
    assert (taken.state, taken.assignee, taken.version) == (IncidentState.ACKNOWLEDGED, "lan", 2)
    given = assign(incidents, ALL, LAN, "i", 2, "minh", NOON)
    comment(incidents, ALL, LAN, "i", given.version, "  Đã gọi nhà mạng ", NOON)
    closed = close(incidents, ALL, LAN, "i", 4, "true_positive", NOON, "đứt cáp")
    assert (closed.state, closed.verdict, closed.closed_at) == (IncidentState.CLOSED, "true_positive", NOON)
    timeline = incidents.timeline(ALL, "i")
    assert {entry.detail["event"] for entry in timeline} == {"acknowledged", "assigned", "commented", "closed"}
    summaries = {entry.detail["event"]: entry.summary for entry in timeline}
    assert summaries["commented"] == Words.same("Đã gọi nhà mạng")
    assert summaries["closed"] == Words("lan đóng sự cố", "lan closed the incident"), "its text stands in the detail"
    assert {entry.actor for entry in timeline} == {"lan"}


def test_who_saw_an_older_version_is_told(incidents: IncidentStore) -> None:
    acknowledge(incidents, ALL, LAN, "i", 1, NOON)
    with pytest.raises(Conflict, match="at version 2, not 1"):
        assign(incidents, ALL, LAN, "i", 1, "minh", NOON)


def test_out_of_scope_is_not_found(incidents: IncidentStore) -> None:
    with pytest.raises(NotFound):
        comment(incidents, Scope.of("u2"), LAN, "i", 1, "x", NOON)


def test_a_closed_incident_takes_comments_only(incidents: IncidentStore) -> None:
    close(incidents, ALL, LAN, "i", 1, "false_positive", NOON)
    with pytest.raises(UserError, match="closed"):
        acknowledge(incidents, ALL, LAN, "i", 2, NOON)
    with pytest.raises(UserError, match="closed"):
        assign(incidents, ALL, LAN, "i", 2, "minh", NOON)
    with pytest.raises(UserError, match="closed"):
        close(incidents, ALL, LAN, "i", 2, "outage", NOON)
    assert comment(incidents, ALL, LAN, "i", 2, "xem lại", NOON).version == 3


@pytest.mark.parametrize("verdict", ["", "maybe"])
def test_a_verdict_is_one_of_the_known(incidents: IncidentStore, verdict: str) -> None:
    with pytest.raises(UserError, match="is no verdict"):
        close(incidents, ALL, LAN, "i", 1, verdict, NOON)


def test_an_empty_comment_is_refused(incidents: IncidentStore) -> None:
    with pytest.raises(UserError, match="empty"):
        comment(incidents, ALL, LAN, "i", 1, " \n", NOON)
