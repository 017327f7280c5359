"""Searches for devices, and the queue of candidates."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from api.changes import version_of
from api.dependencies import Caller, Cursor, IdempotencyKey, Limit, Services, Using, Viewer
from api.problems import ApiError
from api.schemas.base import ListPage
from api.schemas.discovery import CandidateDecision, CandidateView, SearchRequest, SearchView
from api.views.discovery import candidate_view, search_view
from api.views.units import within
from wardwatch.discovery.service import examined
from wardwatch.errors import Conflict
from wardwatch.model.access import Role, Scope
from wardwatch.model.discovery import Candidate, CandidateQuery, CandidateState, Decision, Way

router = APIRouter(prefix="/discovery", tags=["discovery"])

FINDERS = frozenset({Role.ENGINEER, Role.ADMINISTRATOR})
"""Who may look for devices and decide of them."""

_MOST_SEARCHES = 200


@router.get("/searches")
def list_searches(caller: Viewer, using: Using, limit: Limit = 100) -> ListPage[SearchView]:
    """Searches, newest first."""
    city = using.cities.city(caller.scope)
    found = using.discovery.searches(caller.scope, min(limit, _MOST_SEARCHES))
    return ListPage(items=[search_view(city, each) for each in found])


@router.get("/searches/{search_id}")
def get_search(search_id: str, caller: Viewer, using: Using) -> SearchView:
    """How far a search is."""
    return search_view(using.cities.city(caller.scope), using.discovery.search(caller.scope, search_id))


@router.post("/searches", status_code=202)
def start_search(
    wanted: SearchRequest, caller: Viewer, using: Using, idempotency_key: IdempotencyKey = None
) -> SearchView:
    """Asks for a search, which the collector does: 202. Only engineers and administrators of the unit it lies in (of
    the whole city where it spans units); nothing outside the inventory's networks is asked."""
    inventory = using.cities.city(Scope.everything()).inventory
    caller.require(FINDERS, lambda grants: bool(grants))
    target, unit = examined(inventory, wanted.way, wanted.target, wanted.depth)
    caller.require(FINDERS, lambda grants: using.cities.scope(grants).sees(unit))

    def write() -> SearchView:
        search = using.discovery.ask(caller.actor, wanted.way, target, wanted.port, wanted.depth)
        return search_view(using.cities.city(caller.scope), search)

    return using.writes.once(caller.user.name, idempotency_key, f"search {wanted.model_dump_json()}", write)


@router.get("/candidates")
def list_candidates(
    caller: Viewer,
    using: Using,
    state: Annotated[list[CandidateState] | None, Query(description="Any of these; absent for all.")] = None,
    way: Annotated[Way | None, Query(description="How they were found.")] = None,
    unit: Annotated[str | None, Query(description="Candidates proposed for this unit's subtree.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> ListPage[CandidateView]:
    """Candidates, seen last first."""
    city = using.cities.city(caller.scope)
    query = CandidateQuery(tuple(state or ()), way, limit, cursor)
    found = using.discovery.candidates(within(city, unit), query)
    return ListPage(items=[candidate_view(city, each) for each in found.items], next=found.next, total=found.total)


@router.get("/candidates/{candidate_id}")
def get_candidate(candidate_id: str, caller: Viewer, using: Using, response: Response) -> CandidateView:
    """One candidate; the ETag is its version."""
    found = using.discovery.candidate(caller.scope, candidate_id)
    response.headers["ETag"] = f'"{found.version}"'
    return candidate_view(using.cities.city(caller.scope), found)


@router.patch("/candidates/{candidate_id}")
def decide_candidate(
    candidate_id: str,
    change: CandidateDecision,
    caller: Viewer,
    using: Using,
    response: Response,
    if_match: Annotated[str | None, Header(description="The ETag it is decided upon.", examples=['"1"'])] = None,
    idempotency_key: IdempotencyKey = None,
) -> CandidateView:
    """Accepts, rejects or merges a candidate; an accepted one is in the inventory then. Only engineers and
    administrators of its unit. 412 when it was changed meanwhile, 428 without `If-Match`."""
    version = version_of(if_match)
    fingerprint = f"{candidate_id} {version} {change.model_dump_json()}"

    def write() -> CandidateView:
        decided = _decide(using, caller, candidate_id, version, change)
        return candidate_view(using.cities.city(caller.scope), decided)

    answer = using.writes.once(caller.user.name, idempotency_key, fingerprint, write)
    response.headers["ETag"] = f'"{answer.version}"'
    return answer


def _decide(using: Services, caller: Caller, candidate_id: str, version: int, change: CandidateDecision) -> Candidate:
    """Raises `Forbidden` where the candidate, its new unit or the device it is merged with is out of the caller's."""
    candidate = using.discovery.candidate(caller.scope, candidate_id)
    named = change.device or (candidate.duplicate.device if candidate.duplicate else "")
    merged = using.cities.city(Scope.everything()).inventory.devices.get(named)
    touched = [change.unit or candidate.proposal.unit]
    if change.verdict == "merge" and merged is not None:
        touched.append(merged.unit)
    caller.require(FINDERS, lambda grants: all(using.cities.scope(grants).sees(unit) for unit in touched))
    decision = Decision(**{**change.model_dump(), "verdict": change.verdict.value})
    try:
        return using.discovery.decide(caller.actor, caller.scope, candidate_id, version, decision)
    except Conflict as error:
        raise ApiError(412, error.message, error.hint) from None
