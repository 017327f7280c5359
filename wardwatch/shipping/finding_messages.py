"""The words of the protocol for searches and candidates."""

import msgspec

from wardwatch.model.discovery import Candidate, CandidateQuery, Decision, Heard, Search, Way


class StartSearch(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for a search; a collector will do it."""

    actor: str
    way: Way
    target: str
    port: int | None = None
    depth: int = 3


class TakeSearch(msgspec.Struct, tag=True, frozen=True):
    """A collector asks for the next search to do."""


class AskSearch(msgspec.Struct, tag=True, frozen=True):
    """The command line asks how far a search is."""

    id: str


class ImportHeard(msgspec.Struct, tag=True, frozen=True):
    """The command line hands over what it read in another system's export."""

    actor: str
    file: str
    heard: tuple[Heard, ...]


class SearchIs(msgspec.Struct, tag=True, frozen=True):
    """A search with its counts; None where there is none to do."""

    search: Search | None


class NoteHeard(msgspec.Struct, tag=True, frozen=True):
    """A collector reports how far a search is, and what it heard since its last report."""

    search: Search
    heard: tuple[Heard, ...]


class AskCandidates(msgspec.Struct, tag=True, frozen=True):
    """The command line asks for candidates."""

    query: CandidateQuery


class CandidatesAre(msgspec.Struct, tag=True, frozen=True):
    """A page of candidates."""

    candidates: tuple[Candidate, ...]
    next: str | None
    total: int


class Decide(msgspec.Struct, tag=True, frozen=True):
    """A person decides of a candidate on the command line."""

    actor: str
    candidate: str
    decision: Decision


FindingRequest = StartSearch | TakeSearch | AskSearch | NoteHeard | ImportHeard | AskCandidates | Decide
FindingReply = SearchIs | CandidatesAre
