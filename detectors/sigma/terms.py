"""What a rule asks of an event, once its field names are ours: a small tree to compile, to hunt with and to explain.

A leaf is one field and one value. Its meaning is that of the Sigma specification 2.0: text is compared without case
unless it says `cased`, a field of several values matches if one of them does, and a field that is not there matches
nothing but `null` and `exists: false`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from ipaddress import IPv4Network, IPv6Network

KEYWORD = "*"
"""The field of a keyword: every text of the event."""


class View(StrEnum):
    """How a field is read: as it stands; as what attackers hide in it reads (`detectors.sigma.readable`); what follows
    its last dot; or the value of that name in a line of `name=value` pairs."""

    PLAIN = "plain"
    READABLE = "readable"
    EXTENSION = "extension"
    PAIR = "pair"


@dataclass(frozen=True, slots=True)
class Field:
    """A field by the name a rule has for it. `keys` are dotted keys of documents: the values of all of them count."""

    name: str
    keys: tuple[str, ...]
    view: View = View.PLAIN

    @property
    def is_keyword(self) -> bool:
        return self.keys == (KEYWORD,)


class Wild(Enum):
    """What stands between the plain parts of a pattern."""

    MANY = ".*"
    ONE = "."


@dataclass(frozen=True, slots=True)
class Text:
    """A text with wildcards; the whole value must fit, of a keyword any part."""

    parts: tuple[str | Wild, ...]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression, found anywhere in the value. `flags` are letters of i, m and s."""

    pattern: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A number compared with a number, or with a text that is one. `operator` is one of = < <= > >= !=."""

    value: int | float
    operator: str = "="


@dataclass(frozen=True, slots=True)
class Network:
    """An address within a network."""

    network: IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean."""

    value: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether the field is there (`exists`); `null` is that it is not."""

    present: bool


@dataclass(frozen=True, slots=True)
class Other:
    """The value of another field: the same, its beginning, its end, or a part of it."""

    field: Field
    starts: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A part of a time: minute, hour, day, week, month or year."""

    part: str
    value: int


Value = Text | Expression | Number | Network | Truth | Presence | Other | Moment


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of one field."""

    field: Field
    value: Value


@dataclass(frozen=True, slots=True)
class All:
    terms: tuple["Term", ...]


@dataclass(frozen=True, slots=True)
class Some:
    terms: tuple["Term", ...]


@dataclass(frozen=True, slots=True)
class Not:
    term: "Term"


Term = Leaf | All | Some | Not


def leaves(term: Term) -> Iterator[Leaf]:
    """Every leaf below, in order."""
    if isinstance(term, Leaf):
        yield term
    elif isinstance(term, Not):
        yield from leaves(term.term)
    else:
        for part in term.terms:
            yield from leaves(part)


def fields_of(term: Term) -> dict[str, Field]:
    """The fields a term reads, by the rule's names for them."""
    found: dict[str, Field] = {}
    for leaf in leaves(term):
        found.setdefault(leaf.field.name, leaf.field)
        if isinstance(leaf.value, Other):
            found.setdefault(leaf.value.field.name, leaf.value.field)
    return found
