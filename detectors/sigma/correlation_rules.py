"""What a correlation rule asks: how many hits, of which rules, with what in common, within how long."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationType,
)

from detectors.sigma.rule import About, Rule
from detectors.sigma.sources import Sources
from detectors.sigma.terms import Field
from wardwatch.errors import UserError

Compare = Callable[[float, float], bool]
Holds = Callable[[frozenset[str]], bool]

COMPARE: dict[str, Compare] = {
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
    "EQ": lambda a, b: a == b,
    "NEQ": lambda a, b: a != b,
}
KINDS: dict[SigmaCorrelationType, str] = {
    SigmaCorrelationType.EVENT_COUNT: "event_count",
    SigmaCorrelationType.VALUE_COUNT: "value_count",
    SigmaCorrelationType.TEMPORAL: "temporal",
    SigmaCorrelationType.TEMPORAL_ORDERED: "temporal_ordered",
}
LONGEST = timedelta(days=7)
"""What is kept of hits for a correlation, and read again after a start."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """One correlation. `rules` are ids of what it counts, in order; `keys` are the fields that its hits have in common,
    for each of its rules; `counted` are the fields whose different values a `value_count` counts; `holds` is the
    condition of a temporal one over the ids that were met."""

    about: About
    kind: str
    rules: tuple[str, ...]
    timespan: timedelta
    keys: Mapping[str, tuple[Field, ...]]
    counted: Mapping[str, tuple[Field, ...]]
    operator: str
    count: float
    holds: Holds | None
    generate: bool
    datasets: tuple[str, ...]

    @property
    def compare(self) -> Compare:
        return COMPARE[self.operator]


def correlation_of(about: About, rule: Any, known: Mapping[str, Rule | Correlation], sources: Sources) -> Correlation:
    """The correlation of a document, its references looked up in `known`. Raises `UserError`."""
    if rule.type not in KINDS:
        raise UserError(f"correlations of the type {rule.type.name.lower()} are not evaluated")
    references = [each.reference for each in rule.rules] if rule.rules else rule.condition.get_referenced_rules()
    members = {reference: known[reference] for reference in references}
    timespan = timedelta(seconds=rule.timespan.seconds)
    if timespan > LONGEST:
        raise UserError(f"the timespan {rule.timespan.spec} is longer than {LONGEST.days} days, which nothing keeps")
    keys: dict[str, tuple[Field, ...]] = {}
    counted: dict[str, tuple[Field, ...]] = {}
    for reference, member in members.items():
        keys[member.about.id] = tuple(_field(name, reference, member, rule, sources) for name in rule.group_by or ())
        counted[member.about.id] = tuple(
            _field(name, reference, member, rule, sources) for name in _counted(rule.condition)
        )
    simple = isinstance(rule.condition, SigmaCorrelationCondition)
    ids = tuple(member.about.id for member in members.values())
    return Correlation(
        about,
        KINDS[rule.type],
        ids,
        timespan,
        keys,
        counted,
        rule.condition.op.name if simple else "GTE",
        rule.condition.count if simple else len(ids),
        None if simple else _holds(rule.condition.parsed, {name: each.about.id for name, each in members.items()}),
        bool(rule.generate),
        tuple(dict.fromkeys(name for member in members.values() for name in member.datasets)),
    )


def _counted(condition: Any) -> list[str]:
    said = condition.fieldref if isinstance(condition, SigmaCorrelationCondition) else None
    return [] if said is None else [said] if isinstance(said, str) else list(said)


def _field(name: str, reference: str, member: Rule | Correlation, rule: Any, sources: Sources) -> Field:
    """A field of a correlation is an alias, or a field of the rules it counts."""
    alias = rule.aliases.aliases.get(name)
    if alias is not None:
        named = {each.reference: field for each, field in alias.mapping.items()}
        if reference not in named:
            raise UserError(f"the alias '{name}' says nothing of the rule '{reference}'")
        name = named[reference]
    if isinstance(member, Correlation):
        inner = next((each for fields in member.keys.values() for each in fields if each.name == name), None)
        if inner is None:
            raise UserError(f"the correlation '{reference}' has no '{name}' in its group-by")
        return inner
    found, trouble = sources.field(name, sources.route(member.logsource))
    if trouble and member.datasets:
        raise UserError(trouble)
    return found


def _holds(node: Any, ids: Mapping[str, str]) -> Holds:
    if isinstance(node, CorrelationConditionNOT):
        inner = _holds(node.args[0], ids)
        return lambda met: not inner(met)
    if isinstance(node, CorrelationConditionAND | CorrelationConditionOR):
        parts = [_holds(each, ids) for each in node.args]
        decide = all if isinstance(node, CorrelationConditionAND) else any
        return lambda met: decide(part(met) for part in parts)
    identity = ids[node.reference]
    return lambda met: identity in met
