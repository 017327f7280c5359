"""Walks of an agent what its profile asks for: the one place of profiles that talks to the network."""

from dataclasses import dataclass, field
from types import MappingProxyType

from gufo.snmp import ValueType

from collectors.snmp.failures import AgentFailure
from collectors.snmp.oids import Column, Kind
from collectors.snmp.profiles.catalogue import Catalogue, columns
from collectors.snmp.profiles.facts import Facts, facts
from collectors.snmp.profiles.tree import Tree
from collectors.snmp.session import Session
from collectors.snmp.tables import text
from collectors.snmp.walk import Manners, walk
from wardwatch.model.records import Outcome

MOST_ROWS = 20_000
MOST_FAILED_COLUMNS = 8
BEARABLE = frozenset({Outcome.LOOP, Outcome.MALFORMED, Outcome.TOO_LARGE})
"""One column's fault; silence and a refused login are the device's."""

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"


@dataclass(slots=True)
class Reading:
    """What a profile found, and which columns could not be read."""

    profile: str = ""
    found: Facts = field(default_factory=dict)
    failures: list[AgentFailure] = field(default_factory=list)


async def read(session: Session, catalogue: Catalogue, manners: Manners) -> Reading:
    """Chooses the profile of an agent and reads everything it knows. Raises `AgentFailure` when the agent goes silent,
    `BadReply` for bytes that are no reply."""
    seen = await first_looks(session, (SYS_DESCR, SYS_OBJECT_ID, *catalogue.looks()))
    profile = catalogue.choose(text(seen.get(SYS_OBJECT_ID)), text(seen.get(SYS_DESCR)), MappingProxyType(seen))
    reading = Reading(profile.name)
    walked: dict[str, dict[str, ValueType]] = {}
    for oid in columns(profile):
        try:
            rows = await walk(session, Column(oid, oid, Kind.TEXT), manners, MOST_ROWS)
        except AgentFailure as failure:
            if failure.outcome not in BEARABLE or len(reading.failures) >= MOST_FAILED_COLUMNS:
                raise
            reading.failures.append(failure)
        else:
            walked[oid] = dict(zip(rows.suffixes, rows.values, strict=True))
    reading.found = facts(profile, Tree(walked))
    return reading


async def first_looks(session: Session, oids: tuple[str, ...]) -> dict[str, ValueType]:
    """One at a time: an old agent answers a request with one unknown OID with nothing but an error."""
    seen: dict[str, ValueType] = {}
    for oid in oids:
        seen |= await session.get([oid])
    return seen
