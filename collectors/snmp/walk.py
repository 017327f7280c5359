"""A bounded walk of one column: OIDs must increase, rows are capped, and what an agent cannot answer is asked smaller.

The order is checked a reply at a time, and not at all where a column repeats the rows of the last round, which were
in order: the check then costs one comparison of tuples.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import ge
from typing import cast

from gufo.snmp import ValueType
from gufo.snmp._fast import GetIter

from collectors.snmp.failures import AgentFailure
from collectors.snmp.oids import WIRE_BYTES, Column
from collectors.snmp.session import LARGEST_REPLY_BYTES, BadReply, Session
from wardwatch.model.records import Outcome

DATAGRAM_BYTES = 1400
"""Replies are asked to fit one packet: fragments are what firewalls and leased lines lose first."""

MOST_REPETITIONS = 60
FEWEST_REPETITIONS = 2
UNKNOWN_ROWS = 25
UNPROVEN_REPETITIONS = 10
"""Asked of an agent that met a first GETBULK with silence, before it is taken for one that knows GETNEXT only."""


@dataclass(slots=True)
class Manners:
    """What was learned of an agent's manners; kept from round to round.

    `bulk` is False once it was found to answer GETNEXT only, `repetitions` the most it managed in one reply.
    """

    bulk: bool = True
    repetitions: int = MOST_REPETITIONS
    proven: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """What a column gave: row suffixes (the index after the column's OID) in the agent's order, and their values."""

    suffixes: tuple[str, ...] = ()
    values: tuple[ValueType, ...] = ()

    def aligned(self, suffixes: tuple[str, ...]) -> tuple[ValueType, ...]:
        """The values in the order of the given rows; None where the column has no such row."""
        if suffixes == self.suffixes:
            return self.values
        found = dict(zip(self.suffixes, self.values, strict=True))
        return tuple([found.get(suffix) for suffix in suffixes])


@dataclass(slots=True)
class _Harvest:
    """The rows of one attempt at a column, with its guards."""

    column: Column
    expected: tuple[str, ...]
    limit: int
    enough: bool
    suffixes: list[str] = field(default_factory=list)
    values: list[ValueType] = field(default_factory=list)

    def take(self, reply: Sequence[tuple[str, ValueType]], session: Session) -> None:
        """Adds one reply's rows. Raises `AgentFailure` (loop) when they do not increase or are too many."""
        start = len(self.column.oid) + 1
        suffixes = [oid[start:] for oid, _ in reply]
        known = self.expected[len(self.suffixes) : len(self.suffixes) + len(suffixes)]
        if tuple(suffixes) != known:
            wrong = _not_increasing([*self.suffixes[-1:], *suffixes])
            if wrong is not None:
                at = f"{self.column.oid}.{wrong}"
                raise session.fail(Outcome.LOOP, "sends OIDs that do not increase", at)
        self.suffixes += suffixes
        self.values += [value for _, value in reply]
        session.varbinds += len(suffixes)
        if len(self.suffixes) > self.limit and not self.enough:
            at = f"{self.column.oid}.{self.suffixes[-1]}"
            raise session.fail(Outcome.LOOP, f"has more than {self.limit} rows in one column: an endless walk", at)

    @property
    def full(self) -> bool:
        return len(self.suffixes) >= self.limit

    @property
    def at(self) -> str:
        return f"{self.column.oid}.{self.suffixes[-1]}" if self.suffixes else self.column.oid


async def walk(
    session: Session,
    column: Column,
    manners: Manners,
    limit: int,
    expected: tuple[str, ...] = (),
    enough: bool = False,
) -> Rows:
    """All rows of a column. `expected` are the rows it had last time: they set how many are asked at once.

    More than `limit` rows are an endless walk, or simply `enough`.

    Raises `AgentFailure`. A reply that cannot be read, or none where GET was answered, is met by asking for half as
    many rows, and at last by GETNEXT; what worked is noted in `manners`.
    """
    usual = (manners.bulk, manners.repetitions)
    while True:
        harvest = _Harvest(column, expected, limit, enough)
        try:
            smaller = await _attempt(session, harvest, manners, _repetitions(column, manners, len(expected)))
        except BadReply as bad:
            # One value is at fault, not the number asked for: other columns are asked as before.
            manners.bulk, manners.repetitions = usual
            raise _unreadable(session, bad, harvest.at) from None
        if smaller is None:
            manners.proven = True
            return Rows(tuple(harvest.suffixes), tuple(harvest.values))
        if smaller >= FEWEST_REPETITIONS:
            manners.repetitions = smaller
        else:
            manners.bulk = False


async def _attempt(session: Session, harvest: _Harvest, manners: Manners, repetitions: int) -> int | None:
    """Fills the harvest; else says how many rows to ask for next (below two: GETNEXT). Raises what GETNEXT does."""
    if not manners.bulk or not session.knows_bulk:
        await _steps(session, harvest)
        return None
    try:
        return None if await _bulk(session, harvest, repetitions, manners.proven) else repetitions // 2
    except BadReply:
        return repetitions // 2
    except AgentFailure as failure:
        # An agent that answered GET but is silent on its first GETBULK may only know GETNEXT, or lose big replies.
        if failure.outcome is not Outcome.TIMEOUT or manners.proven or not session.answered:
            raise
        return UNPROVEN_REPETITIONS if repetitions > UNPROVEN_REPETITIONS else 0


async def _bulk(session: Session, harvest: _Harvest, repetitions: int, proven: bool) -> bool:
    """Fills the harvest; False when the agent could not answer that many (an error status, which the client hides)."""
    cursor = GetIter(harvest.column.oid, repetitions)
    while True:
        reply = await session.bulk(cursor, harvest.at, None if proven else 1)
        if not reply:
            # The end of the agent's whole view, or tooBig or genErr: one GETNEXT tells.
            more = await session.step(cursor, harvest.at)
            return not more
        ended = reply[-1] is None
        if ended:
            reply.pop()
        # Only the last may be None, and it is gone.
        harvest.take(cast(list[tuple[str, ValueType]], reply), session)
        if ended or (harvest.enough and harvest.full):
            return True


async def _steps(session: Session, harvest: _Harvest) -> None:
    cursor = GetIter(harvest.column.oid)
    while reply := await session.step(cursor, harvest.at):
        harvest.take([varbind for varbind in reply if varbind is not None], session)
        if harvest.enough and harvest.full:
            return


def _repetitions(column: Column, manners: Manners, rows: int) -> int:
    """As many as the column is thought to have and one more, which shows its end, in one packet."""
    fitting = DATAGRAM_BYTES // WIRE_BYTES[column.kind]
    return max(1, min(manners.repetitions, fitting, rows + 1 if rows else UNKNOWN_ROWS))


def _not_increasing(suffixes: list[str]) -> str | None:
    """The first suffix that is not above the one before it, numerically part by part."""
    try:
        numbers = list(map(int, suffixes))
    except ValueError:
        paths = [tuple([int(part) for part in suffix.split(".") if part]) for suffix in suffixes]
        return next((suffixes[i + 1] for i in range(len(paths) - 1) if paths[i] >= paths[i + 1]), None)
    if not any(map(ge, numbers, numbers[1:])):
        return None
    return next(suffixes[i + 1] for i in range(len(numbers) - 1) if numbers[i] >= numbers[i + 1])


def _unreadable(session: Session, bad: BadReply, at: str) -> AgentFailure:
    if bad.too_large:
        what = f"answers with {bad.size} bytes, more than the {LARGEST_REPLY_BYTES} a reply may have,"
        return session.fail(Outcome.TOO_LARGE, what, at)
    return session.fail(Outcome.MALFORMED, f"answers with what is no SNMP reply ({bad.reason})", at)
