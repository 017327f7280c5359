"""The availability of services over a month, from the samples of their checks. Pure.

A service is as available as the worst of the checks that it needs: its own, and those of everything it depends on. A
step of time counts by the share of its checks that went well; a step without any sample, or touched by maintenance,
does not count at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from wardwatch.errors import UserError
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.care import Maintenance
from wardwatch.model.inventory import Inventory, Service
from wardwatch.model.queries import Total, TotalKey, TotalsQuery
from wardwatch.model.time import TimeRange

MEASUREMENT = "service"
STEP = timedelta(minutes=10)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True)
class Availability:
    """Of one service: `percent` of the measured time (None without any), how long it failed, how long was left out for
    maintenance, and how much was measured."""

    percent: float | None
    measured_s: float
    failed_s: float
    maintained_s: float


NOTHING = Availability(None, 0.0, 0.0, 0.0)


def month_of(text: str | None, now: datetime) -> TimeRange:
    """A month (`2026-11`; None: this one) as the city's clock has it, until now at most. Raises `UserError`."""
    local = now.astimezone(ZONE)
    try:
        year, month = (local.year, local.month) if text is None else map(int, text.split("-", 1))
        start = datetime(year, month, 1, tzinfo=ZONE)
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=ZONE)
    except (ValueError, OverflowError):
        raise UserError(f"'{text}' is no month", "write it as 2026-11") from None
    if start.astimezone(UTC) >= now:
        raise UserError(f"the month {text} has not begun", "ask for this one or an earlier one")
    return TimeRange(start.astimezone(UTC), min(end.astimezone(UTC), now))


def question(time: TimeRange) -> TotalsQuery:
    """What to ask the record store: how often each check went well and not, by steps."""
    return TotalsQuery(MEASUREMENT, ("up", "down"), time, (TotalKey.INDEX,), STEP)


class Availabilities:
    """The availability of every service of an inventory over a range."""

    def __init__(
        self, inventory: Inventory, totals: Iterable[Total], windows: Sequence[Maintenance], time: TimeRange
    ) -> None:
        self._inventory = inventory
        self._tree = UnitTree(inventory.units)
        self._windows = windows
        self._time = time
        self._shares: dict[str, dict[datetime, float]] = defaultdict(dict)
        for total in totals:
            up, down = total.values
            if total.at is not None and up + down > 0:
                self._shares[total.keys[0]][total.at] = up / (up + down)
        self._known: dict[tuple[frozenset[str], frozenset[str]], Availability] = {}

    def of(self, service: Service) -> Availability:
        needed = {each.id for each in self._chain(service)}
        checks = frozenset(name for each in needed for name in self._checks.get(each, ()))
        windows = frozenset(window.id for window in self._windows if self._concerns(window, service, needed))
        key = (checks, windows)
        if key not in self._known:
            self._known[key] = self._judged(checks, [window for window in self._windows if window.id in windows])
        return self._known[key]

    def checked_by(self, service: Service) -> list[str]:
        """The checks that the service needs, its own first."""
        return [name for each in self._chain(service) for name in self._checks.get(each.id, ())]

    @cached_property
    def _checks(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for check in self._inventory.checks.values():
            found[check.service].append(check.id)
        return found

    def _chain(self, service: Service) -> Iterator[Service]:
        """The service and all it depends on, each once."""
        waiting, seen = [service], {service.id}
        while waiting:
            each = waiting.pop(0)
            yield each
            for need in each.depends_on:
                if need not in seen and need in self._inventory.services:
                    seen.add(need)
                    waiting.append(self._inventory.services[need])

    def _concerns(self, window: Maintenance, service: Service, needed: set[str]) -> bool:
        if window.service is not None:
            return window.service in needed
        if window.device is not None:
            return any(window.device in self._inventory.services[each].devices for each in needed)
        return window.unit is not None and service.owner in self._tree.subtree(window.unit)

    def _judged(self, checks: Iterable[str], windows: Sequence[Maintenance]) -> Availability:
        worst: dict[datetime, float] = {}
        for check in checks:
            for at, share in self._shares.get(check, {}).items():
                worst[at] = min(worst.get(at, 1.0), share)
        counted = {at: share for at, share in worst.items() if not _touched(at, windows)}
        measured = sum(_seconds(at, self._time) for at in counted)
        failed = sum((1 - share) * _seconds(at, self._time) for at, share in counted.items())
        percent = 100.0 * (1 - failed / measured) if measured else None
        return Availability(percent, measured, failed, _maintained(windows, self._time))


def _touched(at: datetime, windows: Sequence[Maintenance]) -> bool:
    return any(window.starts_at < at + STEP and at < window.until for window in windows)


def _seconds(at: datetime, time: TimeRange) -> float:
    """How much of a step lies in the range."""
    return max((min(at + STEP, time.end) - max(at, time.start)).total_seconds(), 0.0)


def _maintained(windows: Sequence[Maintenance], time: TimeRange) -> float:
    """How long any of the windows held; overlapping ones count once."""
    total, reached = 0.0, time.start
    for window in sorted(windows, key=lambda each: each.starts_at):
        start, end = max(window.starts_at, reached), min(window.until, time.end)
        if end > start:
            total += (end - start).total_seconds()
            reached = end
    return total
