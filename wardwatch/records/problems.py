"""Members of a batch that no engine stores, and why: they are kept whole as rejected."""

from datetime import UTC, datetime

from wardwatch.model.measurements import MEASUREMENTS
from wardwatch.model.records import Event, Position, Rejected, SampleBlock

FIRST_TIME = datetime(1970, 1, 1, tzinfo=UTC)
LAST_TIME = datetime(2262, 4, 11, tzinfo=UTC)
"""Times within 64 bits of nanoseconds, which is how the larger engine keeps them."""


LAST_OFFSET = 2**63 - 2**32
"""What ends behind a line there is still within 64 bits."""


def place_problem(position: Position) -> str | None:
    """Why nothing can be kept at a position; None when it can."""
    if 0 <= position.offset <= LAST_OFFSET:
        return None
    return f"the line's offset {position.offset} in its source is none that a file can have"


def event_problem(event: Event) -> str | None:
    """Why an event cannot be stored; None when it can."""
    if not (event.original.isascii() or _is_text(event.original)):
        return "the line holds characters that are not Unicode text (lone surrogates)"
    return None if FIRST_TIME <= event.at < LAST_TIME else _time_problem(event.at)


def block_problem(block: SampleBlock) -> str | None:
    """Why a block cannot be stored; None when it can."""
    measurement = MEASUREMENTS.get(block.measurement)
    if measurement is None:
        return f"device {block.device}: measurement {block.measurement!r} is not known"
    for name, values in block.columns.items():
        if name not in measurement.columns:
            return f"device {block.device}: {block.measurement} has no column {name!r}"
        if len(values) != len(block.index):
            sizes = f"{len(values)} values for {len(block.index)} rows"
            return f"device {block.device}: {block.measurement}.{name} has {sizes}"
    problem = _time_problem(block.at)
    return f"device {block.device}: {problem}" if problem else None


def refused_at(member: Rejected, now: datetime) -> datetime:
    """When a line was refused, as every engine can keep it."""
    return member.at if FIRST_TIME <= member.at < LAST_TIME else now


def _time_problem(at: datetime) -> str | None:
    return None if FIRST_TIME <= at < LAST_TIME else f"the time {at.isoformat()} lies before 1970 or after 2262-04-10"


def _is_text(text: str) -> bool:
    """Whether it can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
