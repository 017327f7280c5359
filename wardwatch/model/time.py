"""Time: UTC-aware instants, ranges and the clock that everything takes as an argument."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def utc_now() -> datetime:
    """The system clock."""
    return datetime.now(UTC)


def duration(text: str) -> timedelta:
    """`90s`, `5m`, `1h30m` or `250ms` as a span, as documents write it. Raises ValueError for anything else."""
    words = text.strip()
    if words == "0":
        return timedelta()
    parts = _PART.findall(words)
    if not parts or "".join(number + unit for number, unit in parts) != words:
        raise ValueError(f"'{text}' is no duration: write for example 90s, 5m or 1h30m")
    try:
        return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
    except OverflowError:
        raise ValueError(f"'{text}' is too long") from None


@dataclass(frozen=True, slots=True)
class TimeRange:
    """The half-open interval [start, end), both UTC-aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a time range needs time zones on both ends")
        if self.end < self.start:
            raise ValueError(f"a time range ends ({self.end}) before it starts ({self.start})")

    @classmethod
    def last(cls, span: timedelta, now: datetime) -> "TimeRange":
        """The span that ends now."""
        return cls(now - span, now)

    @property
    def span(self) -> timedelta:
        return self.end - self.start

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end
