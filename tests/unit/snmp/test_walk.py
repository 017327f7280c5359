"""The guards of a walk, on replies as the client hands them over; real bytes are tested with the hostile agents."""

import asyncio
from collections.abc import Sequence

import pytest

from collectors.snmp.failures import AgentFailure, sentences
from collectors.snmp.oids import IF_TABLE
from collectors.snmp.session import BadReply
from collectors.snmp.walk import Manners, Rows, walk
from wardwatch.model.records import Outcome

COLUMN = IF_TABLE["ifOperStatus"]


class ScriptedSession:
    """Plays replies: a list of rows (None ends the column) or an exception; GETNEXT gives one row at a time."""

    def __init__(
        self, bulk: Sequence[list[int | str | None] | Exception], steps: Sequence[int | Exception] = ()
    ) -> None:
        self.varbinds = 0
        self.answered = True
        self.knows_bulk = True
        self.fail = sentences("switch-1", "192.0.2.1:161")
        self._bulk = iter(bulk)
        self._steps = iter(steps)

    async def bulk(self, cursor: object, at: str, attempts: int | None = None) -> list[tuple[str, int] | None]:
        reply = next(self._bulk)
        if isinstance(reply, Exception):
            raise reply
        return [None if row is None else (f"{COLUMN.oid}.{row}".rstrip("."), 1) for row in reply]

    async def step(self, cursor: object, at: str) -> list[tuple[str, int] | None]:
        row = next(self._steps, None)
        if isinstance(row, Exception):
            raise row
        return [] if row is None else [(f"{COLUMN.oid}.{row}", 1)]


def walked(session: ScriptedSession, manners: Manners, limit: int = 100, expected: tuple[str, ...] = ()) -> Rows:
    return asyncio.run(walk(session, COLUMN, manners, limit, expected))  # type: ignore[arg-type]


def failure_of(session: ScriptedSession, manners: Manners, limit: int = 100) -> AgentFailure:
    with pytest.raises(AgentFailure) as caught:
        walked(session, manners, limit)
    return caught.value


def test_rows_come_in_order_over_several_replies() -> None:
    session = ScriptedSession([[1, 2, 10], [11, 100, None]])
    assert walked(session, Manners()).suffixes == ("1", "2", "10", "11", "100")
    assert session.varbinds == 5


def test_the_same_row_again_is_a_loop() -> None:
    failure = failure_of(ScriptedSession([[1, 2, 2]]), Manners())
    assert failure.outcome is Outcome.LOOP
    assert "switch-1 at 192.0.2.1:161" in failure.message
    assert "ifOperStatus.2" in failure.message


def test_going_back_between_replies_is_a_loop() -> None:
    assert failure_of(ScriptedSession([[1, 2, 3], [1, 2, 3]]), Manners()).outcome is Outcome.LOOP


def test_numeric_order_is_not_the_order_of_letters() -> None:
    assert failure_of(ScriptedSession([[10, 9, None]]), Manners()).outcome is Outcome.LOOP


def test_indexes_of_several_parts_are_compared_part_by_part() -> None:
    assert walked(ScriptedSession([["1.9", "1.10", "2.1", None]]), Manners()).suffixes == ("1.9", "1.10", "2.1")
    assert failure_of(ScriptedSession([["1.10", "1.9"]]), Manners()).outcome is Outcome.LOOP


def test_an_endless_walk_ends_at_the_cap() -> None:
    replies: list[list[int | str | None] | Exception] = [[*range(n, n + 25)] for n in range(0, 1000, 25)]
    failure = failure_of(ScriptedSession(replies), Manners(), limit=100)
    assert failure.outcome is Outcome.LOOP
    assert "100 rows" in failure.message


def test_a_reply_that_cannot_be_read_is_asked_again_with_half_as_many() -> None:
    manners = Manners()
    assert walked(ScriptedSession([BadReply("incomplete", 5000), [1, 2, None]]), manners).suffixes == ("1", "2")
    assert manners.repetitions == 12


def test_an_agent_without_getbulk_is_asked_by_getnext_and_remembered() -> None:
    silence = AgentFailure(Outcome.TIMEOUT, "silent")
    manners = Manners()
    assert walked(ScriptedSession([silence, silence], [1, 2]), manners).suffixes == ("1", "2")
    assert not manners.bulk


def test_an_error_status_that_looks_like_the_end_is_found_out_by_getnext() -> None:
    manners = Manners()
    session = ScriptedSession([[], [1, 2, None]], steps=[1])
    assert walked(session, manners).suffixes == ("1", "2")


def test_the_end_of_the_whole_view_ends_a_column() -> None:
    assert walked(ScriptedSession([[1, 2], []]), Manners()).suffixes == ("1", "2")


def test_one_value_that_is_too_large_does_not_spoil_the_manners() -> None:
    manners = Manners(proven=True)
    large = BadReply("incomplete", 5000)
    failure = failure_of(ScriptedSession([large] * 10, [large]), manners)
    assert failure.outcome is Outcome.TOO_LARGE
    assert "5000 bytes" in failure.message
    assert manners == Manners(proven=True)


def test_silence_of_an_agent_that_knows_getbulk_is_a_timeout() -> None:
    silence = AgentFailure(Outcome.TIMEOUT, "silent")
    assert failure_of(ScriptedSession([silence]), Manners(proven=True)).outcome is Outcome.TIMEOUT


def test_rows_align_to_other_rows() -> None:
    rows = Rows(("1", "3"), (10, 30))
    assert rows.aligned(("1", "2", "3")) == (10, None, 30)
    assert rows.aligned(("1", "3")) is rows.values


def test_the_column_itself_as_a_row_is_borne() -> None:
    assert walked(ScriptedSession([["", 1, None]]), Manners()).suffixes == ("", "1")
