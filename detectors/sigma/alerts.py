"""Hits as alerts: the same groups, inbox and incidents as those of the IDS, pointing at the events that were hit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from detectors.alerts.grouping import GroupingSettings, group_alerts
from detectors.sigma.reading import Document
from detectors.sigma.rule import About
from detectors.sigma.windows import Fired
from wardwatch.ecs import event_of
from wardwatch.model.incidents import AlertGroup
from wardwatch.model.records import Event

DATASET = "sigma.alert"
RULESET = "sigma"
_ENDS = ("source", "destination")


def alert_of(event: Event, document: Document, about: About, ends: Sequence[str] = _ENDS) -> Event:
    """The alert of a rule on an event: at the event's own position, with rule, threat and severity of the rule. Only
    the ends of `ends` are told of."""
    places = document.get("wardwatch", {})
    told = {end: places[end] for end in _ENDS if end in places}
    alert: Document = {
        "event": {
            "kind": "alert",
            "category": ["intrusion_detection"],
            "module": "sigma",
            "dataset": DATASET,
        },
        "rule": {"id": about.id, "name": about.title.en, "category": RULESET, "ruleset": RULESET},
        "message": about.title.en,
        "wardwatch": {**told, "severity": about.severity.value},
    }
    for end in ends:
        address = document.get(end, {}).get("ip")
        if address is not None:
            alert[end] = {"ip": address}
    threat = _threat(about)
    if threat:
        alert["threat"] = threat
    return event_of(event.position, event.at, event.units, alert, "")


def _threat(about: About) -> dict[str, Any]:
    if not about.techniques and not about.tactics:
        return {}
    threat: dict[str, Any] = {"framework": "MITRE ATT&CK"}
    if about.techniques:
        parents = list(dict.fromkeys(name.partition(".")[0] for name in about.techniques))
        threat["technique"] = {"id": parents}
        below = [name for name in about.techniques if "." in name]
        if below:
            threat["technique"]["subtechnique"] = {"id": below}
    if about.tactics:
        threat["tactic"] = {"id": list(about.tactics)}
    return threat


def group_of_fired(
    fired: Fired, event: Event, document: Document, namespace: str, settings: GroupingSettings
) -> AlertGroup:
    """The group of a correlation: its own id (`uuid5(rule, key, window start)`), counting the hits that are new to it.
    An end that its hits need not have in common is left out."""
    about = fired.correlation.about
    keys = {key for fields in fired.correlation.keys.values() for field in fields for key in field.keys}
    common = [end for end in _ENDS if f"{end}.ip" in keys]
    (group,) = group_alerts([alert_of(event, document, about, common)], namespace, settings)
    times = [entry.at for entry in fired.entries]
    return replace(
        group,
        id=fired.id,
        window_start=fired.start,
        first_seen=min(times),
        last_seen=max(times),
        count=len(times),
        positions=tuple(entry.position for entry in fired.entries[-settings.positions :]),
    )
