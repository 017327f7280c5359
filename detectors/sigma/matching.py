"""Terms as closures: compiled once, called for every event that gets as far as a rule."""

import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any

import re2

from detectors.sigma.reading import Getters, Reading, add_getters, key_of
from detectors.sigma.terms import (
    All,
    Expression,
    Leaf,
    Moment,
    Network,
    Not,
    Number,
    Other,
    Presence,
    Term,
    Text,
    Truth,
    Value,
    Wild,
)
from wardwatch.ecs import as_text
from wardwatch.errors import UserError

_LONGEST = 8192
"""Characters that Python's expressions are let at: they may take exponential time."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?")

Check = Callable[[Reading], bool]
Test = Callable[[Any], bool]


def compiled(term: Term, getters: Getters) -> Check:
    """The closure of a term; what reads its fields is added to `getters`. Raises `UserError` for an expression that
    nothing can run."""
    if isinstance(term, Leaf):
        return _leaf(term, getters)
    if isinstance(term, Not):
        inner = compiled(term.term, getters)
        return lambda reading: not inner(reading)
    if all(isinstance(part, Leaf) and isinstance(part.value, Text) for part in term.terms) and not isinstance(
        term, All
    ):
        return _any_text([part for part in term.terms if isinstance(part, Leaf)], getters)
    checks = tuple(compiled(part, getters) for part in term.terms)
    return _every(checks) if isinstance(term, All) else _any(checks)


def _every(checks: tuple[Check, ...]) -> Check:
    if len(checks) == 2:
        first, second = checks
        return lambda reading: first(reading) and second(reading)

    def check(reading: Reading) -> bool:
        for each in checks:  # noqa: SIM110  # a loop costs half of what all() and a generator do
            if not each(reading):
                return False
        return True

    return check


def _any(checks: tuple[Check, ...]) -> Check:
    if len(checks) == 2:
        first, second = checks
        return lambda reading: first(reading) or second(reading)

    def check(reading: Reading) -> bool:
        for each in checks:  # noqa: SIM110  # as above
            if each(reading):
                return True
        return False

    return check


def _any_text(found: list[Leaf], getters: Getters) -> Check:
    """Alternatives of one field that are plain, or plain between wildcards, are looked for together."""
    together: dict[tuple[str, tuple[bool, bool]], list[str]] = {}
    checks: list[Check] = []
    for leaf in found:
        shape = _shape(leaf)
        if shape is None:
            checks.append(_leaf(leaf, getters))
            continue
        word, open_ends = shape
        add_getters(leaf.field, getters)
        together.setdefault((key_of(leaf.field, folded=True), open_ends), []).append(word.lower())
    for (key, open_ends), words in together.items():
        checks.append(_TOGETHER[open_ends](key, tuple(words)))
    return checks[0] if len(checks) == 1 else _any(tuple(checks))


def _shape(leaf: Leaf) -> tuple[str, tuple[bool, bool]] | None:
    """The plain part of a text, and whether more may stand before and after it; None for every other value."""
    value = leaf.value
    if not isinstance(value, Text) or value.cased or leaf.field.is_keyword:
        return None
    parts = list(value.parts)
    before = bool(parts) and parts[0] is Wild.MANY
    after = len(parts) > 1 and parts[-1] is Wild.MANY
    inner = parts[before : len(parts) - after]
    if not inner and not before:
        return "", (False, False)
    only = inner[0] if len(inner) == 1 else None
    return (only, (before, after)) if isinstance(only, str) else None


def _containing(key: str, words: tuple[str, ...]) -> Check:
    def check(reading: Reading) -> bool:
        for value in reading[key]:
            for word in words:  # as above
                if word in value:
                    return True
        return False

    return check


def _starting(key: str, words: tuple[str, ...]) -> Check:
    return lambda reading: any(value.startswith(words) for value in reading[key])


def _ending(key: str, words: tuple[str, ...]) -> Check:
    return lambda reading: any(value.endswith(words) for value in reading[key])


def _equal(key: str, words: tuple[str, ...]) -> Check:
    return _one_of(key, frozenset(words))


def _one_of(key: str, texts: frozenset[str]) -> Check:
    return lambda reading: not texts.isdisjoint(reading[key])


_TOGETHER: dict[tuple[bool, bool], Callable[[str, tuple[str, ...]], Check]] = {
    (False, False): _equal,
    (False, True): _starting,
    (True, False): _ending,
    (True, True): _containing,
}


def _leaf(leaf: Leaf, getters: Getters) -> Check:
    field, value = leaf.field, leaf.value
    add_getters(field, getters)
    key = key_of(field)
    if isinstance(value, Presence):
        present = value.present
        return lambda reading: bool(reading[key]) is present
    if isinstance(value, Other):
        return _other(key_of(field, folded=True), value, getters)
    if isinstance(value, Text) and not value.cased:
        return _of_any(key_of(field, folded=True), _text(value, field.is_keyword))
    return _of_any(key, _test(value, field.is_keyword))


def _of_any(key: str, test: Test) -> Check:
    def check(reading: Reading) -> bool:
        for value in reading[key]:  # noqa: SIM110  # as above
            if test(value):
                return True
        return False

    return check


def _test(value: Value, anywhere: bool) -> Test:
    if isinstance(value, Text):
        test = _text(value, anywhere)
        return lambda said: test(said if type(said) is str else as_text(said))
    if isinstance(value, Expression):
        search = expression(value)
        return lambda said: search(said if type(said) is str else as_text(said)) is not None
    if isinstance(value, Number):
        return _number(value, anywhere)
    if isinstance(value, Network):
        return _network(value)
    if isinstance(value, Truth):
        wanted, word = value.value, "true" if value.value else "false"
        return lambda said: said is wanted or (type(said) is str and said.lower() == word)
    if isinstance(value, Moment):
        return _moment(value)
    raise AssertionError(value)


def _text(value: Text, anywhere: bool) -> Test:
    """Of texts that are folded already, unless the value is cased."""
    parts = [part if isinstance(part, Wild) or value.cased else part.lower() for part in value.parts]
    if anywhere:
        parts = [Wild.MANY, *parts, Wild.MANY]
    while len(parts) > 1 and parts[0] is parts[1] is Wild.MANY:
        parts = parts[1:]
    while len(parts) > 1 and parts[-1] is parts[-2] is Wild.MANY:
        parts = parts[:-1]
    match parts:
        case []:
            return lambda said: said == ""
        case [Wild.MANY]:
            return lambda said: True
        case [str(word)]:
            return lambda said: said == word
        case [Wild.MANY, str(word), Wild.MANY]:
            return lambda said: word in said
        case [str(word), Wild.MANY]:
            return lambda said: said.startswith(word)
        case [Wild.MANY, str(word)]:
            return lambda said: said.endswith(word)
    return _pattern(parts)


def _pattern(parts: list[str | Wild]) -> Test:
    written = "".join(part.value if isinstance(part, Wild) else re2.escape(part) for part in parts)
    try:
        fits = re2.compile(f"(?s){written}", _options()).fullmatch
    except re2.error:
        fits = re.compile("".join(p.value if isinstance(p, Wild) else re.escape(p) for p in parts), re.DOTALL).fullmatch
    return lambda said: fits(said) is not None


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    return options


def expression(value: Expression) -> Callable[[str], object]:
    """The search of a regular expression: in linear time (RE2), but for what only Python's can do (looking around,
    back references). Raises `UserError`."""
    flags = f"(?{value.flags})" if value.flags else ""
    try:
        return _found(re2.compile(flags + value.pattern, _options()))
    except re2.error:
        pass
    try:
        search = re.compile(value.pattern, sum(_FLAGS[letter] for letter in value.flags)).search
    except (re.error, OverflowError, RecursionError) as error:
        raise UserError(f"the regular expression '{value.pattern[:200]}' cannot be used: {error}") from None
    return lambda text: search(text[:_LONGEST])


def _found(compiled: Any) -> Callable[[str], object]:
    """The search of an RE2 expression that only says whether: its own `search` works out offsets in characters, which
    costs five times the search."""
    match, anywhere = compiled._regexp.Match, re2._Anchor.UNANCHORED

    def search(text: str) -> object:
        data = text.encode("utf-8", "replace")
        return None if match(anywhere, data, 0, len(data))[0] == _NOWHERE else True

    return search


_NOWHERE = (-1, -1)
_FLAGS: dict[str, int] = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _number(value: Number, anywhere: bool) -> Test:
    wanted, compare, word = value.value, _COMPARE[value.operator], str(value.value)
    if anywhere:
        return lambda said: word in (said if type(said) is str else as_text(said))

    def test(said: Any) -> bool:
        kind = type(said)
        if kind is int or kind is float:
            return compare(said, wanted)
        if kind is not str:
            return False
        try:
            return compare(int(said) if said.isdecimal() else float(said), wanted) if _NUMBER.fullmatch(said) else False
        except (ValueError, OverflowError):
            return False

    return test


def _network(value: Network) -> Test:
    network = value.network

    def test(said: Any) -> bool:
        if type(said) is not str:
            return False
        try:
            address = ip_address(said)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return (mapped or address) in network

    return test


def _moment(value: Moment) -> Test:
    part, wanted = value.part, value.value

    def test(said: Any) -> bool:
        try:
            at = datetime.fromisoformat(said) if type(said) is str else None
        except ValueError:
            return False
        if at is None:
            return False
        return (at.isocalendar().week if part == "week" else getattr(at, part)) == wanted

    return test


def _other(key: str, value: Other, getters: Getters) -> Check:
    add_getters(value.field, getters)
    there = key_of(value.field, folded=True)
    if value.starts and value.ends:
        return lambda reading: any(b in a for a in reading[key] for b in reading[there])
    if value.starts:
        return lambda reading: any(a.startswith(b) for a in reading[key] for b in reading[there])
    if value.ends:
        return lambda reading: any(a.endswith(b) for a in reading[key] for b in reading[there])
    return lambda reading: any(a == b for a in reading[key] for b in reading[there])
