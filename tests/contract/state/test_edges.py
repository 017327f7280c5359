"""Remote edges: one a name, one a zone; a change of them moves the inventory's version."""

from datetime import UTC, datetime
from typing import Any

import pytest

from wardwatch.errors import Conflict, NotFound
from wardwatch.model.access import Actor, Scope
from wardwatch.model.edges import Edge
from wardwatch.model.time import TimeRange

ADMIN = Actor("admin")
ALL = Scope.everything()
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
EDGE = Edge("gialam", "district", "a" * 64, AT)


def test_an_edge_is_kept_with_its_zone_and_when_it_was_seen(engine: Any, state: Any) -> None:
    state.edges.add(ADMIN, EDGE)
    state.edges.seen(Actor.system("edge:gialam"), "gialam", LATER)
    (found,) = engine.restart().edges.edges(ALL)
    assert found == Edge("gialam", "district", "a" * 64, AT, None, LATER)
    assert found.active


@pytest.mark.parametrize("second", [Edge("gialam", "other", "b" * 64, AT), Edge("other", "district", "b" * 64, AT)])
def test_neither_a_name_nor_a_zone_is_given_twice(state: Any, second: Edge) -> None:
    state.edges.add(ADMIN, EDGE)
    with pytest.raises(Conflict):
        state.edges.add(ADMIN, second)
    assert state.edges.edges(ALL) == [EDGE]


def test_a_revoked_edge_stays_and_its_name_can_be_given_again(state: Any) -> None:
    state.edges.add(ADMIN, EDGE)
    state.edges.revoke(ADMIN, "gialam", LATER)
    (gone,) = state.edges.edges(ALL)
    assert (gone.active, gone.revoked_at) == (False, LATER)
    with pytest.raises(NotFound, match="no active edge gialam"):
        state.edges.revoke(ADMIN, "gialam", LATER)
    again = Edge("gialam", "other", "c" * 64, LATER)
    state.edges.add(ADMIN, again)
    assert state.edges.edges(ALL) == [again]


def test_the_inventorys_version_grows_with_each_change_of_who_polls_what(state: Any) -> None:
    versions = [state.inventory.version()]
    state.edges.add(ADMIN, EDGE)
    versions.append(state.inventory.version())
    state.edges.seen(ADMIN, "gialam", LATER)
    assert state.inventory.version() == versions[-1]
    state.edges.revoke(ADMIN, "gialam", LATER)
    versions.append(state.inventory.version())
    assert versions[0] < versions[1] < versions[2]


def test_a_limited_scope_sees_no_edge(state: Any) -> None:
    state.edges.add(ADMIN, EDGE)
    assert list(state.edges.edges(Scope.of("w1"))) == []


def test_changes_are_audited_without_the_hash(state: Any) -> None:
    state.edges.add(ADMIN, EDGE)
    state.edges.revoke(ADMIN, "gialam", LATER)
    day = TimeRange(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
    entries = state.audit.entries(ALL, day, 10)
    assert {entry.action for entry in entries} >= {"edge.add", "edge.revoke"}
    assert not any("a" * 64 in str(entry.detail) for entry in entries)
    assert state.audit.verify() is None
