"""Time: UTC-aware instants, ranges and the clock that everything takes as an argument."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The system clock."""
    return datetime.now(UTC)


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
