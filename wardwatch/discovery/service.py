"""The searches and the queue of an installation: who asks, what collectors report, what people decide."""

import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta

from wardwatch.discovery.allowed import Allowed
from wardwatch.discovery.gathering import gather, keys_of
from wardwatch.discovery.known import Known
from wardwatch.discovery.proposals import Proposer
from wardwatch.discovery.review import decided
from wardwatch.errors import Conflict, NotFound, UserError
from wardwatch.inventory.addresses import Prefixes
from wardwatch.model.access import Actor, Scope
from wardwatch.model.discovery import (
    Candidate,
    CandidateQuery,
    CandidateState,
    Decision,
    Heard,
    Search,
    SearchState,
    Way,
)
from wardwatch.model.inventory import Inventory
from wardwatch.model.state import Page
from wardwatch.model.time import Clock
from wardwatch.ports import StateStore
from wardwatch.strict_yaml import nearest

MOST_WAITING = 20
"""Searches that may wait or run at once."""

MOST_CANDIDATES = 20_000
"""Candidates that may wait for a person; what is found beyond them is counted as passed over."""

MOST_DEPTH = 8
ABANDONED_AFTER = timedelta(minutes=5)
_KNOWN_FOR = timedelta(minutes=2)
_EVERYTHING = Scope.everything()
_FACTS = ("system", "interfaces")


class Discovery:
    """Thread-safe. `changing` keeps other writers of the inventory away for the length of a block; `changed` is told
    of the inventory as a decision left it."""

    def __init__(
        self,
        state: StateStore,
        changing: Callable[[], AbstractContextManager[None]],
        changed: Callable[[Inventory], None],
        clock: Clock,
    ) -> None:
        self._state = state
        self._changing = changing
        self._changed = changed
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[int, datetime, Known] | None = None

    def ask(self, actor: Actor, way: Way, target: str, port: int | None = None, depth: int = 3) -> Search:
        """A search that a collector will do. Raises `UserError` for what may not be asked."""
        inventory = self._state.inventory.read(_EVERYTHING)
        target, unit = examined(inventory, way, target, depth)
        waiting = self._state.searches.searches(_EVERYTHING, 200)
        open_ = [each for each in waiting if each.state in (SearchState.WAITING, SearchState.RUNNING)]
        if len(open_) >= MOST_WAITING:
            raise Conflict(f"{len(open_)} searches wait or run already", "ask again when they are done")
        search = Search(str(uuid.uuid4()), way, target, actor.name, self._clock(), port=port, depth=depth, unit=unit)
        self._state.searches.ask(actor, search)
        return search

    def take(self, actor: Actor) -> Search | None:
        """The next search for a collector; None when there is none."""
        return self._state.searches.take(actor, self._clock() - ABANDONED_AFTER)

    def note(self, actor: Actor, search: Search, heard: Sequence[Heard]) -> Search:
        """Takes what a search heard since its last report, and how far it is. Returns it with its counts."""
        now = self._clock()
        with self._lock:
            known, proposer = self._knowledge(now)
            return self._noted(actor, search, heard, known, proposer, now)

    def _noted(
        self, actor: Actor, search: Search, heard: Sequence[Heard], known: Known, proposer: Proposer, now: datetime
    ) -> Search:
        with self._state.together():
            keys = {key for each in heard for key in keys_of(each)}
            gathered = gather(heard, self._state.discovery.known_as(_EVERYTHING, keys), known, proposer)
            room = MOST_CANDIDATES - self._waiting()
            fitting = [each for each in gathered.candidates if each[0].version > 1]
            new = [each for each in gathered.candidates if each[0].version == 1]
            self._state.discovery.save(actor, fitting + new[: max(0, room)])
            noted = replace(
                search,
                touched_at=now,
                ended_at=now if search.state in (SearchState.DONE, SearchState.FAILED) else None,
                known=search.known + gathered.known,
                found=search.found + len(fitting) + min(len(new), max(0, room)),
                passed_over=search.passed_over + max(0, len(new) - max(0, room)),
            )
            self._state.searches.save(actor, noted)
        return noted

    def import_netbox(self, actor: Actor, file: str, heard: Sequence[Heard]) -> Search:
        """Puts the devices of NetBox's export into the queue."""
        now = self._clock()
        search = Search(str(uuid.uuid4()), Way.NETBOX, file, actor.name, now, SearchState.DONE)
        self._state.searches.ask(actor, search)
        return self.note(actor, replace(search, answered=len(heard)), heard)

    def search(self, scope: Scope, search_id: str) -> Search:
        """Raises `NotFound`."""
        found = self._state.searches.search(scope, search_id)
        if found is None:
            raise NotFound(f"there is no search '{search_id}' in your units")
        return found

    def searches(self, scope: Scope, limit: int) -> Sequence[Search]:
        return self._state.searches.searches(scope, limit)

    def candidates(self, scope: Scope, query: CandidateQuery) -> Page[Candidate]:
        return self._state.discovery.candidates(scope, query)

    def candidate(self, scope: Scope, candidate_id: str) -> Candidate:
        """Raises `NotFound`."""
        found = self._state.discovery.candidate(scope, candidate_id)
        if found is None:
            raise NotFound(f"there is no candidate '{candidate_id}' in your units", "discover list shows them")
        return found

    def decide(
        self, actor: Actor, scope: Scope, candidate_id: str, version: int | None, decision: Decision
    ) -> Candidate:
        """Accepts, rejects or merges a candidate; an accepted one is in the inventory when this returns. `version` None
        decides upon whatever there is. Raises `NotFound`, `UserError`, or `Conflict` where it was changed meanwhile."""
        with self._lock, self._changing(), self._state.together():
            candidate = self.candidate(scope, candidate_id)
            if version is not None and candidate.version != version:
                raise Conflict(
                    f"candidate {candidate_id} is at version {candidate.version}, not {version}", "read it again"
                )
            inventory = self._state.inventory.read(_EVERYTHING)
            settled, changed = decided(candidate, decision, inventory, actor.name, self._clock())
            if changed is not None:
                self._state.inventory.replace(actor, changed)
            self._state.discovery.save(actor, [(settled, keys_of(settled.heard))])
            self._known = None
        if changed is not None:
            self._changed(changed)
        return settled

    def _waiting(self) -> int:
        return self._state.discovery.candidates(_EVERYTHING, CandidateQuery((CandidateState.NEW,), limit=1)).total

    def _knowledge(self, now: datetime) -> tuple[Known, Proposer]:
        """What is known of the inventory's devices: read anew when that changed, and now and then for their facts."""
        version = self._state.inventory.version()
        kept = self._known
        if kept is None or kept[0] != version or now - kept[1] > _KNOWN_FOR:
            inventory = self._state.inventory.read(_EVERYTHING)
            kept = self._known = (version, now, Known(inventory, self._state.topology.facts(_EVERYTHING, _FACTS)))
        return kept[2], Proposer(kept[2])


def examined(inventory: Inventory, way: Way, target: str, depth: int) -> tuple[str, str | None]:
    """The target in its one spelling, and the unit it lies in. Raises `UserError` for what may not be asked."""
    if way is Way.SWEEP:
        network = Allowed(inventory).prefix(target)
        units = Prefixes(
            (each, unit.id) for unit in inventory.units.values() if not unit.valid_to for each in unit.networks
        )
        first, last = units.find(network[0]), units.find(network[-1])
        return str(network), first if first == last else None
    if way is Way.CRAWL:
        device = inventory.devices.get(target)
        if device is None:
            raise NotFound(f"there is no device '{target}'", nearest(target, list(inventory.devices)))
        if not 1 <= depth <= MOST_DEPTH:
            raise UserError(f"a crawl of depth {depth} is not done", f"from 1 to {MOST_DEPTH}")
        return device.id, device.unit
    raise UserError(f"a search by {way} is not asked of a collector", "known: sweep, crawl")
