"""Groups raw alerts: pure, by event time, so that a replay makes the very same groups."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wardwatch.ecs import decoded
from wardwatch.model.incidents import AlertGroup
from wardwatch.model.records import Event
from wardwatch.model.status import Severity, worst_severity

_GROUPS = uuid.UUID("5b1f0a5e-6c0e-5a39-9d0a-0f6a2f1f7d11")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GroupingSettings:
    """`window` is a fixed span of event time; `positions` is how many of the newest records a group points to."""

    window: timedelta = timedelta(hours=1)
    positions: int = 50


def group_alerts(events: Iterable[Event], namespace: str, settings: GroupingSettings) -> list[AlertGroup]:
    """The groups of these alerts alone, in order of first sight; the inbox adds them to what it has."""
    groups: dict[str, AlertGroup] = {}
    for event in events:
        if not event.alert:
            continue
        alone = _group_of(event, namespace, settings)
        known = groups.get(alone.id)
        groups[alone.id] = alone if known is None else _merged(known, alone, settings.positions)
    return list(groups.values())


def window_start(at: datetime, window: timedelta) -> datetime:
    """The start of the fixed window that holds a moment."""
    return at - (at - _EPOCH) % window


def _group_of(event: Event, namespace: str, settings: GroupingSettings) -> AlertGroup:
    document = decoded(event)
    rule = document.get("rule", {})
    rule_id = str(rule.get("id", ""))
    source, destination = _address(document, "source"), _address(document, "destination")
    places = document.get("wardwatch", {})
    ours = _our_side(places)
    unit = ours.get("unit")
    start = window_start(event.at, settings.window)
    key = "|".join((namespace, rule_id, source or "", destination or "", unit or "", start.isoformat()))
    return AlertGroup(
        id=str(uuid.uuid5(_GROUPS, key)),
        namespace=namespace,
        rule_id=rule_id,
        rule_name=rule.get("name") or document.get("message") or rule_id,
        category=rule.get("category"),
        severity=_severity(places.get("severity")),
        source_ip=source,
        destination_ip=destination,
        unit=unit,
        units=event.units,
        device=ours.get("device"),
        service=ours.get("service"),
        technique=_technique(document),
        first_seen=event.at,
        last_seen=event.at,
        window_start=start,
        count=1,
        positions=(event.position,),
    )


def _our_side(places: dict[str, Any]) -> dict[str, Any]:
    """Where the alert happened to us: the attacked end when it is ours, else the end that started it."""
    for end in ("destination", "source"):
        place: dict[str, Any] = places.get(end, {})
        if place.get("unit") is not None:
            return place
    return {}


def _address(document: dict[str, Any], end: str) -> str | None:
    address = document.get(end, {}).get("ip")
    return None if address is None else str(address)


def _severity(word: str | None) -> Severity:
    return Severity(word) if word in list(Severity) else Severity.INFO


def _technique(document: dict[str, Any]) -> str | None:
    """The most exact ATT&CK id the rule names: a sub-technique before its technique."""
    technique = document.get("threat", {}).get("technique", {})
    named = [*technique.get("subtechnique", {}).get("id", []), *technique.get("id", [])]
    return str(named[0]) if named else None


def _merged(group: AlertGroup, alert: AlertGroup, positions: int) -> AlertGroup:
    return replace(
        group,
        severity=worst_severity(group.severity, alert.severity),
        units=tuple(sorted({*group.units, *alert.units})),
        first_seen=min(group.first_seen, alert.first_seen),
        last_seen=max(group.last_seen, alert.last_seen),
        count=group.count + alert.count,
        positions=(group.positions + alert.positions)[-positions:],
    )
