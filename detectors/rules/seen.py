"""How often each of Suricata's rules was alerted, and when last: from the records and alert groups in a scope."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from detectors.sigma.coverage import recent_groups, seen_by_rule
from wardwatch.model.access import Scope
from wardwatch.model.queries import EventQuery
from wardwatch.model.records import DEFAULT_NAMESPACE
from wardwatch.model.time import TimeRange
from wardwatch.ports import AlertGroupStore

Count = Callable[[EventQuery, str], dict[str, int]]
"""Counts events of a query by an ECS key, in the scope of whoever asks."""


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """Alerts of a rule in the time asked for; `last_at` is when the last one was."""

    alerts: int = 0
    last_at: datetime | None = None


def seen(count: Count, groups: AlertGroupStore, scope: Scope, time: TimeRange) -> dict[int, RuleSeen]:
    """By sid. Drills are left out: they are in namespaces of their own."""
    query = EventQuery(time, DEFAULT_NAMESPACE, {"event.dataset": ("suricata.alert",)})
    counts = count(query, "rule.id")
    grouped = seen_by_rule(recent_groups(groups, scope, time.start))
    return {
        int(rule): RuleSeen(counts.get(rule, 0), grouped[rule].last_at if rule in grouped else None)
        for rule in counts.keys() | grouped.keys()
        if rule.isascii() and rule.isdigit()
    }
