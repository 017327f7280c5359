"""Searches and candidates over the core's socket: what is asked, and what the core answers."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from wardwatch.errors import TransportFault
from wardwatch.model.access import Actor, Scope
from wardwatch.model.discovery import Candidate, CandidateQuery, Decision, Heard, Search, Way
from wardwatch.model.state import Page
from wardwatch.shipping.finding_messages import (
    AskCandidates,
    AskSearch,
    CandidatesAre,
    Decide,
    FindingReply,
    FindingRequest,
    ImportHeard,
    NoteHeard,
    SearchIs,
    StartSearch,
    TakeSearch,
)

T = TypeVar("T")
_COLLECTOR = Actor.system("collect")
_EVERYTHING = Scope.everything()


class Discovery(Protocol):
    """The searches and the queue (`wardwatch.discovery.service.Discovery`)."""

    def ask(self, actor: Actor, way: Way, target: str, port: int | None = None, depth: int = 3) -> Search: ...

    def take(self, actor: Actor) -> Search | None: ...

    def note(self, actor: Actor, search: Search, heard: Sequence[Heard]) -> Search: ...

    def import_netbox(self, actor: Actor, file: str, heard: Sequence[Heard]) -> Search: ...

    def search(self, scope: Scope, search_id: str) -> Search: ...

    def candidates(self, scope: Scope, query: CandidateQuery) -> Page[Candidate]: ...

    def decide(
        self, actor: Actor, scope: Scope, candidate_id: str, version: int | None, decision: Decision
    ) -> Candidate: ...


class Asked(Protocol):
    """Whoever answers requests (`wardwatch.shipping.CoreConnection`)."""

    async def ask(self, request: FindingRequest, kind: type[T]) -> T: ...


class FindingLine:
    """The core's searches and candidates, over whatever line."""

    def __init__(self, core: Asked) -> None:
        self._core = core

    async def ask(self, actor: Actor, way: Way, target: str, port: int | None, depth: int) -> Search:
        """The search that a collector will do."""
        return _search(await self._core.ask(StartSearch(actor.name, way, target, port, depth), SearchIs))

    async def take(self) -> Search | None:
        """The next search to do."""
        return (await self._core.ask(TakeSearch(), SearchIs)).search

    async def search(self, search_id: str) -> Search:
        """How far a search is."""
        return _search(await self._core.ask(AskSearch(search_id), SearchIs))

    async def note(self, search: Search, heard: Sequence[Heard]) -> Search:
        """Reports; the answer has the core's counts."""
        return _search(await self._core.ask(NoteHeard(search, tuple(heard)), SearchIs))

    async def import_netbox(self, actor: Actor, file: str, heard: Sequence[Heard]) -> Search:
        """Puts another system's devices into the queue."""
        return _search(await self._core.ask(ImportHeard(actor.name, file, tuple(heard)), SearchIs))

    async def candidates(self, query: CandidateQuery) -> Page[Candidate]:
        """A page of candidates."""
        found = await self._core.ask(AskCandidates(query), CandidatesAre)
        return Page(found.candidates, found.next, found.total)

    async def decide(self, actor: Actor, candidate_id: str, decision: Decision) -> Candidate:
        """The candidate as decided."""
        found = await self._core.ask(Decide(actor.name, candidate_id, decision), CandidatesAre)
        return found.candidates[0]


def answer_of(discovery: Discovery, request: object) -> FindingReply | None:
    """The core's answer to whoever may open its socket; None for what is no business of discovery."""
    match request:
        case StartSearch(actor, way, target, port, depth):
            return SearchIs(discovery.ask(Actor(actor), way, target, port, depth))
        case TakeSearch():
            return SearchIs(discovery.take(_COLLECTOR))
        case AskSearch(search_id):
            return SearchIs(discovery.search(_EVERYTHING, search_id))
        case NoteHeard(search, heard):
            return SearchIs(discovery.note(_COLLECTOR, search, heard))
        case ImportHeard(actor, file, heard):
            return SearchIs(discovery.import_netbox(Actor(actor), file, heard))
        case AskCandidates(query):
            page = discovery.candidates(_EVERYTHING, query)
            return CandidatesAre(page.items, page.next, page.total)
        case Decide(actor, candidate_id, decision):
            decided = discovery.decide(Actor(actor), _EVERYTHING, candidate_id, None, decision)
            return CandidatesAre((decided,), None, 1)
    return None


def _search(found: SearchIs) -> Search:
    if found.search is None:
        raise TransportFault("the core answered no search where one was due")
    return found.search
