"""What rules have hit, and which ATT&CK techniques they and the IDS cover: from the alert groups in a scope."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from detectors.sigma.rule import About
from wardwatch.model.access import Scope
from wardwatch.model.incidents import AlertGroup
from wardwatch.model.state import AlertGroupQuery
from wardwatch.ports import AlertGroupStore

_PAGE = 1000
MOST_LOOKED_AT = 20_000


@dataclass(slots=True)
class Seen:
    """How often something was alerted."""

    groups: int = 0
    alerts: int = 0
    last_at: datetime | None = None

    def add(self, group: AlertGroup) -> None:
        self.groups += 1
        self.alerts += group.count
        self.last_at = group.last_seen if self.last_at is None else max(self.last_at, group.last_seen)


@dataclass(slots=True)
class Technique:
    """One technique or sub-technique: the tactics and rules that name it, and what was seen of it."""

    id: str
    tactics: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)


def recent_groups(store: AlertGroupStore, scope: Scope, since: datetime) -> Iterator[AlertGroup]:
    """The newest groups since a moment, at most `MOST_LOOKED_AT`."""
    cursor: str | None = None
    for _ in range(MOST_LOOKED_AT // _PAGE):
        page = store.groups(scope, AlertGroupQuery(since=since, limit=_PAGE, cursor=cursor))
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def seen_by_rule(groups: Iterable[AlertGroup]) -> dict[str, Seen]:
    """By rule id."""
    found: dict[str, Seen] = {}
    for group in groups:
        found.setdefault(group.rule_id, Seen()).add(group)
    return found


def covered(abouts: Iterable[About], groups: Iterable[AlertGroup]) -> list[Technique]:
    """Every technique that a rule names or an alert was of, by id. Techniques of rules have the rules' tactics."""
    found: dict[str, Technique] = {}
    for about in abouts:
        for name in about.techniques:
            technique = found.setdefault(name, Technique(name))
            technique.rules.append(about.id)
            technique.tactics += [tactic for tactic in about.tactics if tactic not in technique.tactics]
    for group in groups:
        if group.technique:
            found.setdefault(group.technique, Technique(group.technique)).seen.add(group)
    return [found[name] for name in sorted(found)]
