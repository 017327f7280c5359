"""Correlations over time: hits of rules that have something in common, counted within a span of event time.

A window slides: it holds the hits of one key of the last `timespan`, in order of event time, whatever order they come
in. When the condition first holds, the window is named by its first hit: `uuid5(rule, key, start)`. Until a timespan
after that start, further hits belong to the same alert. Memory is bounded; what that costs is counted.
"""

import uuid
from bisect import bisect_left, bisect_right, insort
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from detectors.sigma.correlation_rules import Correlation
from detectors.sigma.reading import Reading, key_of
from detectors.sigma.terms import Field
from wardwatch.model.records import Position

_WINDOWS = uuid.UUID("0d7f0b0e-6f0a-5b53-8f4e-3f6a1f0c9a57")
Key = tuple[str, ...]
Counted = TypeVar("Counted")


class Entry(NamedTuple):
    """One hit in a window; in order of event time, ties by place."""

    at: datetime
    position: Position
    rule: str
    values: Key


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is remembered of all correlations together."""

    keys: int = 50_000
    entries: int = 500_000
    entries_a_key: int = 2_000


@dataclass(frozen=True, slots=True)
class Fired:
    """A condition that holds. `entries` are the hits that are new to the alert `id`: all of the window the first time,
    one each time after."""

    correlation: Correlation
    id: str
    key: Key
    start: datetime
    entries: tuple[Entry, ...]
    first: bool


@dataclass(slots=True)
class _Window:
    """`fired` is the start of the alert that is going on, `fired_by` the hit that began it; `replayed` are places of
    hits that were read again after a start and may still come live. What is asked at every hit is kept beside the
    entries: in a storm a window holds thousands."""

    entries: list[Entry] = field(default_factory=list)
    known: set[Entry] = field(default_factory=set)
    rules: Counter[str] = field(default_factory=Counter)
    values: Counter[Key] = field(default_factory=Counter)
    fired: datetime | None = None
    fired_by: Position | None = None
    replayed: set[Position] = field(default_factory=set)

    def add(self, entry: Entry) -> None:
        insort(self.entries, entry)
        self.known.add(entry)
        self.rules[entry.rule] += 1
        self.values[entry.values] += 1

    def forget(self, count: int) -> None:
        """Lets the oldest go."""
        for entry in self.entries[:count]:
            self.known.discard(entry)
            _less(self.rules, entry.rule)
            _less(self.values, entry.values)
        del self.entries[:count]


class Correlator:
    """Not thread-safe. `drops` counts what was forgotten early, by reason."""

    def __init__(self, correlations: Sequence[Correlation], limits: Limits = Limits()) -> None:
        self._by_rule: dict[str, list[Correlation]] = {}
        for correlation in correlations:
            for rule in dict.fromkeys(correlation.rules):
                self._by_rule.setdefault(rule, []).append(correlation)
        self._limits = limits
        self._windows: OrderedDict[tuple[str, str, Key], _Window] = OrderedDict()
        self._held = 0
        self._replaying = False
        self._spans = {correlation.about.id: correlation.timespan for correlation in correlations}
        self.drops: Counter[str] = Counter()

    @property
    def rules(self) -> frozenset[str]:
        """Ids of the rules whose hits are counted."""
        return frozenset(self._by_rule)

    @property
    def longest(self) -> timedelta:
        """The longest timespan: what must be read again after a start."""
        return max(self._spans.values(), default=timedelta())

    @property
    def held(self) -> int:
        """Hits remembered now."""
        return self._held

    def replay(self, namespace: str, rule: str, at: datetime, position: Position, reading: Reading) -> None:
        """Counts a hit of the past, as `see`, but for what it fires: that was told before. If it comes once more, then
        because nobody had seen it, and it fires as it would have."""
        self._replaying = True
        try:
            self.see(namespace, rule, at, position, reading)
        finally:
            self._replaying = False

    def see(self, namespace: str, rule: str, at: datetime, position: Position, reading: Reading) -> list[Fired]:
        """Counts a hit of a rule, and of the correlations that fire with it."""
        fired: list[Fired] = []
        for correlation in self._by_rule.get(rule, ()):
            key = _values(correlation.keys[rule], reading)
            if key is None:
                self.drops["without_key"] += 1
                continue
            values = _values(correlation.counted[rule], reading)
            if values is None:
                continue
            entry = Entry(at, position, rule, values)
            found = self._add(correlation, (correlation.about.id, namespace, key), entry)
            if found is not None:
                fired.append(found)
                if found.first:
                    fired += self.see(namespace, correlation.about.id, at, position, reading)
        return fired

    def take_over(self, other: "Correlator") -> None:
        """Goes on with the windows of correlations that were there before."""
        for name, window in other._windows.items():
            if name[0] in self._spans:
                self._windows[name] = window
                self._held += len(window.entries)
        self.drops = other.drops

    def _add(self, correlation: Correlation, name: tuple[str, str, Key], entry: Entry) -> Fired | None:
        window = self._windows.get(name)
        if window is None:
            self._make_room()
            window = self._windows[name] = _Window()
        self._windows.move_to_end(name)
        entries = window.entries
        if entry in window.known:
            return self._again(correlation, name, window, entry)
        if self._replaying:
            window.replayed.add(entry.position)
        window.add(entry)
        self._held += 1
        self._trim(window, entries[-1].at - correlation.timespan)
        if window.fired is not None and entry.at - window.fired > correlation.timespan:
            window.fired = None
        if window.fired is not None:
            return _fired(correlation, name, window.fired, (entry,), False) if entry.at >= window.fired else None
        # All of a trimmed window lies within the timespan that its newest hit ends.
        if entry is entries[-1] and not _met_by_all(correlation, window):
            return None
        within = _within(correlation, entries, entry)
        if not _met(correlation, within):
            return None
        window.fired, window.fired_by = within[0].at, entry.position
        return _fired(correlation, name, window.fired, within, True)

    def _again(
        self, correlation: Correlation, name: tuple[str, str, Key], window: _Window, entry: Entry
    ) -> Fired | None:
        if self._replaying or entry.position not in window.replayed:
            return None
        window.replayed.discard(entry.position)
        if window.fired is None or entry.at < window.fired:
            return None
        if window.fired_by == entry.position:
            return _fired(correlation, name, window.fired, _within(correlation, window.entries, entry), True)
        after = window.fired_by is not None and entry.at > window.fired
        return _fired(correlation, name, window.fired, (entry,), False) if after else None

    def _trim(self, window: _Window, earliest: datetime) -> None:
        entries = window.entries
        gone = 0
        while gone < len(entries) - 1 and entries[gone].at < earliest:
            gone += 1
        many = len(entries) - gone - self._limits.entries_a_key
        if many > 0:
            self.drops["entries_a_key"] += many
            gone += many
        if gone:
            window.forget(gone)
            self._held -= gone

    def _make_room(self) -> None:
        """Forgets the windows that were longest without a hit."""
        while len(self._windows) >= self._limits.keys or self._held >= self._limits.entries:
            _, window = self._windows.popitem(last=False)
            self._held -= len(window.entries)
            self.drops["windows"] += 1

    def sweep(self, now: datetime) -> None:
        """Forgets windows that are over, by event time, twice their timespan ago; called now and then."""
        for name, window in list(self._windows.items()):
            if not window.entries or window.entries[-1].at < now - 2 * self._spans[name[0]]:
                self._held -= len(window.entries)
                del self._windows[name]


def _within(correlation: Correlation, entries: Sequence[Entry], entry: Entry) -> tuple[Entry, ...]:
    """The hits of the timespan that ends with one of them."""
    first = bisect_left(entries, entry.at - correlation.timespan, key=_at)
    return tuple(entries[first : bisect_right(entries, entry.at, key=_at)]) or (entry,)


def _at(entry: Entry) -> datetime:
    return entry.at


def _less(counts: Counter[Counted], key: Counted) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]


def _met_by_all(correlation: Correlation, window: _Window) -> bool:
    """`_met` of all the hits of a window, out of what is kept beside them; of an order no more than that it may be."""
    if correlation.kind == "event_count":
        return correlation.compare(len(window.entries), correlation.count)
    if correlation.kind == "value_count":
        return correlation.compare(len(window.values), correlation.count)
    if correlation.kind == "temporal_ordered":
        return True
    met = frozenset(window.rules)
    return correlation.holds(met) if correlation.holds is not None else correlation.compare(len(met), correlation.count)


def _met(correlation: Correlation, entries: Sequence[Entry]) -> bool:
    if correlation.kind == "event_count":
        return correlation.compare(len(entries), correlation.count)
    if correlation.kind == "value_count":
        return correlation.compare(len({entry.values for entry in entries}), correlation.count)
    met = frozenset(entry.rule for entry in entries)
    if correlation.kind == "temporal_ordered":
        met = _in_order(correlation.rules, entries)
    if correlation.holds is not None:
        return correlation.holds(met)
    return correlation.compare(len(met), correlation.count)


def _in_order(rules: Sequence[str], entries: Sequence[Entry]) -> frozenset[str]:
    """The rules that were met one after the other, as they are listed."""
    met: list[str] = []
    place = 0
    for entry in entries:
        if place < len(rules) and entry.rule == rules[place]:
            met.append(entry.rule)
            place += 1
    return frozenset(met)


def _fired(
    correlation: Correlation, name: tuple[str, str, Key], start: datetime, entries: tuple[Entry, ...], first: bool
) -> Fired:
    rule, namespace, key = name
    said = "\x1f".join((namespace, rule, *key, start.isoformat()))
    return Fired(correlation, str(uuid.uuid5(_WINDOWS, said)), key, start, entries, first)


def _values(fields: Sequence[Field], reading: Reading) -> Key | None:
    """The first value of each field, folded; None where one is missing."""
    found: list[str] = []
    for each in fields:
        values = reading[key_of(each, folded=True)]
        if not values:
            return None
        found.append(values[0])
    return tuple(found)
