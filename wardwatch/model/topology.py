"""What is plugged into what, as devices say it: links with their confidence, redundancy groups, who is on a port."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Proof(StrEnum):
    """What a link is known by, the surest first."""

    INVENTORY = "inventory"
    LLDP = "lldp"
    CDP = "cdp"
    FDB = "fdb"
    ARP = "arp"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a link: which device said it, what it said, and when that was last true."""

    proof: Proof
    device: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """One end of a link; `port` is the name that the device gives it, `index` its ifIndex, None where nobody knows."""

    device: str
    port: str | None = None
    index: str | None = None


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link between two devices of the inventory. `upper` is the end nearer the core.

    `confidence` is 0 to 1 (1: written in the inventory, whose links win). `conflict` says in words what speaks against
    it. `stale`: nobody has confirmed it lately. `link` is the inventory's link that it is, `circuit` the leased line.
    """

    id: str
    upper: LinkEnd
    lower: LinkEnd
    confidence: float
    evidence: tuple[Evidence, ...]
    first_seen: datetime
    last_seen: datetime
    stale: bool = False
    conflict: str = ""
    link: str | None = None
    circuit: str | None = None


@dataclass(frozen=True, slots=True)
class RedundancyGroup:
    """Devices that stand in for each other: no change takes two of them at once. `derived_from` is `inventory` (a
    person said so), `vrrp`, `hsrp` or `position` (they join the same devices)."""

    id: str
    devices: tuple[str, ...]
    derived_from: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The topology as it is kept: links by id and groups by id."""

    links: tuple[FoundLink, ...] = ()
    groups: tuple[RedundancyGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """Who was on a port: a MAC address with its IP address (empty where no router told it), and when. `vlan` is 0
    where the device does not say."""

    mac: str
    ip: str
    device: str
    port: str
    vlan: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class SightingQuery:
    """Sightings, last seen first; what is None is not asked for."""

    mac: str | None = None
    ip: str | None = None
    device: str | None = None
    port: str | None = None
    limit: int = 100
    cursor: str | None = None
