"""All rules against an event: by its dataset, then by the words it has, then rule by rule."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from detectors.sigma.matching import Check, compiled
from detectors.sigma.reading import Document, Getters, Reading, add_getters, key_of
from detectors.sigma.rule import Rule
from detectors.sigma.terms import KEYWORD, Field, View, fields_of
from detectors.sigma.words import WordIndex, needed, reads_readable
from wardwatch.ecs import in_line

Load = Callable[[], Document]
_ESCAPES = ("\\u", "\\/")
_LONG_S = "\u017f"


@dataclass(frozen=True, slots=True)
class _Active:
    rule: Rule
    check: Check
    readable: bool


class _Route:
    """The rules of one dataset."""

    def __init__(self, rules: Sequence[Rule], getters: Getters) -> None:
        self.rules = [_Active(rule, compiled(rule.term, getters), reads_readable(rule.term)) for rule in rules]
        self.index = WordIndex([needed(rule.term) for rule in rules])
        fields = [field for rule in rules for field in fields_of(rule.term).values()]
        self.readable = sorted({key_of(field) for field in fields if field.view is View.READABLE})
        keys = [key for field in fields for key in field.keys]
        self.reads_line = any(key == KEYWORD or in_line(key) is not None for key in keys)


@dataclass(frozen=True, slots=True)
class Match:
    """The rules that match an event, and the event as they read it."""

    rules: list[Rule]
    reading: Reading


class Engine:
    """Compiled rules. `fields` are read beside those of the rules (by correlations).

    Raises `UserError` for a rule that cannot be compiled: callers try each on its own before."""

    def __init__(self, rules: Sequence[Rule], fields: Iterable[Field] = ()) -> None:
        self.rules = tuple(rules)
        self._getters: Getters = {}
        for field in fields:
            add_getters(field, self._getters)
        by_dataset: dict[str, list[Rule]] = {}
        for rule in rules:
            for dataset in rule.datasets:
                by_dataset.setdefault(dataset, []).append(rule)
        self._routes = {dataset: _Route(found, self._getters) for dataset, found in by_dataset.items()}

    def cares(self, dataset: str) -> bool:
        return dataset in self._routes

    def hits(self, dataset: str, document: bytes, original: str, load: Load) -> Match | None:
        """What matches an event, None for nothing. `document` is its JSON, `load` gives the document whole and is only
        asked when a rule may match."""
        route = self._routes.get(dataset)
        if route is None:
            return None
        text = document.decode("utf-8", "replace")
        if _is_odd(text):
            return _matched(route, range(len(route.rules)), Reading(load(), self._getters))
        found = route.index.look(text.lower())
        candidates = found.rules
        if route.reads_line:
            if _is_odd(original):
                return _matched(route, range(len(route.rules)), Reading(load(), self._getters))
            candidates |= route.index.look(original.lower()).rules
        if found.suspect and route.readable:
            return self._looked_closer(route, candidates, Reading(load(), self._getters))
        return _matched(route, candidates, Reading(load(), self._getters)) if candidates else None

    def matching(self, dataset: str, document: Document) -> Match | None:
        """As `hits`, for a document alone: every rule of the dataset is asked."""
        route = self._routes.get(dataset)
        if route is None:
            return None
        return _matched(route, range(len(route.rules)), Reading(document, self._getters))

    def _looked_closer(self, route: _Route, candidates: set[int], reading: Reading) -> Match | None:
        """The event has what may hide words: they are looked for in what it reads as, too."""
        hidden = "\n".join([value for key in route.readable for value in reading[key] if type(value) is str])
        candidates |= {number for number in route.index.look(hidden).rules if route.rules[number].readable}
        return _matched(route, candidates, reading)


def _is_odd(text: str) -> bool:
    """Whether a text may hold words in a way that the index does not see: escapes of JSON, and the long s, which only
    expressions take for an s."""
    return ("\\" in text and any(escape in text for escape in _ESCAPES)) or _LONG_S in text


def _matched(route: _Route, numbers: Iterable[int], reading: Reading) -> Match | None:
    rules = [route.rules[number].rule for number in sorted(numbers) if route.rules[number].check(reading)]
    return Match(rules, reading) if rules else None
