"""Hunting back over the store with the same rules: what the store can filter it filters, the rest is matched here.

A store is asked for the datasets of the rules and, where every rule that is hunted needs one of a few exact values of
a key, for those as well; both engines understand that alike. Case, wildcards and all else is decided by the very
closures of the stream.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from detectors.sigma.engine import Engine
from detectors.sigma.rule import Rule
from detectors.sigma.ruleset import Ruleset, engine_of
from detectors.sigma.terms import All, Leaf, Number, Some, Term, Text
from detectors.sigma.windows import Correlator
from wardwatch.model.queries import EventPage, EventQuery, StoredEvent
from wardwatch.model.records import DEFAULT_NAMESPACE, Position
from wardwatch.model.time import TimeRange

FILTERED: tuple[str, ...] = ("source.ip", "destination.ip", "source.port", "destination.port", "rule.id")
"""Keys whose values have one way to be written, so that a filter by equality loses nothing; both engines have them."""

_PAGE = 5000
_KEPT = 20

Filters = dict[str, tuple[str, ...]]
EventPages = Callable[[EventQuery], EventPage]


@dataclass(slots=True)
class Hunt:
    """What was found. `hits` by rule id and `examples` of each, newest first; `looked_at` events came from the store;
    `complete` is false where there were more than the limit."""

    hits: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[Position]] = field(default_factory=dict)
    looked_at: int = 0
    complete: bool = True


def hunt(events: EventPages, ruleset: Ruleset, time: TimeRange, namespace: str, limit: int) -> Hunt:
    """Every rule and correlation over the stored events of a time range, of more than `limit` the newest."""
    found = Hunt()
    engine, correlator = engine_of(ruleset), Correlator(ruleset.correlations)
    rules = [rule for rule in engine.rules if rule.datasets]
    if not rules:
        return found
    stored: list[StoredEvent] = []
    for event in pages(events, EventQuery(time, namespace, filters_of(rules), limit=_PAGE)):
        if len(stored) == limit:
            found.complete = False
            break
        stored.append(event)
    found.looked_at = len(stored)
    for event in reversed(stored):
        _match(event, engine, correlator, found)
    return found


def _match(event: StoredEvent, engine: Engine, correlator: Correlator, found: Hunt) -> None:
    match = engine.matching(event.document["event"]["dataset"], event.document)
    for rule in match.rules if match is not None else ():
        if not rule.silent:
            _count(found, rule.about.id, event.position)
        if match is not None:
            for fired in correlator.see(DEFAULT_NAMESPACE, rule.about.id, event.at, event.position, match.reading):
                if fired.first:
                    _count(found, fired.correlation.about.id, event.position)


def _count(found: Hunt, rule: str, position: Position) -> None:
    found.hits[rule] = found.hits.get(rule, 0) + 1
    examples = found.examples.setdefault(rule, [])
    examples.insert(0, position)
    del examples[_KEPT:]


def pages(events: EventPages, query: EventQuery) -> Iterator[StoredEvent]:
    """All events of a query, newest first."""
    cursor: str | None = None
    while True:
        page = events(EventQuery(query.time, query.namespace, query.filters, query.text, query.limit, cursor))
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def filters_of(rules: Sequence[Rule]) -> Filters:
    """What every event that one of the rules matches has."""
    filters: Filters = {"event.dataset": tuple(sorted({name for rule in rules for name in rule.datasets}))}
    for key in FILTERED:
        values = _union(_needed(rule.term, key) for rule in rules)
        if values is not None:
            filters[key] = tuple(sorted(values))
    return filters


def _needed(term: Term, key: str) -> frozenset[str] | None:
    """The values of a key one of which an event must have for a term to hold; None where it need not have any."""
    if isinstance(term, Leaf):
        return _equal(term) if term.field.keys == (key,) else None
    if isinstance(term, All):
        known = [values for part in term.terms if (values := _needed(part, key)) is not None]
        return min(known, key=len, default=None)
    if isinstance(term, Some):
        return _union(_needed(part, key) for part in term.terms)
    return None


def _union(several: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for values in several:
        if values is None:
            return None
        found |= values
    return found


def _equal(leaf: Leaf) -> frozenset[str] | None:
    value: Any = leaf.value
    if isinstance(value, Number) and value.operator == "=" and isinstance(value.value, int):
        return frozenset({str(value.value)})
    if isinstance(value, Text) and len(value.parts) == 1 and isinstance(value.parts[0], str):
        # Hexadecimal digits of IPv6 have a case; what has letters is left to the closures.
        word = value.parts[0]
        return frozenset({word}) if not any(letter.isalpha() for letter in word) else None
    return None
