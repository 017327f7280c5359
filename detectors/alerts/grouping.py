"""Groups raw alerts: pure, by event time, so that a replay makes the very same groups."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

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
    """The groups of these alerts alone, in order of first sight; the inbox adds them to what it has.

    Alerts come by the thousand and most are like another one: a document is read only where its event's own values
    (`EVENT_KEYS`: rule, addresses, and `event.severity`, the number of `wardwatch.severity`), units or window are new.
    """
    groups: dict[str, _Gathering] = {}
    alike: dict[tuple[object, ...], _Gathering] = {}
    for event in events:
        if not event.alert:
            continue
        start = window_start(event.at, settings.window)
        likeness = (event.values, event.units, start)
        gathering = alike.get(likeness)
        if gathering is None:
            first = group_of(event, namespace, start)
            gathering = alike[likeness] = groups.setdefault(first.id, _Gathering(first))
            gathering.kinds.append(first)
        gathering.events.append(event)
    return [gathering.group(settings.positions) for gathering in groups.values()]


def window_start(at: datetime, window: timedelta) -> datetime:
    """The start of the fixed window that holds a moment."""
    return at - (at - _EPOCH) % window


@dataclass(slots=True)
class _Gathering:
    """A group while its alerts are gathered: the first of each kind that differs from the others, and all events."""

    first: AlertGroup
    kinds: list[AlertGroup] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def group(self, positions: int) -> AlertGroup:
        times = [event.at for event in self.events]
        return replace(
            self.first,
            severity=worst_severity(*(kind.severity for kind in self.kinds)),
            units=self.first.units if len(self.kinds) == 1 else tuple(sorted({u for k in self.kinds for u in k.units})),
            first_seen=min(times),
            last_seen=max(times),
            count=len(times),
            positions=tuple(event.position for event in self.events[-positions:]),
        )


def group_of(event: Event, namespace: str, start: datetime) -> AlertGroup:
    """The group of one event in the window that begins at `start`."""
    document: dict[str, Any] = orjson.loads(event.document)
    rule = document.get("rule", {})
    rule_id = str(rule.get("id", ""))
    source, destination = _address(document, "source"), _address(document, "destination")
    places = document.get("wardwatch", {})
    ours = _our_side(places)
    unit = ours.get("unit")
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
