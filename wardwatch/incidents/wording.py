"""Titles and lines of incidents in both languages, with the parts (`detail`) they are made of.

`detail["event"]` is one of `outage_started`, `outage_recovered`, `alerts`, `acknowledged`, `assigned`, `commented`,
`closed`; the other keys are ids, names, counts, times (RFC 3339), and `cause` in both languages.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from wardwatch.incidents.findings import Outage, Recovery
from wardwatch.model.incidents import AlertGroup
from wardwatch.model.text import Words

Detail = dict[str, Any]

_OUTAGE = Words("Gián đoạn", "Outage")
_COMBINED = Words("Gián đoạn và cảnh báo", "Outage and alerts")
_ALERTS = Words("Cảnh báo", "Alerts")


def outage_title(device_name: str, unit_name: str, with_alerts: bool) -> Words:
    kind = _COMBINED if with_alerts else _OUTAGE
    names = f"{device_name} – {unit_name}"
    return Words(f"{kind.vi}: {names}", f"{kind.en}: {names}")


def alert_title(group: AlertGroup, unit_name: str | None) -> Words:
    names = f"{group.rule_name} – {unit_name}" if unit_name else group.rule_name
    return Words(f"{_ALERTS.vi}: {names}", f"{_ALERTS.en}: {names}")


def outage_started(outage: Outage) -> tuple[Words, Detail]:
    """The line and its parts."""
    impact = outage.impact
    units, devices, services = len(impact.units), len(impact.devices), len(impact.services)
    hurt = [
        words
        for count, words in (
            (units, Words(f"{units} đơn vị mất kết nối", f"{_counted(units, 'unit')} cut off")),
            (devices, Words(f"{devices} thiết bị phía sau", f"{_counted(devices, 'device')} behind it")),
            (services, Words(f"{services} dịch vụ bị ảnh hưởng", f"{_counted(services, 'service')} affected")),
        )
        if count
    ]
    summary = Words(f"{outage.device_name} ngừng hoạt động", f"{outage.device_name} is down")
    if hurt:
        vi, en = ", ".join(words.vi for words in hurt), ", ".join(words.en for words in hurt)
        summary = Words(f"{summary.vi}. {vi}", f"{summary.en}. {en}")
    return summary, {
        "event": "outage_started",
        "device": outage.device,
        "device_name": outage.device_name,
        "unit": outage.unit,
        "unit_name": outage.unit_name,
        "cause": asdict(outage.cause),
        "units": list(impact.units),
        "devices": list(impact.devices),
        "services": list(impact.services),
    }


def outage_recovered(recovery: Recovery, lasted: timedelta) -> tuple[Words, Detail]:
    """The line and its parts."""
    minutes = max(0, round(lasted.total_seconds() / 60))
    name = recovery.device_name
    summary = Words(f"{name} hoạt động trở lại sau {minutes} phút", f"{name} is up after {_counted(minutes, 'minute')}")
    return summary, {
        "event": "outage_recovered",
        "device": recovery.device,
        "device_name": recovery.device_name,
        "unit": recovery.unit,
        "lasted_s": int(lasted.total_seconds()),
    }


def alerts_seen(group: AlertGroup) -> tuple[Words, Detail]:
    """The line and its parts."""
    ends = " → ".join(end for end in (group.source_ip, group.destination_ip) if end)
    summary = Words.same(f"{group.rule_name} ({ends})" if ends else group.rule_name)
    return summary, {
        "event": "alerts",
        "group": group.id,
        "rule_id": group.rule_id,
        "rule_name": group.rule_name,
        "severity": group.severity.value,
        "technique": group.technique,
        "source_ip": group.source_ip,
        "destination_ip": group.destination_ip,
        "unit": group.unit,
        "units": list(group.units),
        "service": group.service,
        "last_seen": group.last_seen.isoformat(),
    }


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
