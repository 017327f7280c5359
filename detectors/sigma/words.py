"""Which rules can match at all, by the words an event has: one pass of RE2 over its text for all rules together.

A rule needs words if its condition cannot hold without one of them standing somewhere in the event. Only words that
JSON writes as they are count (no quotes, backslashes, control or non-ASCII characters), in lower case; an event that
has escapes, or anything that may read otherwise than it stands, is looked at by every rule that might care.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from detectors.sigma.expression_words import words_of
from detectors.sigma.readable import SUSPECT
from detectors.sigma.terms import All, Expression, Leaf, Not, Number, Presence, Term, Text, View

SHORTEST = 3
_MEMORY = 64 * 1024 * 1024
_UNWRITTEN = re.compile(r"[^ !#-\[\]-~]+")


def needed(term: Term, or_key: bool = True) -> frozenset[str] | None:
    """Words one of which must stand in an event that the term holds for; None where it holds without. With `or_key`
    the name of a field will do where its value needs no word: what is not there matches nothing."""
    if isinstance(term, Leaf):
        return _of_leaf(term) or (_of_key(term) if or_key else None)
    if isinstance(term, Not):
        return None
    if isinstance(term, All):
        by_values = _rarest([needed(part, False) for part in term.terms])
        return by_values or (_rarest([needed(part) for part in term.terms]) if or_key else None)
    parts = [needed(part, or_key) for part in term.terms]
    if any(part is None for part in parts):
        return None
    return frozenset(word for part in parts if part for word in part)


def _of_key(leaf: Leaf) -> frozenset[str] | None:
    """The last part of each key, which JSON has to write for the field to be there."""
    if leaf.field.is_keyword or leaf.value == Presence(False):
        return None
    return _rarest([frozenset(key.lower().rpartition(".")[2] for key in leaf.field.keys)])


def _rarest(several: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """How rare words are is unknown; that the shortest of them is long is a good guess."""
    written = [frozenset(map(_longest_written, words)) for words in several if words]
    usable = [words for words in written if min(map(len, words)) >= SHORTEST]
    return max(usable, key=lambda words: (min(map(len, words)), -len(words)), default=None)


def _of_leaf(leaf: Leaf) -> frozenset[str] | None:
    value = leaf.value
    if isinstance(value, Text):
        return _rarest([frozenset({part.lower()}) for part in value.parts if isinstance(part, str)])
    if isinstance(value, Number) and value.operator == "=" and isinstance(value.value, int) and value.value >= 0:
        return _rarest([frozenset({str(value.value)})])
    if isinstance(value, Expression) and leaf.field.view is not View.PAIR:
        return words_of(value.pattern, _rarest)
    return None


def _longest_written(text: str) -> str:
    """Of a text the longest part that JSON writes as it is."""
    return max(_UNWRITTEN.split(text), key=len)


def reads_readable(term: Term) -> bool:
    """Whether a term looks at what stands in an event only once its encodings are undone."""
    if isinstance(term, Leaf):
        return term.field.view is View.READABLE
    return reads_readable(term.term) if isinstance(term, Not) else any(map(reads_readable, term.terms))


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a text came to: the numbers of the rules that may match."""

    rules: set[int]
    suspect: bool


class WordIndex:
    """Rules by the words they need. Numbers are places in the sequence it is made of."""

    def __init__(self, words: Sequence[frozenset[str] | None]) -> None:
        self.always = frozenset(number for number, needs in enumerate(words) if needs is None)
        self._rules: list[tuple[int, ...]] = []
        by_word: dict[str, list[int]] = {}
        for number, needs in enumerate(words):
            for word in needs or ():
                by_word.setdefault(word, []).append(number)
        options = re2.Options()
        options.log_errors = False
        options.never_capture = True
        options.max_mem = _MEMORY
        self._set: Any = re2.Set.SearchSet(options)
        self._set.Add(SUSPECT)
        self._rules.append(())
        for word, numbers in sorted(by_word.items()):
            self._set.Add(re2.escape(word))
            self._rules.append(tuple(numbers))
        self._set.Compile()

    def look(self, text: str) -> Found:
        """Of a text in lower case."""
        rules = set(self.always)
        suspect = False
        for place in self._set.Match(text) or ():
            if place:
                rules.update(self._rules[place])
            else:
                suspect = True
        return Found(rules, suspect)
