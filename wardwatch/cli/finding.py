"""Searches and candidates for the command line, which waits for each answer: of a running core, or opened here."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from wardwatch.errors import SystemFault
from wardwatch.model.access import Actor
from wardwatch.model.discovery import Candidate, CandidateQuery, Decision, Heard, Search, Way
from wardwatch.model.state import Page
from wardwatch.shipping.finding import Asked, Discovery, FindingLine, answer_of
from wardwatch.shipping.finding_messages import FindingRequest

T = TypeVar("T")


class OpenedHere:
    """Answers what a running core would, from stores that are open in this process."""

    def __init__(self, discovery: Discovery) -> None:
        self._discovery = discovery

    async def ask(self, request: FindingRequest, kind: type[T]) -> T:
        """The answer of a kind to a request."""
        answer = answer_of(self._discovery, request)
        if not isinstance(answer, kind):
            raise SystemFault(f"there is no {kind.__name__} to {type(request).__name__}")
        return answer


class Finding:
    """Searches and candidates, each call until its answer."""

    def __init__(self, core: Asked, runner: asyncio.Runner) -> None:
        self._line = FindingLine(core)
        self._runner = runner

    def ask(self, actor: Actor, way: Way, target: str, port: int | None, depth: int) -> Search:
        return self._wait(self._line.ask(actor, way, target, port, depth))

    def take(self) -> Search | None:
        return self._wait(self._line.take())

    def search(self, search_id: str) -> Search:
        return self._wait(self._line.search(search_id))

    def note(self, search: Search, heard: Sequence[Heard]) -> Search:
        return self._wait(self._line.note(search, heard))

    def import_netbox(self, actor: Actor, file: str, heard: Sequence[Heard]) -> Search:
        return self._wait(self._line.import_netbox(actor, file, heard))

    def candidates(self, query: CandidateQuery) -> Page[Candidate]:
        return self._wait(self._line.candidates(query))

    def decide(self, actor: Actor, candidate_id: str, decision: Decision) -> Candidate:
        return self._wait(self._line.decide(actor, candidate_id, decision))

    def _wait(self, asked: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(asked)
