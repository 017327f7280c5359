"""What suppressions hide of new alert groups, and what events say is over."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from detectors.alerts.grouping import group_of
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.detection import Clearing
from wardwatch.model.incidents import AlertGroup
from wardwatch.model.records import EVENT_KEYS, Event
from wardwatch.model.suppressions import Suppression

_RULE = EVENT_KEYS.index("rule.id")


def hidden(groups: Sequence[AlertGroup], suppressions: Sequence[Suppression], tree: UnitTree) -> list[AlertGroup]:
    """The groups, each with the first suppression that hides it."""
    if not suppressions:
        return list(groups)
    subtrees = {kept.id: tree.subtree(kept.unit) if kept.unit else frozenset[str]() for kept in suppressions}
    return [
        replace(
            group,
            suppression=next((kept.id for kept in suppressions if kept.hides(group, subtrees[kept.id])), None),
        )
        for group in groups
    ]


def clears(event: Event) -> bool:
    """Whether an event says that what a rule alerted about is over: it has a rule and is no alert."""
    return not event.alert and event.values[_RULE] is not None


def clearings(events: Iterable[Event], namespace: str) -> list[Clearing]:
    """What these events say is over, each condition once: a port that flaps says so very often."""
    newest: dict[tuple[str, str | None, str | None], Clearing] = {}
    for event in events:
        if not clears(event):
            continue
        over = group_of(event, namespace, event.at)
        key = (over.rule_id, over.device, over.source_ip)
        if key not in newest or newest[key].at < event.at:
            newest[key] = Clearing(namespace, *key, event.at)
    return list(newest.values())
