"""One visit to one agent: which columns are asked, in which order, and what is kept of each.

Cheap things come first (system scalars, port states): they decide whether the static columns must be read again. A
column that loops or cannot be read is left out and the visit goes on; a second one ends it, since such an agent would
only waste the round's time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gufo.snmp import ValueType

from collectors.snmp import tables
from collectors.snmp.failures import AgentFailure
from collectors.snmp.insight import Known
from collectors.snmp.oids import (
    CHASSIS,
    COUNTER_BITS,
    COUNTERS,
    ENTITY,
    ENTITY_CLASS,
    IF_NUMBER,
    IF_TABLE,
    IF_TABLE_LAST_CHANGE,
    STACK,
    STATIC_COLUMNS,
    SYS_UPTIME,
    SYSTEM,
    Column,
)
from collectors.snmp.rates import RawColumn, RawTable, restarted
from collectors.snmp.session import BadReply, Session
from collectors.snmp.timing import Slow, Timings
from collectors.snmp.walk import Manners, Rows, walk
from wardwatch.model.records import Outcome

MOST_FAILED_COLUMNS = 1
MOST_ENTITIES = 512
"""Of entPhysicalTable so many rows are searched for the chassis, which comes first in every box we know."""

FEWEST_ROWS_CAP = 4096
MOST_ROWS_CAP = 65_536
BEARABLE = frozenset({Outcome.LOOP, Outcome.TOO_LARGE, Outcome.MALFORMED})

States = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept of an agent from round to round. `plan` maps a counter to the columns that were found to give it,
    `listed` are the rows of ifOperStatus, `states` admin and oper, `table_change` ifNumber and ifTableLastChange,
    `uptime` when sysUpTime was read and its ticks; `age` counts the rounds since the static columns were read; `known`
    is what its vendor's profile found, `slow` the columns that take it long."""

    manners: Manners = field(default_factory=Manners)
    engine_id: bytes | None = None
    raw: RawTable | None = None
    ports: tables.Ports | None = None
    plan: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    system: tables.Row | None = None
    listed: tuple[str, ...] = ()
    states: tuple[States, States] = ((), ())
    table_change: tuple[int | None, int | None] = (None, None)
    uptime: tuple[float, int | None] = (0.0, None)
    age: int = 0
    known: Known = field(default_factory=Known)
    slow: Slow = field(default_factory=dict)


class Visit:
    """Fills itself as far as the agent lets it; what is there after a failure is still good."""

    def __init__(self, previous: Memory | None, facts_every: int, monotonic: Callable[[], float]) -> None:
        self.before = previous or Memory()
        self.manners = replace(self.before.manners)
        self.uptime_ticks: int | None = None
        self.failures: list[AgentFailure] = []
        self.timings = Timings(monotonic)
        self.ports: tables.Ports | None = None
        self.states: tuple[States, States] = ((), ())
        self.raw: RawTable | None = None
        self.system: tables.Row | None = None
        self.plan: dict[str, tuple[Column, ...]] = dict(self.before.plan)
        self.fresh = False
        self._facts_every = facts_every
        self._monotonic = monotonic
        self._limit = FEWEST_ROWS_CAP
        self._uptime_at = 0.0
        self._listed: tuple[str, ...] = ()
        self._table_change: tuple[int | None, int | None] = (None, None)

    async def run(self, session: Session) -> None:
        """Asks everything. Raises `AgentFailure` where the visit ends early."""
        before = self.before
        first = before.system is None
        scalars = await self._scalars(session, first)
        oper = await self._column(session, IF_TABLE["ifOperStatus"], before.listed)
        admin = await self._column(session, IF_TABLE["ifAdminStatus"], oper.suffixes)
        # The same rows as ever are kept once.
        self._listed = before.listed if oper.suffixes == before.listed else oper.suffixes
        if self._due(oper, admin):
            if not first:
                scalars |= await self._identity(session)
            await self._statics(session, scalars, oper, admin)
        else:
            self.ports = before.ports
        if self.ports is None or not self.ports.index:
            return
        index = self.ports.index
        self.states = (_numbers(admin, index), _numbers(oper, index))
        discontinuity = _numbers(await self._known(session, IF_TABLE["ifCounterDiscontinuityTime"], index), index)
        raw = RawTable(self._uptime_at, self.uptime_ticks, index, self.ports.names, discontinuity, {})
        self.raw = raw
        await self._counters(session, index, raw.columns)

    @property
    def restarted(self) -> bool:
        """Whether the agent started anew since the last visit."""
        uptime_at, ticks = self.before.uptime
        return restarted(ticks, self.uptime_ticks, self._uptime_at - uptime_at)

    def memory(self, session: Session | None, complete: bool) -> Memory:
        """What the next round should know. A visit that was cut short before the counters leaves it as it was; one
        that came so far is built upon, or a slow agent would never get past its names."""
        before = self.before
        # An engine that let nothing through may be another box's: it is met anew next time.
        engine_id = session.engine_id if session and (complete or session.varbinds) else None
        if not complete and self.raw is None:
            return replace(before, manners=self.manners, engine_id=engine_id, age=before.age + 1)
        return Memory(
            manners=self.manners,
            engine_id=engine_id,
            raw=self.raw,
            ports=self.ports,
            plan=self.plan,
            system=self.system or before.system,
            listed=self._listed,
            states=self.states,
            table_change=self._table_change,
            uptime=(self._uptime_at, self.uptime_ticks),
            age=0 if self.fresh else before.age + 1,
            known=before.known,
            slow=before.slow,
        )

    async def _scalars(self, session: Session, with_identity: bool) -> dict[str, ValueType]:
        """The scalars; one by one where an agent cannot answer them together (the client hides its error status)."""
        wanted = [SYS_UPTIME.oid, IF_NUMBER.oid, IF_TABLE_LAST_CHANGE.oid]
        if with_identity:
            wanted += [column.oid for column in SYSTEM.values() if column is not SYS_UPTIME]
        try:
            got = await session.get(wanted)
        except BadReply as bad:
            got = {}
            if not bad.too_large:
                raise session.fail(
                    Outcome.MALFORMED, f"answers with what is no SNMP reply ({bad.reason})", wanted[0]
                ) from None
        if not got:
            for oid in wanted:
                got |= await self._single(session, oid)
        self._uptime_at = self._monotonic()
        self.uptime_ticks = tables.whole(got.get(SYS_UPTIME.oid))
        number = tables.whole(got.get(IF_NUMBER.oid))
        self._table_change = (number, tables.whole(got.get(IF_TABLE_LAST_CHANGE.oid)))
        self._limit = min(MOST_ROWS_CAP, max(FEWEST_ROWS_CAP, 2 * (number or 0)))
        return got

    async def _identity(self, session: Session) -> dict[str, ValueType]:
        return await session.get([column.oid for column in SYSTEM.values() if column is not SYS_UPTIME])

    async def _single(self, session: Session, oid: str) -> dict[str, ValueType]:
        try:
            return await session.get([oid])
        except BadReply as bad:
            kind = Outcome.TOO_LARGE if bad.too_large else Outcome.MALFORMED
            self._bear(session.fail(kind, f"answers with what cannot be read ({bad.reason})", oid))
            return {}

    def _due(self, oper: Rows, admin: Rows) -> bool:
        """Whether the static columns must be read again."""
        before = self.before
        if before.ports is None or before.age + 1 >= self._facts_every:
            return True
        index = before.ports.index
        return (
            oper.suffixes != before.listed
            or (_numbers(admin, index), _numbers(oper, index)) != before.states
            or self._table_change != before.table_change
            or self.restarted
        )

    async def _statics(self, session: Session, scalars: Mapping[str, ValueType], oper: Rows, admin: Rows) -> None:
        """Reads what names and describes: ports, system, chassis."""
        self.fresh = True
        if not self.manners.bulk and self.before.ports is not None:
            # Asked again now and then: an agent may have been taken for a simple one because of two lost packets.
            self.manners = Manners()
        rows = {}
        expected = oper.suffixes
        for column in STATIC_COLUMNS:
            rows[column.name] = await self._column(session, column, expected)
        index = tables.every_index(oper, admin, rows["ifDescr"], rows["ifName"])
        if index == self._listed:
            self._listed = index
        self.ports = tables.ports(index, rows)
        self.system = tables.system_facts(scalars, await self._chassis(session))
        self.plan = {}

    async def _chassis(self, session: Session) -> dict[str, ValueType]:
        """The ENTITY-MIB columns of the first chassis (or stack), by name; empty where there is none."""
        try:
            classes = await walk(session, ENTITY_CLASS, self.manners, MOST_ENTITIES, enough=True)
        except AgentFailure as failure:
            # An agent that hangs on this table has told its ports already: they are worth more than its chassis.
            self._bear(failure, silence_too=True)
            return {}
        found = {whole: suffix for suffix, whole in reversed(list(zip(classes.suffixes, classes.values, strict=True)))}
        suffix = found.get(CHASSIS) or found.get(STACK)
        if suffix is None:
            return {}
        try:
            got = await session.get([f"{column.oid}.{suffix}" for column in ENTITY.values()])
        except BadReply:
            return {}
        return {name: got.get(f"{column.oid}.{suffix}") for name, column in ENTITY.items()}

    async def _counters(self, session: Session, index: tuple[str, ...], found: dict[str, RawColumn]) -> None:
        """Reads the counters by plan; without one, finds out which columns give each."""
        for counter, candidates in COUNTERS.items():
            planned = self.plan.get(counter)
            given: list[Column] = []
            for column in candidates if planned is None else planned:
                # The deprecated column counts multicast and broadcast together: only where neither is known.
                if planned is None and given and "NUcast" in column.name:
                    break
                rows = await self._column(session, column, index)
                if not rows.suffixes:
                    continue
                given.append(column)
                values = _numbers(rows, index)
                found[column.name] = RawColumn(self._monotonic(), COUNTER_BITS[column.kind], values)
                if planned is None and None not in values:
                    break
            if planned is None:
                self.plan[counter] = tuple(given)

    async def _known(self, session: Session, column: Column, index: tuple[str, ...]) -> Rows:
        """A column that is asked only as long as the agent has it."""
        if self.plan.get(column.name) == ():
            return Rows()
        rows = await self._column(session, column, index)
        self.plan[column.name] = (column,) if rows.suffixes else ()
        return rows

    async def _column(self, session: Session, column: Column, expected: tuple[str, ...]) -> Rows:
        try:
            with self.timings.of(column.oid):
                return await walk(session, column, self.manners, self._limit, expected)
        except AgentFailure as failure:
            self._bear(failure)
            return Rows()

    def _bear(self, failure: AgentFailure, silence_too: bool = False) -> None:
        bearable = failure.outcome in BEARABLE or (silence_too and failure.outcome is Outcome.TIMEOUT)
        if not bearable or len(self.failures) >= MOST_FAILED_COLUMNS:
            raise failure
        self.failures.append(failure)


def _numbers(rows: Rows, index: tuple[str, ...]) -> States:
    """The values by row; None where there is none or something else than a number."""
    values = rows.aligned(index)
    if set(map(type, values)) <= {int}:
        return values  # type: ignore[return-value]
    return tuple([value if type(value) is int else None for value in values])
