"""Polls one device: a visit to its agent becomes samples, an outcome and, when something changed, facts."""

import logging
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from collectors.snmp import tables
from collectors.snmp.credentials import Keyring, Login, SecretResolver
from collectors.snmp.failures import AgentFailure, alive
from collectors.snmp.insight import Insight, InsightSettings
from collectors.snmp.oids import COUNTERS, SYS_UPTIME
from collectors.snmp.profiles.catalogue import Catalogue
from collectors.snmp.rates import TICKS_PER_SECOND, RateTable, rates
from collectors.snmp.session import BadReply, Endpoint, Session, SessionSettings
from collectors.snmp.timing import slow_facts, slow_now
from collectors.snmp.visit import Memory, Visit
from wardwatch.errors import WardWatchError
from wardwatch.model.inventory import Credential
from wardwatch.model.records import DeviceFacts, Outcome, PollOutcome, SampleBlock
from wardwatch.model.time import Clock

log = logging.getLogger(__name__)

SOURCES: dict[str, tuple[str, ...]] = {
    counter: tuple(column.name for column in columns) for counter, columns in COUNTERS.items()
}


@dataclass(frozen=True, slots=True)
class PollSettings:
    """How devices are polled. `session` for devices that answer, `knock` (one short attempt) for those that were
    silent lately, `look` for what a vendor's profile asks (its columns are many, so each gets less patience); static
    columns are read again after `facts_every` rounds; over more than `longest_gap_s` without a reading no rate is
    given."""

    session: SessionSettings = field(default_factory=SessionSettings)
    knock: SessionSettings = field(default_factory=lambda: SessionSettings(timeout_s=2.0, attempts=1))
    look: SessionSettings = field(default_factory=lambda: SessionSettings(attempts=2, deadline_s=20.0))
    facts_every: int = 30
    longest_gap_s: float = 900.0
    insight: InsightSettings = field(default_factory=InsightSettings)


@dataclass(frozen=True, slots=True)
class Target:
    """A device to poll: its numeric address, how to log in, and how often where it has an interval of its own."""

    device: str
    unit: str
    site: str
    address: str
    port: int
    credential: Credential
    interval_s: float | None = None


@dataclass(frozen=True, slots=True)
class DeviceReading:
    """What one poll of one device gave. `memory` is to be handed to the next poll of it."""

    blocks: tuple[SampleBlock, ...]
    outcome: PollOutcome
    facts: tuple[DeviceFacts, ...]
    memory: Memory
    implausible: int = 0
    broken: int = 0
    restarted: bool = False


@dataclass(slots=True)
class _Poll:
    """One poll while it runs."""

    target: Target
    at: datetime
    started: float
    visit: Visit
    session: Session | None = None
    failure: AgentFailure | None = None
    insight: Insight | None = None
    looked_failure: AgentFailure | None = None
    looked_varbinds: int = 0
    rates: RateTable = field(default_factory=lambda: RateTable({}))


class Poller:
    """Polls devices; keeps nothing of them but what it hands out as `Memory`. `monotonic` is in seconds; without a
    `catalogue` of vendor profiles only system and ports are read."""

    def __init__(
        self,
        settings: PollSettings,
        resolve: SecretResolver,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
        catalogue: Catalogue | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._keyring = Keyring(resolve)
        self._clock = clock
        self._monotonic = monotonic

    def check(self, credential: Credential) -> None:
        """Raises `UserError` for a credential that cannot work."""
        self._keyring.login(credential)

    async def poll_device(self, target: Target, previous: Memory | None, knock: bool = False) -> DeviceReading:
        """Polls one device; never raises for what the device or its credential does. `knock` asks a device that was
        silent lately with one short attempt, and goes on normally if it answers."""
        visit = Visit(previous, self._settings.facts_every, self._monotonic)
        poll = _Poll(target, self._clock(), self._monotonic(), visit)
        try:
            login = self._keyring.login(target.credential)
            if knock:
                await self._knock(poll, login)
            await self._visit(poll, login)
            await self._look(poll, login)
        except AgentFailure as failure:
            poll.failure = failure
        except BadReply as bad:
            what = f"{target.device} at {target.address} answers with what is no SNMP reply ({bad.reason})"
            poll.failure = AgentFailure(Outcome.MALFORMED, what)
        except WardWatchError as error:
            poll.failure = AgentFailure(Outcome.AUTHENTICATION, f"{target.device} has no login: {error}")
        except Exception as error:
            # The last guard: an agent that makes us stumble must not take the round's other members with it.
            log.exception("poll stumbled device=%s", target.device)
            what = f"{target.device} at {target.address} sent what could not be understood: {error!r}"
            poll.failure = AgentFailure(Outcome.MALFORMED, what)
        if poll.failure is not None and poll.failure.outcome in {Outcome.AUTHENTICATION, Outcome.TIMEOUT}:
            self._keyring.forget(target.credential)
        return self._reading(poll)

    async def _knock(self, poll: _Poll, login: Login) -> None:
        async with self._open(poll, login, self._settings.knock, None) as session:
            if login.user is None:
                await session.get([SYS_UPTIME.oid])

    async def _visit(self, poll: _Poll, login: Login) -> None:
        remembered = poll.visit.before.engine_id if login.user else None
        try:
            async with self._open(poll, login, self._settings.session, remembered) as session:
                await poll.visit.run(session)
        except AgentFailure as failure:
            # Another box at the same address has another engine: meet it anew before its login is called wrong.
            if not remembered or failure.outcome is not Outcome.AUTHENTICATION:
                raise
            poll.visit.before = replace(poll.visit.before, engine_id=None)
            async with self._open(poll, login, self._settings.session, None) as session:
                await poll.visit.run(session)

    async def _look(self, poll: _Poll, login: Login) -> None:
        """What the vendor's profile knows, from the second round on: the first one has the ports to read."""
        visit, catalogue = poll.visit, self._catalogue
        if catalogue is None or visit.before.system is None or visit.failures:
            return
        insight = Insight(
            self._settings.insight,
            catalogue,
            visit.before.known,
            visit.manners,
            visit.timings,
            self._monotonic,
            anew=visit.restarted,
            phase=zlib.crc32(poll.target.device.encode()),
        )
        poll.insight = insight
        if not insight.due:
            return
        engine_id = poll.session.engine_id if poll.session else None
        to = Endpoint(poll.target.device, poll.target.address, poll.target.port)
        session = Session(to, login, self._settings.look, engine_id)
        try:
            async with session:
                await insight.run(session)
        except AgentFailure as failure:
            poll.looked_failure = failure
        except BadReply as bad:
            what = (
                f"{poll.target.device} at {poll.target.address} answers its profile with no SNMP reply ({bad.reason})"
            )
            poll.looked_failure = AgentFailure(Outcome.MALFORMED, what)
        poll.looked_varbinds = session.varbinds

    def _open(self, poll: _Poll, login: Login, settings: SessionSettings, engine_id: bytes | None) -> Session:
        target = poll.target
        poll.session = Session(Endpoint(target.device, target.address, target.port), login, settings, engine_id)
        return poll.session

    def _reading(self, poll: _Poll) -> DeviceReading:
        target, visit = poll.target, poll.visit
        failure = self._judge(poll)
        varbinds = (poll.session.varbinds if poll.session else 0) + poll.looked_varbinds
        duration_ms = (self._monotonic() - poll.started) * 1000.0
        outcome = PollOutcome(
            target.device,
            target.unit,
            poll.at,
            failure.outcome if failure else Outcome.OK,
            duration_ms,
            varbinds,
            str(failure) if failure else "",
        )
        blocks, facts = self._blocks(poll, outcome), self._facts(poll)
        memory = visit.memory(poll.session, complete=poll.failure is None)
        if poll.insight is not None:
            blocks += poll.insight.blocks(target.device, target.unit, poll.at)
            facts += poll.insight.facts(target.device, poll.at)
            memory = replace(memory, known=poll.insight.known)
        slow = slow_now(visit.before.slow, visit.timings.bad, anew=visit.fresh and poll.failure is None)
        if slow is not visit.before.slow and slow != visit.before.slow:
            facts += (slow_facts(target.device, poll.at, slow),)
        return DeviceReading(
            blocks,
            outcome,
            facts,
            replace(memory, slow=slow),
            poll.rates.implausible,
            poll.rates.broken,
            poll.rates.restarted,
        )

    def _judge(self, poll: _Poll) -> AgentFailure | None:
        """What the round of this device comes to. Silence after answers is `partial`: the device lives."""
        visit = poll.visit
        failure = poll.failure or next(iter(visit.failures), None) or poll.looked_failure
        if failure is None:
            known = visit.system is None or any(visit.system.values())
            if visit.uptime_ticks is None and not known and not (visit.ports and visit.ports.index):
                who = f"{poll.target.device} at {poll.target.address}"
                return AgentFailure(Outcome.UNSUPPORTED, f"{who} answers but has neither system nor interface tables")
            return None
        if failure.outcome is Outcome.TIMEOUT and poll.session is not None and poll.session.varbinds:
            return AgentFailure(Outcome.PARTIAL, failure.message, failure.oid)
        return failure

    def _blocks(self, poll: _Poll, outcome: PollOutcome) -> tuple[SampleBlock, ...]:
        target, visit = poll.target, poll.visit
        oper = visit.states[1]
        device = tables.device_block(
            target.device,
            target.unit,
            poll.at,
            alive(outcome.outcome),
            outcome.duration_ms,
            outcome.varbinds,
            None if visit.uptime_ticks is None else visit.uptime_ticks / TICKS_PER_SECOND,
            oper.count(1) if visit.ports and oper else None,
        )
        if visit.raw is None or visit.ports is None:
            return (device,)
        most = visit.ports.most_bps
        longest_gap_s = max(self._settings.longest_gap_s, 2.5 * (target.interval_s or 0.0))
        poll.rates = rates(visit.before.raw, visit.raw, SOURCES, most, longest_gap_s)
        admin = visit.states[0]
        interfaces = tables.interface_block(target.device, target.unit, poll.at, visit.ports, admin, oper, poll.rates)
        return device, interfaces

    def _facts(self, poll: _Poll) -> tuple[DeviceFacts, ...]:
        """The facts that differ from those of the last round."""
        visit, before, device = poll.visit, poll.visit.before, poll.target.device
        found = []
        known = poll.insight.known.system if poll.insight else before.known.system
        system = None if (visit.system or before.system) is None else {**(visit.system or before.system or {}), **known}
        if system is not None and system != (before.system and {**before.system, **before.known.system}):
            found.append(DeviceFacts(device, "system", poll.at, (system,)))
        if visit.fresh and visit.ports is not None and visit.states[1]:
            same = before.ports is not None and visit.ports.rows == before.ports.rows and visit.states == before.states
            if not same:
                found.append(DeviceFacts(device, "interfaces", poll.at, visit.ports.facts(*visit.states)))
        return tuple(found)
