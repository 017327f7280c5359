"""Walks of an agent what its profile asks for: the one place of profiles that talks to the network."""

from dataclasses import dataclass, field

from gufo.snmp import ValueType

from collectors.snmp.failures import AgentFailure
from collectors.snmp.oids import Column, Kind
from collectors.snmp.profiles.catalogue import Catalogue, columns
from collectors.snmp.profiles.facts import Facts, facts
from collectors.snmp.profiles.language import Profile
from collectors.snmp.profiles.tree import Tree
from collectors.snmp.session import Session
from collectors.snmp.tables import text
from collectors.snmp.walk import Manners, walk
from wardwatch.model.records import Outcome

MOST_ROWS = 20_000
MOST_FAILED_COLUMNS = 8
MOST_HANGS = 2
"""An agent may hang on a column and answer the next one; one that hangs again and again is gone."""
BEARABLE = frozenset({Outcome.LOOP, Outcome.MALFORMED, Outcome.TOO_LARGE})
"""One column's fault; a refused login is the device's."""

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
    profile = await recognised(session, catalogue)
    reading = Reading(profile.name)
    walked: dict[str, dict[str, ValueType]] = {}
    hangs = 0
    for oid in columns(profile):
        try:
            rows = await walk(session, Column(oid, oid, Kind.TEXT), manners, MOST_ROWS)
        except AgentFailure as failure:
            hung = failure.outcome is Outcome.TIMEOUT and bool(session.varbinds)
            hangs += hung
            if (
                len(reading.failures) >= MOST_FAILED_COLUMNS
                or hangs > MOST_HANGS
                or not (hung or failure.outcome in BEARABLE)
            ):
                raise
            reading.failures.append(failure)
        else:
            walked[oid] = dict(zip(rows.suffixes, rows.values, strict=True))
    reading.found = facts(profile, Tree(walked))
    return reading


async def recognised(session: Session, catalogue: Catalogue) -> Profile:
    """The profile of an agent. Raises as `read`.

    It is asked one OID at a time: an old agent answers a request with one unknown OID with nothing but an error.
    """
    seen: dict[str, ValueType] = {}
    for oid in (SYS_DESCR, SYS_OBJECT_ID):
        seen |= await session.get([oid])
    descr, object_id = text(seen.get(SYS_DESCR)), text(seen.get(SYS_OBJECT_ID))
    for oid in catalogue.looks(object_id):
        seen |= await session.get([oid])
    return catalogue.choose(object_id, descr, seen)
