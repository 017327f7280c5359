"""The words that a text must have for a regular expression to be found in it."""

import importlib
from collections.abc import Callable, Iterable
from typing import Any

Best = Callable[[Iterable[frozenset[str] | None]], frozenset[str] | None]

# Python's own reading of an expression; RE2's syntax is all but the same, and what Python cannot read has no words.
_parse: Any = importlib.import_module("re._parser").parse
_NEVER_EMPTY = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_MOST = 200


def words_of(pattern: str, best: Best) -> frozenset[str] | None:
    """Words in lower case, one of which stands in every text the expression is found in; None where there are none.
    `best` chooses among those of the parts that must all be there."""
    try:
        return _of_sequence(_parse(pattern), best)
    except Exception:
        # Whatever it is that cannot be read has no words: the rule is then asked every time.
        return None


def _of_sequence(items: Any, best: Best) -> frozenset[str] | None:
    parts: list[frozenset[str] | None] = []
    run = ""
    for kind, argument in items:
        if kind.name == "LITERAL":
            run += chr(argument).lower()
            continue
        parts.append(frozenset({run}) if run else None)
        run = ""
        parts.append(_of_item(kind.name, argument, best))
    parts.append(frozenset({run}) if run else None)
    return best(parts)


def _of_item(kind: str, argument: Any, best: Best) -> frozenset[str] | None:
    if kind == "SUBPATTERN":
        return _of_sequence(argument[3], best)
    if kind == "ATOMIC_GROUP":
        return _of_sequence(argument, best)
    if kind in _NEVER_EMPTY:
        return _of_sequence(argument[2], best) if argument[0] > 0 else None
    if kind != "BRANCH":
        return None
    found: frozenset[str] = frozenset()
    for branch in argument[1]:
        words = _of_sequence(branch, best)
        if not words:
            return None
        found |= words
    return found if len(found) <= _MOST else None
