"""Suricata's rules as the API says them."""

from collections.abc import Sequence
from typing import Any

from api.schemas.rules import (
    ChangedRule,
    ReplayView,
    RolloutView,
    RuleCandidateView,
    RuleChangesView,
    RuleCountsView,
    RuleDifferenceView,
    RuleProblemView,
    RuleSourceView,
    RuleVersionsView,
    RuleVersionView,
    RuleView,
)
from detectors.rules.candidate import Candidate, Changes
from detectors.rules.keeper import RuleKeeper
from detectors.rules.parsing import Rule
from detectors.rules.replaying import Difference
from detectors.rules.seen import RuleSeen
from detectors.rules.versions import Entry

_MOST_NAMED = 200
_MOST_VERSIONS = 200


def rule_view(rule: Rule, seen: RuleSeen) -> RuleView:
    return RuleView(**rule_facts(rule), alerts=seen.alerts, last_at=seen.last_at)


def rule_facts(rule: Rule) -> dict[str, Any]:
    """What a rule says of itself, but for its text."""
    named = ("sid", "rev", "action", "protocol", "message", "classtype", "enabled")
    return {name: getattr(rule, name) for name in named} | {"techniques": list(rule.techniques)}


def candidate_view(candidate: Candidate, changes: Changes, difference: Difference | None) -> RuleCandidateView:
    return RuleCandidateView(
        version=candidate.version,
        built_at=candidate.built_at,
        by=candidate.by,
        counts=RuleCountsView.model_validate(candidate.counts),
        sources=[RuleSourceView.model_validate(source) for source in candidate.sources],
        problems=[RuleProblemView(file=p.file, line=p.line, reason=p.message) for p in candidate.problems],
        changes=RuleChangesView(
            added=len(changes.added),
            removed=len(changes.removed),
            changed=len(changes.changed),
            added_rules=_named(changes.added),
            removed_rules=_named(changes.removed),
            changed_rules=_named(changes.changed),
        ),
        replay=None if difference is None else replay_view(difference),
    )


def replay_view(difference: Difference) -> ReplayView:
    return ReplayView(
        captures=difference.captures,
        alerts_before=difference.alerts_before,
        alerts_after=difference.alerts_after,
        rules=[RuleDifferenceView.model_validate(rule) for rule in difference.rules[:_MOST_NAMED]],
        unread=[f"{name}: {reason}" for name, reason in difference.unread[:_MOST_NAMED]],
    )


def versions_view(keeper: RuleKeeper) -> RuleVersionsView:
    rollout = keeper.rollout()
    return RuleVersionsView(
        deployed=keeper.versions.deployed() or None,
        rollout=None
        if rollout is None
        else RolloutView(
            version=rollout.version,
            first=list(rollout.first),
            began_at=rollout.began_at,
            tried_at=rollout.tried_at,
            for_s=rollout.for_s,
        ),
        items=[version_view(entry) for entry in keeper.versions.history()[:_MOST_VERSIONS]],
    )


def version_view(entry: Entry) -> RuleVersionView:
    return RuleVersionView(
        version=entry.version,
        deed=entry.deed,
        at=entry.at,
        by=entry.by,
        why=entry.why,
        counts=RuleCountsView.model_validate(entry.counts),
    )


def _named(rules: Sequence[Rule]) -> list[ChangedRule]:
    return [ChangedRule(sid=rule.sid, message=rule.message) for rule in rules[:_MOST_NAMED]]
