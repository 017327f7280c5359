"""What people do with alert groups: put them away with a verdict, take them back, hide their like for a while.

A suppression is looked at before it is made: `preview` says what it would have hidden. One that names neither a rule
nor an address, or that would have hidden all there was, is refused: it would make the inbox blind.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from wardwatch.errors import UserError
from wardwatch.model.access import Actor, Scope
from wardwatch.model.incidents import AlertGroup, GroupState
from wardwatch.model.state import AlertGroupQuery
from wardwatch.model.status import SEVERITY_ORDER, Severity
from wardwatch.model.suppressions import BROADEST_PREFIX, LONGEST, Suppression, network_of
from wardwatch.model.text import nfc
from wardwatch.ports import AlertGroupStore, StateStore

GROUP_VERDICTS: tuple[str, ...] = ("true_positive", "false_positive", "benign", "duplicate")
MOST_AT_ONCE = 500
LOOKED_BACK = timedelta(days=30)
MOST_LOOKED_AT = 20_000
_EXAMPLES = 20
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Preview:
    """What a suppression would have hidden of the groups seen since `since`: `groups` of `seen` with `alerts` alerts,
    of them `serious` of severity high or worse and `in_incidents` that belong to an incident; by rule; the newest as
    examples. `bounded` when there were more groups than were looked at. `refusal` says why it may not be made."""

    since: datetime
    seen: int
    groups: int
    alerts: int
    serious: int
    in_incidents: int
    rules: tuple[tuple[str, str, int], ...]
    examples: tuple[AlertGroup, ...]
    bounded: bool
    refusal: str | None


def handle(
    store: AlertGroupStore, scope: Scope, actor: Actor, group_ids: Collection[str], verdict: str, at: datetime
) -> list[AlertGroup]:
    """Puts groups away; those out of sight, and those somebody has handled, are left. Returns what changed."""
    if verdict not in GROUP_VERDICTS:
        raise UserError(f"'{verdict}' is no verdict of alerts", f"one of {', '.join(GROUP_VERDICTS)}")
    found = _chosen(store, scope, group_ids)
    changed = [
        replace(group, handled_at=at, handled_by=actor.name, verdict=verdict)
        for group in found
        if group.handled_at is None
    ]
    store.mark(actor, changed)
    return changed


def take_back(store: AlertGroupStore, scope: Scope, actor: Actor, group_ids: Collection[str]) -> list[AlertGroup]:
    """Puts handled groups into the inbox again. Returns what changed."""
    changed = [
        replace(group, handled_at=None, handled_by=None, verdict=None)
        for group in _chosen(store, scope, group_ids)
        if group.handled_at is not None
    ]
    store.mark(actor, changed)
    return changed


def suppression_of(
    owner: str, reason: str, at: datetime, expires_at: datetime, **conditions: str | None
) -> Suppression:
    """A suppression that may be made, by itself. Raises `UserError`."""
    said = nfc(reason).strip()
    if len(said) < 5:
        raise UserError("a suppression needs a reason", "say why these alerts are no news, for who reads it next")
    if not at < expires_at <= at + LONGEST:
        raise UserError("a suppression ends within a year from now", "choose when somebody shall look at it again")
    given: dict[str, Any] = {
        name: nfc(value).strip() for name, value in conditions.items() if value is not None and value.strip()
    }
    if not {"rule_id", "source", "destination"} & given.keys():
        raise UserError(
            "a suppression without rule and address would hide everything of its unit or device",
            "name a rule, a source or a destination",
        )
    for end in ("source", "destination"):
        if end in given:
            given[end] = _network(end, given[end])
    return Suppression(str(uuid.uuid4()), owner, said, at, expires_at, **given)


def preview(state: StateStore, scope: Scope, wanted: Suppression, subtree: Collection[str], at: datetime) -> Preview:
    """What the suppression would have hidden in the last 30 days, of what the caller sees."""
    since = at - LOOKED_BACK
    groups = list(_recent(state.alert_groups, scope, since, ()))
    met = [group for group in groups if wanted.hides(group, subtree)]
    rules = Counter((group.rule_id, group.rule_name) for group in met)
    refusal = None
    if wanted.rule_id is None and met and len(met) == len(groups) and len({group.rule_id for group in groups}) > 1:
        refusal = f"it would have hidden all {len(groups)} alert groups of the last {LOOKED_BACK.days} days"
    return Preview(
        since,
        len(groups),
        len(met),
        sum(group.count for group in met),
        sum(SEVERITY_ORDER.index(group.severity) <= SEVERITY_ORDER.index(Severity.HIGH) for group in met),
        sum(group.incident is not None for group in met),
        tuple((rule, name, count) for (rule, name), count in rules.most_common(_EXAMPLES)),
        tuple(met[:_EXAMPLES]),
        len(groups) == MOST_LOOKED_AT,
        refusal,
    )


def suppress(
    state: StateStore, scope: Scope, actor: Actor, wanted: Suppression, subtree: Collection[str], at: datetime
) -> tuple[Suppression, int]:
    """Makes a suppression and hides what waits in the inbox and meets it; how many groups that were.

    Raises `UserError` when its preview refuses it.
    """
    looked = preview(state, scope, wanted, subtree, at)
    if looked.refusal:
        raise UserError(looked.refusal, "narrow it down: name the rule")
    with state.together():
        state.suppressions.add(actor, wanted)
        waiting = _recent(state.alert_groups, scope, looked.since, (GroupState.OPEN, GroupState.CLEARED))
        met = [replace(group, suppression=wanted.id) for group in waiting if wanted.hides(group, subtree)]
        for start in range(0, len(met), MOST_AT_ONCE):
            state.alert_groups.mark(actor, met[start : start + MOST_AT_ONCE])
    return wanted, len(met)


def end_suppression(
    state: StateStore, scope: Scope, actor: Actor, suppression_id: str, at: datetime
) -> tuple[Suppression, int]:
    """Ends a suppression and shows again what it hid; how many groups that were."""
    with state.together():
        ended = state.suppressions.end(actor, suppression_id, at)
        hidden = _recent(state.alert_groups, scope, ended.created_at - LOOKED_BACK, (GroupState.SUPPRESSED,))
        shown = [replace(group, suppression=None) for group in hidden if group.suppression == suppression_id]
        for start in range(0, len(shown), MOST_AT_ONCE):
            state.alert_groups.mark(actor, shown[start : start + MOST_AT_ONCE])
    return ended, len(shown)


def _chosen(store: AlertGroupStore, scope: Scope, group_ids: Collection[str]) -> list[AlertGroup]:
    if len(group_ids) > MOST_AT_ONCE:
        raise UserError(f"{len(group_ids)} groups at once are too many", f"at most {MOST_AT_ONCE}")
    return list(store.chosen(scope, group_ids).values())


def _recent(
    store: AlertGroupStore, scope: Scope, since: datetime, states: Sequence[GroupState]
) -> Iterator[AlertGroup]:
    """The newest groups, at most `MOST_LOOKED_AT`."""
    cursor: str | None = None
    for _ in range(MOST_LOOKED_AT // _PAGE):
        page = store.groups(scope, AlertGroupQuery(states=tuple(states), since=since, limit=_PAGE, cursor=cursor))
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def _network(end: str, text: str) -> str:
    try:
        network = network_of(text)
    except ValueError:
        raise UserError(f"{end} '{text}' is no address and no prefix", "write 10.1.2.3 or 10.1.2.0/24") from None
    if network.prefixlen < BROADEST_PREFIX[network.version]:
        raise UserError(
            f"{end} {network} is too broad", f"at least /{BROADEST_PREFIX[network.version]}, or name the rule alone"
        )
    return str(network)
