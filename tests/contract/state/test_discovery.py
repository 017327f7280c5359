"""Searches and candidates: taken once, merged by version, seen by unit, decided with audit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wardwatch.errors import Conflict
from wardwatch.model.access import Actor, Scope
from wardwatch.model.discovery import (
    Candidate,
    CandidateQuery,
    CandidateState,
    Duplicate,
    Heard,
    Proposal,
    Search,
    SearchState,
    Way,
)
from wardwatch.model.text import Words
from wardwatch.model.time import TimeRange

COLLECT = Actor.system("collect")
ENGINEER = Actor("lan")
ALL = Scope.everything()
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def candidate(number: int, unit: str | None = "ward-1", version: int = 1) -> Candidate:
    heard = Heard(
        f"10.0.0.{number}", AT, Way.SWEEP, "10.0.0.0/24", credential="read", name="sw-đống-đa", serial=f"S{number}"
    )
    reasons = (Words("vì mạng 10.0.0.0/24", "because of 10.0.0.0/24"),)
    seen = AT + timedelta(minutes=number)
    return Candidate(
        f"c{number}",
        heard,
        Proposal(f"sw-{number}", "sw-đống-đa", "access-switch", unit, reasons=reasons),
        AT,
        seen,
        duplicate=Duplicate("w-sw1", "serial"),
        version=version,
    )


def saved(state: Any, *candidates: Candidate) -> None:
    state.discovery.save(COLLECT, [(each, [f"serial:{each.heard.serial}"]) for each in candidates])


def test_a_candidate_comes_back_as_it_was(engine: Any, state: Any) -> None:
    saved(state, candidate(1))
    again = engine.restart().discovery
    assert again.candidate(ALL, "c1") == candidate(1)
    assert again.known_as(ALL, ["serial:S1", "serial:none"]) == {"serial:S1": candidate(1)}


def test_pages_go_from_the_newest_and_lose_nothing(state: Any) -> None:
    saved(state, *(candidate(number) for number in range(1, 8)))
    found, cursor = [], None
    while True:
        page = state.discovery.candidates(ALL, CandidateQuery(limit=3, cursor=cursor))
        assert page.total == 7
        found += [each.id for each in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == [f"c{number}" for number in range(7, 0, -1)]


def test_a_scope_sees_the_candidates_of_its_units_only(state: Any) -> None:
    saved(state, candidate(1), candidate(2, "ward-2"), candidate(3, None))
    ward = Scope.of("ward-2")
    assert [each.id for each in state.discovery.candidates(ward, CandidateQuery()).items] == ["c2"]
    assert state.discovery.candidate(ward, "c1") is None
    assert state.discovery.candidate(ward, "c3") is None
    assert state.discovery.known_as(ward, ["serial:S1"]) == {}


def test_a_second_writer_of_the_same_version_is_refused(state: Any) -> None:
    saved(state, candidate(1))
    rejected = replace(candidate(1), state=CandidateState.REJECTED, decided_by="lan", version=2)
    saved(state, rejected)
    with pytest.raises(Conflict, match="candidate c1 is at version 2"):
        saved(state, rejected)
    assert state.discovery.candidates(ALL, CandidateQuery()).items == ()
    everything = CandidateQuery(states=(), way=Way.SWEEP)
    assert [each.state for each in state.discovery.candidates(ALL, everything).items] == [CandidateState.REJECTED]


def test_the_chain_tells_what_came_and_what_was_decided_but_not_each_sight(state: Any) -> None:
    saved(state, candidate(1))
    saved(state, replace(candidate(1), version=2))
    accepted = replace(candidate(1), state=CandidateState.ACCEPTED, device="sw-1", version=3)
    state.discovery.save(ENGINEER, [(accepted, [])])
    entries = state.audit.entries(Scope.of("ward-1"), TimeRange(AT - timedelta(days=1), AT + timedelta(days=1)), 10)
    told = sorted((entry.action, entry.actor) for entry in entries)
    assert told == [("discovery.accepted", "lan"), ("discovery.found", "system:collect")]
    assert state.discovery.known_as(ALL, ["serial:S1"]) == {}


def search(name: str, minutes: int = 0, unit: str | None = None) -> Search:
    return Search(name, Way.SWEEP, "10.0.0.0/24", "lan", AT + timedelta(minutes=minutes), unit=unit)


def test_searches_are_taken_in_order_and_once(engine: Any, state: Any) -> None:
    for each in (search("later", 5), search("first")):
        state.searches.ask(ENGINEER, each)
    taken = [state.searches.take(COLLECT, AT) for _ in range(3)]
    assert [each.id if each else None for each in taken] == ["first", "later", None]
    assert taken[0].state is SearchState.RUNNING
    done = replace(taken[0], state=SearchState.DONE, asked=256, answered=3, found=2)
    state.searches.save(COLLECT, done)
    assert engine.restart().searches.search(ALL, "first") == done


def test_a_search_that_its_collector_left_is_taken_again(engine: Any, state: Any) -> None:
    state.searches.ask(ENGINEER, search("first"))
    taken = state.searches.take(COLLECT, AT)
    assert state.searches.take(COLLECT, taken.touched_at) is None
    assert state.searches.take(COLLECT, taken.touched_at + timedelta(seconds=1)).id == "first"


def test_searches_are_listed_newest_first_within_the_scope(state: Any) -> None:
    for each in (search("a"), search("b", 1, "ward-1"), search("c", 2, "ward-2")):
        state.searches.ask(ENGINEER, each)
    assert [each.id for each in state.searches.searches(ALL, 2)] == ["c", "b"]
    assert [each.id for each in state.searches.searches(Scope.of("ward-1"), 9)] == ["b"]
    assert state.searches.search(Scope.of("ward-1"), "a") is None
