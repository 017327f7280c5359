"""Sigma rules as the API says them."""

from collections.abc import Mapping
from pathlib import Path

from api.schemas.base import WordsView
from api.schemas.sigma import SeenView, SigmaProblemView, SigmaRulesView, SigmaRuleView, TechniqueView
from detectors.sigma.correlation_rules import Correlation
from detectors.sigma.coverage import Seen, Technique
from detectors.sigma.rule import Rule
from detectors.sigma.ruleset import Ruleset
from detectors.sigma.stream import RULES


def rules_view(found: Ruleset, seen: Mapping[str, Seen]) -> SigmaRulesView:
    """Every rule with what was seen of it; files by their names alone."""
    items = [_rule(rule, seen) for rule in found.rules] + [_rule(each, seen) for each in found.correlations]
    problems = [
        SigmaProblemView(file=Path(each.file).name, line=each.line, reason=each.message) for each in found.problems
    ]
    items.sort(key=lambda each: (each.title.en.lower(), each.id))
    return SigmaRulesView(parsed=found.parsed, routed=found.routed, items=items, problems=problems)


def technique_view(technique: Technique) -> TechniqueView:
    return TechniqueView(id=technique.id, tactics=technique.tactics, rules=technique.rules, seen=_seen(technique.seen))


def _rule(rule: Rule | Correlation, seen: Mapping[str, Seen]) -> SigmaRuleView:
    about = rule.about
    return SigmaRuleView(
        id=about.id,
        title=WordsView(vi=about.title.vi, en=about.title.en),
        description=WordsView(vi=about.description.vi, en=about.description.en),
        severity=about.severity,
        kind="rule" if isinstance(rule, Rule) else rule.kind,
        logsource=str(rule.logsource) if isinstance(rule, Rule) else None,
        datasets=list(rule.datasets),
        techniques=list(about.techniques),
        tactics=list(about.tactics),
        false_positives=list(about.false_positives),
        ours=Path(about.file).is_relative_to(RULES),
        active=bool(rule.datasets),
        silent=isinstance(rule, Rule) and rule.silent,
        seen=_seen(seen.get(about.id, Seen())),
    )


def _seen(seen: Seen) -> SeenView:
    return SeenView(groups=seen.groups, alerts=seen.alerts, last_at=seen.last_at)
