"""Finding devices: searches, what a device said when it was met, and candidates that wait for a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wardwatch.model.text import Words

DEFAULT_SNMP_PORT = 161


class Way(StrEnum):
    """How a device is found."""

    SWEEP = "sweep"
    CRAWL = "crawl"
    NETBOX = "netbox"


class SearchState(StrEnum):
    """How far a search is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CandidateState(StrEnum):
    """What became of a candidate; `new` waits for a person."""

    NEW = "new"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Search:
    """A search for devices: `target` is a prefix (sweep), a device's id (crawl) or a file's name (netbox).

    `port` None means the port that the inventory's devices there use; `depth` bounds a crawl. `asked` addresses were
    asked, of which `answered` did; `known` were devices of the inventory, `found` candidates came out (new or seen
    again), `passed_over` neighbours were not asked since no allowed address is known of them or a bound was reached.
    """

    id: str
    way: Way
    target: str
    asked_by: str
    asked_at: datetime
    state: SearchState = SearchState.WAITING
    port: int | None = None
    depth: int = 3
    unit: str | None = None
    touched_at: datetime | None = None
    ended_at: datetime | None = None
    asked: int = 0
    answered: int = 0
    known: int = 0
    found: int = 0
    passed_over: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was learned of one device. `credential` is the id of the one that worked, None where none did; `chassis` is
    its MAC address (`aa:bb:cc:dd:ee:ff`); `family` the name of its vendor profile; `seen_by` the device that named it
    as a neighbour; `role` and `place` are another system's words for its role and site."""

    address: str
    at: datetime
    way: Way
    source: str
    port: int = DEFAULT_SNMP_PORT
    credential: str | None = None
    name: str = ""
    object_id: str = ""
    descr: str = ""
    family: str = ""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    chassis: str = ""
    addresses: tuple[str, ...] = ()
    ports: int = 0
    seen_by: str | None = None
    role: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a candidate would stand in the inventory, and why; None where nothing tells."""

    id: str
    name: str
    role: str | None = None
    unit: str | None = None
    site: str | None = None
    zone: str | None = None
    reasons: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The device of the inventory that a candidate seems to be, and by what: serial, chassis, name or address."""

    device: str
    by: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device that was found and is not in the inventory under this address. `heard` is the newest that was learned
    of it; `device` is what it became."""

    id: str
    heard: Heard
    proposal: Proposal
    first_seen: datetime
    last_seen: datetime
    state: CandidateState = CandidateState.NEW
    duplicate: Duplicate | None = None
    device: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class CandidateQuery:
    """Candidates, seen last first. `states` empty means any; `way` None any."""

    states: tuple[CandidateState, ...] = (CandidateState.NEW,)
    way: Way | None = None
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides of a candidate: `accept`, `reject` or `merge`. For an acceptance the fields that are given
    stand instead of the proposal's, `device` being the new device's id; for a merger it is the device to merge with
    (None: the duplicate that was recognised)."""

    verdict: str
    device: str | None = None
    name: str | None = None
    role: str | None = None
    unit: str | None = None
    site: str | None = None
    zone: str | None = None
    address: str | None = None
    credential: str | None = None
