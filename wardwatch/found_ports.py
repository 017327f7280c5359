"""Ports of what is found by itself: devices that nobody entered, and links. A part of `wardwatch.ports`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from wardwatch.model.access import Actor, Scope
from wardwatch.model.discovery import Candidate, CandidateQuery, Search
from wardwatch.model.records import DeviceFacts
from wardwatch.model.state import Page
from wardwatch.model.topology import Found, Sighting, SightingQuery


class SearchStore(Protocol):
    """Searches for devices that were asked for; a collector takes them one after the other."""

    def ask(self, actor: Actor, search: Search) -> None: ...

    def take(self, actor: Actor, abandoned_before: datetime) -> Search | None:
        """The oldest that waits, or that nobody went on with since that instant; it is running then."""
        ...

    def save(self, actor: Actor, search: Search) -> None:
        """How far it is."""
        ...

    def search(self, scope: Scope, search_id: str) -> Search | None: ...

    def searches(self, scope: Scope, limit: int) -> Sequence[Search]:
        """The newest first."""
        ...


class DiscoveryStore(Protocol):
    """Candidates: devices that were found and wait for a person."""

    def save(self, actor: Actor, candidates: Sequence[tuple[Candidate, Sequence[str]]]) -> None:
        """Inserts (version 1) or updates candidates whose stored version is one less, each with the keys it is known
        by from now on; raises `Conflict` otherwise."""
        ...

    def candidate(self, scope: Scope, candidate_id: str) -> Candidate | None: ...

    def candidates(self, scope: Scope, query: CandidateQuery) -> Page[Candidate]: ...

    def known_as(self, scope: Scope, keys: Collection[str]) -> Mapping[str, Candidate]:
        """Which candidates are known by the keys (serial, chassis, address and port)."""
        ...


class TopologyStore(Protocol):
    """What is plugged into what, as it was worked out last."""

    def facts(self, scope: Scope, kinds: Sequence[str]) -> Sequence[DeviceFacts]:
        """The facts of these kinds of every device in sight: what it is worked out from."""
        ...

    def read(self, scope: Scope) -> Found: ...

    def replace(self, actor: Actor, found: Found) -> None:
        """Makes what is kept equal to this, in one transaction."""
        ...


class SightingStore(Protocol):
    """Who is on which port, with history."""

    def note(self, actor: Actor, sightings: Sequence[Sighting]) -> None:
        """Widens what is known of a host on a port; a new one gets a row of its own."""
        ...

    def find(self, scope: Scope, query: SightingQuery) -> Page[Sighting]: ...

    def forget(self, actor: Actor, before: datetime, most: int) -> int:
        """Lets go what was not seen since, what devices saw that are gone, and the oldest beyond `most`."""
        ...


class FoundStores(Protocol):
    """The stores of what is found, as parts of the state store."""

    @property
    def searches(self) -> SearchStore: ...

    @property
    def discovery(self) -> DiscoveryStore: ...

    @property
    def topology(self) -> TopologyStore: ...

    @property
    def sightings(self) -> SightingStore: ...
