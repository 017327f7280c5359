"""A set of rules: read, given routes and fields, compiled one by one; what fails is named and costs no other rule."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import yaml
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule

from detectors.sigma.correlation_rules import Correlation, correlation_of
from detectors.sigma.documents import PLACEHOLDERS, Written, read_files, rule_files
from detectors.sigma.engine import Engine
from detectors.sigma.matching import compiled
from detectors.sigma.rule import SEVERITIES, About, Rule
from detectors.sigma.sources import Logsource, Sources
from detectors.sigma.terms import Field, Some
from detectors.sigma.translating import Placeholders, term_of
from wardwatch.errors import Problem, UserError
from wardwatch.model.status import Severity
from wardwatch.model.text import Words

log = logging.getLogger(__name__)

_TACTICS: Mapping[str, str] = {
    "reconnaissance": "TA0043",
    "resource-development": "TA0042",
    "initial-access": "TA0001",
    "execution": "TA0002",
    "persistence": "TA0003",
    "privilege-escalation": "TA0004",
    "defense-evasion": "TA0005",
    "stealth": "TA0005",
    "credential-access": "TA0006",
    "discovery": "TA0007",
    "lateral-movement": "TA0008",
    "collection": "TA0009",
    "command-and-control": "TA0011",
    "exfiltration": "TA0010",
    "impact": "TA0040",
}
"""ATT&CK tactics by the words of Sigma's tags."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """What came of some files. `parsed` rules were read, `routed` of them mean events we have; `unrouted` names the
    others. `problems` are rules that are left out, and fields that nothing fills."""

    rules: tuple[Rule, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    problems: tuple[Problem, ...] = ()
    unrouted: tuple[Problem, ...] = ()
    parsed: int = 0
    routed: int = 0

    @property
    def abouts(self) -> list[About]:
        """Rules and correlations, as people are told of them."""
        return [rule.about for rule in self.rules] + [correlation.about for correlation in self.correlations]


@dataclass(slots=True)
class _Gathering:
    rules: list[Rule] = field(default_factory=list)
    correlations: list[Correlation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unrouted: list[Problem] = field(default_factory=list)
    by_reference: dict[str, Rule | Correlation] = field(default_factory=dict)
    seen: dict[str, tuple[str, Path]] = field(default_factory=dict)
    roots: dict[str, Path] = field(default_factory=dict)


def load_rules(paths: Iterable[Path], sources: Sources) -> Ruleset:
    """The rules of files and folders. Of one id the rule of the first path counts; twice below one path it is a
    mistake. Raises `UserError` for a path that is not there, else nothing."""
    found = [(file, path) for path in paths for file in rule_files(path)]
    files = [(file, _placeholders(path)) for file, path in found]
    gathered = _Gathering(roots={str(file): path for file, path in found})
    correlated: list[Written] = []
    filters: list[SigmaFilter] = []
    plain: list[tuple[Written, Placeholders]] = []
    for file, placeholders in files:
        written, problems = read_files([file])
        gathered.problems += problems
        for each in written:
            if isinstance(each.rule, SigmaCorrelationRule):
                correlated.append(each)
            elif isinstance(each.rule, SigmaFilter):
                filters.append(each.rule)
            else:
                plain.append((each, placeholders))
    for each, placeholders in plain:
        _add_rule(each, filters, sources, placeholders, gathered)
    _add_correlations(correlated, sources, gathered)
    return _finished(gathered, len(plain) + len(correlated) + len(filters), len(filters))


def _finished(gathered: _Gathering, parsed: int, filters: int) -> Ruleset:
    """Rules that only feed a correlation are silent, unless it says `generate`."""
    silent = {rule for each in gathered.correlations if not each.generate for rule in each.rules}
    rules = tuple(replace(rule, silent=rule.about.id in silent) for rule in gathered.rules)
    routed = sum(1 for rule in rules if rule.datasets) + len(gathered.correlations) + filters
    return Ruleset(
        rules,
        tuple(gathered.correlations),
        tuple(gathered.problems),
        tuple(gathered.unrouted),
        parsed,
        routed,
    )


def _placeholders(path: Path) -> Placeholders:
    """What `placeholders.yaml` of a folder says: names to values."""
    file = (path if path.is_dir() else path.parent) / PLACEHOLDERS
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        log.error("placeholders cannot be read path=%s reason=%s", file, error)
        return {}
    if not isinstance(said, dict):
        return {}
    listed = {str(name): values if isinstance(values, list) else [values] for name, values in said.items()}
    return {name: tuple(map(str, values)) for name, values in listed.items()}


def _add_rule(
    written: Written, filters: Sequence[SigmaFilter], sources: Sources, placeholders: Placeholders, into: _Gathering
) -> None:
    rule = written.rule
    assert isinstance(rule, SigmaRule)
    about = about_of(written)
    if not _is_new(about, written, into):
        return
    said = Logsource(rule.logsource.category, rule.logsource.product, rule.logsource.service)
    route = sources.route(said)
    unknown: dict[str, str] = {}

    def field_of(name: str | None) -> Field:
        found, trouble = sources.field(name, route)
        if trouble and name is not None:
            unknown[name] = trouble
        return found

    try:
        for each in filters:
            rule = cast(SigmaRule, each.apply_on_rule(rule))
        terms = [term_of(condition.parsed, field_of, placeholders) for condition in rule.detection.parsed_condition]
        term = terms[0] if len(terms) == 1 else Some(tuple(terms))
        compiled(term, {})
    except UserError as error:
        into.problems.append(written.problem(f"{about.title.en}: {error.message}", "detection"))
        return
    except SigmaError as error:
        into.problems.append(written.problem(f"{about.title.en}: {error.args[0]}", "detection", "condition"))
        return
    except (AttributeError, TypeError, ValueError, RecursionError, KeyError) as error:
        into.problems.append(written.problem(f"{about.title.en}: its condition makes no sense: {error}", "detection"))
        return
    if route is None:
        into.unrouted.append(written.problem(f"{about.title.en}: there are no events of {said}", "logsource"))
    else:
        for name, trouble in unknown.items():
            into.problems.append(Problem(written.file, _line_of_field(written, name), f"{about.title.en}: {trouble}"))
    known = Rule(about, said, route.datasets if route else (), term)
    into.rules.append(known)
    _refer(known, into)


def _is_new(about: About, written: Written, into: _Gathering) -> bool:
    here, root = f"{written.file}:{written.line}", into.roots[written.file]
    before, first = into.seen.setdefault(about.id, (here, root))
    if before == here:
        return True
    if first != root:
        return False
    into.problems.append(written.problem(f"{about.title.en}: its id {about.id} is that of {before}", "id"))
    return False


def _refer(rule: Rule | Correlation, into: _Gathering) -> None:
    for reference in (rule.about.id, rule.about.name):
        if reference:
            into.by_reference.setdefault(reference, rule)


def _line_of_field(written: Written, name: str) -> int:
    for keys, line in written.lines.items():
        if keys[0] == "detection" and len(keys) > 2 and keys[-1] == name:
            return line
    return written.line_of("detection")


def _add_correlations(correlated: Sequence[Written], sources: Sources, into: _Gathering) -> None:
    """Those that refer to other correlations wait until these are known."""
    waiting = list(correlated)
    while waiting:
        left: list[Written] = []
        for each in waiting:
            about = about_of(each)
            missing = [name for name in _references(each.rule) if name not in into.by_reference]
            if missing:
                left.append(each)
                continue
            if not _is_new(about, each, into):
                continue
            try:
                found = correlation_of(about, each.rule, into.by_reference, sources)
            except UserError as error:
                into.problems.append(each.problem(f"{about.title.en}: {error.message}", "correlation"))
                continue
            into.correlations.append(found)
            _refer(found, into)
        if len(left) == len(waiting):
            for each in left:
                missing = [name for name in _references(each.rule) if name not in into.by_reference]
                reason = f"{about_of(each).title.en}: there is no rule '{missing[0]}' among those read"
                into.problems.append(each.problem(reason, "correlation", "rules"))
            return
        waiting = left


def _references(rule: Any) -> list[str]:
    if rule.rules is not None:
        return [each.reference for each in rule.rules]
    return list(rule.condition.get_referenced_rules())


def about_of(written: Written) -> About:
    """What people are told of a rule."""
    rule: Any = written.rule
    title = str(rule.title or rule.name or rule.id or "a rule without a title")
    tags = tuple(str(tag) for tag in rule.tags)
    title_vi, description_vi = written.vietnamese
    description = str(rule.description or "")
    identity = str(rule.id) if rule.id else rule.name or written.identity
    return About(
        id=identity,
        name=rule.name,
        title=Words(title_vi or title, title),
        description=Words(description_vi or description, description),
        severity=SEVERITIES[rule.level.name.lower()] if rule.level else Severity.MEDIUM,
        status=rule.status.name.lower() if rule.status else None,
        techniques=tuple(each for tag in tags if (each := _technique(tag))),
        tactics=tuple(_TACTICS[name] for tag in tags if (name := _tactic(tag)) in _TACTICS),
        tags=tags,
        references=tuple(map(str, rule.references or ())),
        false_positives=tuple(map(str, rule.falsepositives or ())),
        author=str(rule.author) if rule.author else None,
        file=written.file,
        line=written.line,
    )


def _technique(tag: str) -> str:
    space, _, name = tag.partition(".")
    return name.upper() if space == "attack" and name[:1] in "tT" and name[1:5].isdecimal() else ""


def _tactic(tag: str) -> str:
    space, _, name = tag.partition(".")
    return name.lower().replace("_", "-") if space == "attack" else ""


def engine_of(found: Ruleset) -> Engine:
    """Every rule that is routed, compiled together, with what correlations read."""
    fields = [
        field
        for correlation in found.correlations
        for named in (*correlation.keys.values(), *correlation.counted.values())
        for field in named
    ]
    return Engine([rule for rule in found.rules if rule.datasets], fields)
