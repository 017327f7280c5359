"""What suppressions hide of new alert groups, and what events say is over."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from detectors.alerts.grouping import group_of
from wardwatch.inventory.tree import UnitTree
from wardwatch.model.detection import Clearing
from wardwatch.model.incidents import AlertGroup
from wardwatch.model.records import EVENT_KEYS, Event
from wardwatch.model.suppressions import Suppression

_Condition = tuple[str, str | None, str | None]
"""A rule, and the device or the address that it speaks of."""

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
    """What these events say is over, each condition once: a port that flaps says so very often. As in `group_alerts`, a
    document is read only where its event's own values or units are new."""
    alike: dict[tuple[object, ...], _Condition] = {}
    newest: dict[_Condition, Clearing] = {}
    for event in events:
        if not clears(event):
            continue
        likeness = (event.values, event.units)
        condition = alike.get(likeness)
        if condition is None:
            over = group_of(event, namespace, event.at)
            condition = alike[likeness] = (over.rule_id, over.device, over.source_ip)
        if condition not in newest or newest[condition].at < event.at:
            newest[condition] = Clearing(namespace, *condition, event.at)
    return list(newest.values())
