"""The agent: one request in, one response out, for one device at one instant. Pure but for its counts.

GET, GETNEXT and GETBULK of RFC 3416 over SNMPv2c (RFC 1901) and SNMPv3 with USM. Whatever is not answered is counted
by reason. SET is refused with notWritable.
"""

from dataclasses import dataclass

from collectors.snmp.simulator import ber, pdu
from collectors.snmp.simulator.ber import END_OF_MIB_VIEW, NO_SUCH_INSTANCE, NO_SUCH_OBJECT, Malformed
from collectors.snmp.simulator.counts import Counts
from collectors.snmp.simulator.faults import FaultKind
from collectors.snmp.simulator.live import LiveDevice
from collectors.snmp.simulator.pdu import Request
from collectors.snmp.simulator.tree import Entry, Tree
from collectors.snmp.simulator.usm import Refused, UsmEngine

_V2C, _V3 = 1, 3
# What a message of ours needs around its varbinds, at most: headers, community or USM parameters, padding.
_ENVELOPE = 220


@dataclass(slots=True)
class DeviceAgent:
    """What answers for a device: `communities` for v2c (a Cisco switch has one more for each VLAN) or `engine` for v3;
    `contexts` are those of SNMPv3 beside the default one; `walk` is a fault of its walks."""

    device: str
    tree: Tree
    live: LiveDevice
    counts: Counts
    communities: tuple[bytes, ...] = ()
    engine: UsmEngine | None = None
    contexts: tuple[bytes, ...] = ()
    max_reply_bytes: int = 1472
    walk: FaultKind | None = None


def respond(request: bytes, agent: DeviceAgent, now_s: float) -> bytes | None:
    """The reply to a datagram at a Unix time, or None. Never raises, whatever the bytes are."""
    try:
        at, end = ber.read(request, 0, len(request), ber.SEQUENCE)
        version, at = ber.read_integer(request, at, end)
        if version == _V2C:
            return _respond_v2c(request, at, end, agent, int(now_s))
        if version == _V3 and agent.engine is not None:
            return _respond_v3(request, agent, agent.engine, int(now_s))
        raise Malformed("unsupported_version")
    except Malformed as reason:
        agent.counts.add(f"dropped_{reason}")
        return None


def _respond_v2c(request: bytes, at: int, end: int, agent: DeviceAgent, second: int) -> bytes:
    community, pdu_at = ber.read_octets(request, at, end)
    if community not in agent.communities:
        raise Malformed("wrong_community")
    asked = pdu.read_request(request, pdu_at, end)
    response = _answer(asked, agent, second, agent.max_reply_bytes - len(community) - 40)
    return ber.encode(ber.SEQUENCE, b"\x02\x01\x01" + request[at:pdu_at] + response)


def _respond_v3(request: bytes, agent: DeviceAgent, engine: UsmEngine, second: int) -> bytes | None:
    boots, time_s = agent.live.engine(second)
    try:
        opened = engine.open(request, boots, time_s)
    except Refused as refused:
        agent.counts.add(f"usm_{refused.stat.name.lower()}")
        return refused.report
    if opened.context_name not in (b"", *agent.contexts) or opened.context_engine not in (b"", engine.engine_id):
        raise Malformed("unknown_context")
    asked = pdu.read_request(opened.plain, opened.pdu_at, opened.pdu_end)
    if opened.header.level != engine.user.level:
        # As an access policy does that wants the user's full level (RFC 3415): refused, not silent.
        response = _refuse(asked, pdu.AUTHORIZATION_ERROR)
    else:
        response = _answer(asked, agent, second, min(agent.max_reply_bytes, opened.header.max_bytes) - _ENVELOPE)
    return engine.seal(opened.header, response, boots, time_s, context=opened.context_name)


def _answer(asked: Request, agent: DeviceAgent, second: int, room: int) -> bytes:
    """The response PDU, whose varbinds take at most `room` octets."""
    if asked.kind == pdu.SET:
        return _refuse(asked, pdu.NOT_WRITABLE)
    if asked.kind == pdu.GET_BULK:
        return pdu.write_response(asked.request_id, _bulk(asked, agent, second, room))
    if asked.kind == pdu.GET:
        varbinds = b"".join([_get(name, agent, second) for name in asked.names])
    else:
        varbinds = b"".join([_next(name, agent, second)[1] for name in asked.names])
    if len(varbinds) > room:
        return pdu.write_response(asked.request_id, b"", pdu.TOO_BIG)
    return pdu.write_response(asked.request_id, varbinds)


def _refuse(asked: Request, error: int) -> bytes:
    """An error response gives the names back (RFC 3416 section 4.2.5)."""
    varbinds = b"".join([pdu.write_varbind(name, ber.NULL_VALUE) for name in asked.names])
    return pdu.write_response(asked.request_id, varbinds, error, 1 if asked.names else 0)


def _get(name: bytes, agent: DeviceAgent, second: int) -> bytes:
    found = agent.tree.find(name)
    if found is not None:
        return _rendered(found, agent, second)
    return pdu.write_varbind(name, _missing(ber.decode_oid(name), agent.tree))


def _rendered(found: Entry, agent: DeviceAgent, second: int) -> bytes:
    node = found[2]
    return node if isinstance(node, bytes) else agent.live.varbind(node, second)


def _missing(oid: ber.Oid, tree: Tree) -> bytes:
    """noSuchInstance where the object exists with other instances, else noSuchObject (RFC 3416 section 4.2.1)."""
    return NO_SUCH_INSTANCE if any(other[:-1] == oid[: len(other) - 1] for other in tree.near(oid)) else NO_SUCH_OBJECT


def _next(name: bytes, agent: DeviceAgent, second: int) -> tuple[bytes | None, bytes]:
    """The contents of the next OID (None at the end) and its varbind."""
    found = agent.tree.after(name)
    if agent.walk is not None:
        found = _astray(name, found, agent)
    if found is None:
        return None, pdu.write_varbind(name, END_OF_MIB_VIEW)
    return found[1], _rendered(found, agent, second)


def _astray(name: bytes, found: Entry | None, agent: DeviceAgent) -> Entry | None:
    """Where a faulty walk goes: the same OID for ever, or from the end of a column back to its start."""
    here = agent.tree.find(name)
    if here is None:
        return found
    if agent.walk is FaultKind.REPEATING_WALK:
        return here
    column = here[0][:-1]
    if found is not None and found[0][:-1] == column:
        return found
    return agent.tree.after(ber.encode_oid(column))


def _bulk(asked: Request, agent: DeviceAgent, second: int, room: int) -> bytes:
    """The varbinds of a GETBULK, as many as fit (RFC 3416 section 4.2.3); at least one where any is asked."""
    first = min(max(asked.first, 0), len(asked.names))
    found: list[bytes] = []
    for name in asked.names[:first]:
        varbind = _next(name, agent, second)[1]
        room -= len(varbind)
        if room < 0:
            return b"".join(found)
        found.append(varbind)
    repeaters: list[bytes] = asked.names[first:]
    # Names at the end of the tree repeat endOfMibView; when all are there the reply ends.
    for _ in range(max(asked.second, 0) if repeaters else 0):
        ended = True
        for column, name in enumerate(repeaters):
            following, varbind = _next(name, agent, second)
            room -= len(varbind)
            if room < 0:
                return b"".join(found)
            found.append(varbind)
            if following is not None:
                repeaters[column] = following
                ended = False
        if ended:
            break
    return b"".join(found)
