"""Instants and steps as people write them in a query string."""

import re
from datetime import UTC, date, datetime, timedelta

from wardwatch.errors import UserError
from wardwatch.model.time import TimeRange

_SPAN = re.compile(r"(\d{1,6})(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NICE_STEPS_S = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400)


def span(text: str) -> timedelta:
    """`90s`, `5m`, `6h`, `7d`, `2w`. Raises `UserError`."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise UserError(f"'{text}' is no span of time", "write a number and s, m, h, d or w, such as 6h")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def instant(text: str, now: datetime) -> datetime:
    """`now`, `now-6h`, or RFC 3339 with an offset, as UTC. Raises `UserError`."""
    hint = "write now, now-6h, or RFC 3339 with an offset such as 2026-07-09T08:05:00Z"
    try:
        if text == "now":
            return now
        if text.startswith("now-"):
            return now - span(text.removeprefix("now-"))
        # A plus in a query string that was not escaped arrives as a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
        if at.tzinfo is None:
            raise UserError(f"'{text}' has no offset from UTC", hint)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UserError(f"'{text}' is no time", hint) from None


def day(text: str, now: datetime) -> date:
    """A UTC day: `2026-07-09`, or that of `now`, `now-6d`. Raises `UserError`."""
    if text == "now" or text.startswith("now-"):
        return instant(text, now).astimezone(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"'{text}' is no day", "write now, now-6d, or a UTC day such as 2026-07-09") from None


def time_range(start: str, end: str, now: datetime) -> TimeRange:
    """The range between two such instants. Raises `UserError`."""
    first, last = instant(start, now), instant(end, now)
    if last <= first:
        raise UserError(f"the range ends ({end}) before it starts ({start})", "swap from and to")
    return TimeRange(first, last)


def nice_step(time: TimeRange, points: int, floor: timedelta) -> timedelta:
    """A round step that gives at most about `points` of them, not finer than `floor`."""
    wanted = max(time.span.total_seconds() / points, floor.total_seconds())
    return timedelta(seconds=next((step for step in _NICE_STEPS_S if step >= wanted), _NICE_STEPS_S[-1]))
