"""Compiled closures, the index of words, and a naive reading of the same terms agree on any document."""

import re
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.sigma.engine import Engine
from detectors.sigma.reading import values_at
from detectors.sigma.rule import About, Rule
from detectors.sigma.sources import Logsource
from detectors.sigma.terms import All, Field, Leaf, Not, Number, Presence, Some, Term, Text, Wild
from wardwatch.ecs import as_text
from wardwatch.model.status import Severity
from wardwatch.model.text import NO_WORDS

ABOUT = About("r", None, NO_WORDS, NO_WORDS, Severity.LOW, None, (), (), (), (), (), None, "f", 1)
DATASET = "suricata.http"
KEYS = ("url.original", "host", "a.b", "n")
LETTERS = st.text(st.sampled_from('abcdABĐđK\u212a"\\/ \n'), max_size=6)

texts = st.builds(
    lambda parts, cased: Text(tuple(parts), cased),
    st.lists(st.one_of(LETTERS.filter(bool), st.sampled_from(Wild)), max_size=4),
    st.booleans(),
)
values = st.one_of(
    texts,
    st.builds(Number, st.integers(-3, 3), st.sampled_from(("=", "!=", "<", "<=", ">", ">="))),
    st.builds(Presence, st.booleans()),
)
terms: st.SearchStrategy[Term] = st.recursive(
    st.builds(lambda key, value: Leaf(Field(key, (key,)), value), st.sampled_from(KEYS), values),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: All(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: Some(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)
scalars = st.one_of(LETTERS, st.integers(-3, 3), st.none(), st.booleans(), st.floats(-3, 3, width=16))
found = st.one_of(scalars, st.lists(scalars, max_size=3))
documents = st.builds(
    lambda url, host, deep, flat, number: {
        "event": {"dataset": DATASET},
        "url": {"original": url},
        "host": host,
        "a": {"b": deep},
        "a.b": flat,
        "n": number,
    },
    *(found,) * 5,
)


def holds(term: Term, document: dict[str, Any]) -> bool:
    """The meaning of a term, as slowly and plainly as it can be said."""
    if isinstance(term, Not):
        return not holds(term.term, document)
    if isinstance(term, All):
        return all(holds(part, document) for part in term.terms)
    if isinstance(term, Some):
        return any(holds(part, document) for part in term.terms)
    said = [value for key in term.field.keys for value in values_at(document, tuple(key.split(".")))]
    value = term.value
    if isinstance(value, Presence):
        return bool(said) == value.present
    return any(fits(value, each) for each in said)


def fits(value: Any, said: Any) -> bool:
    if isinstance(value, Number):
        if isinstance(said, bool):
            return False
        try:
            number = float(said)
        except ValueError:
            return False
        compare = {"=": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
        return bool(getattr(number, compare[value.operator])(float(value.value)))
    assert isinstance(value, Text)
    text = said if isinstance(said, str) else as_text(said)
    pattern = "".join(part.value if isinstance(part, Wild) else re.escape(fold(part, value)) for part in value.parts)
    return re.fullmatch(pattern, fold(text, value), re.DOTALL) is not None


def fold(text: str, value: Text) -> str:
    return text if value.cased else text.lower()


@settings(max_examples=100, deadline=None)
@given(st.lists(terms, min_size=1, max_size=4), documents)
def test_three_ways_of_matching_agree(several: list[Term], document: dict[str, Any]) -> None:
    rules = [Rule(ABOUT, Logsource("webserver"), (DATASET,), term) for term in several]
    engine = Engine(rules)
    expected = [rule for rule in rules if holds(rule.term, document)]
    slow = engine.matching(DATASET, document)
    assert (slow.rules if slow else []) == expected
    quick = engine.hits(DATASET, orjson.dumps(document), "", lambda: document)
    assert (quick.rules if quick else []) == expected
