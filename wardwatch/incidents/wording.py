"""Titles and lines of incidents in Vietnamese, with the parts (`detail`) from which pages word them in English.

`detail["event"]` is one of `outage_started`, `outage_recovered`, `alerts`, `acknowledged`, `assigned`, `commented`,
`closed`; the other keys are ids, names, counts and times (RFC 3339).
"""

from datetime import timedelta
from typing import Any

from wardwatch.incidents.findings import Outage, Recovery
from wardwatch.model.incidents import AlertGroup

Detail = dict[str, Any]

OUTAGE = "Gián đoạn"
COMBINED = "Gián đoạn và cảnh báo"
ALERTS = "Cảnh báo"


def outage_title(device_name: str, unit_name: str) -> str:
    return f"{OUTAGE}: {device_name} – {unit_name}"


def alert_title(group: AlertGroup, unit_name: str | None) -> str:
    return f"{ALERTS}: {group.rule_name}" + (f" – {unit_name}" if unit_name else "")


def outage_started(outage: Outage) -> tuple[str, Detail]:
    """The line and its parts."""
    impact = outage.impact
    hurt = [
        words
        for count, words in (
            (len(impact.units), f"{len(impact.units)} đơn vị mất kết nối"),
            (len(impact.devices), f"{len(impact.devices)} thiết bị phía sau"),
            (len(impact.services), f"{len(impact.services)} dịch vụ bị ảnh hưởng"),
        )
        if count
    ]
    summary = ". ".join([f"{outage.device_name} ngừng hoạt động", *([", ".join(hurt)] if hurt else [])])
    return summary, {
        "event": "outage_started",
        "device": outage.device,
        "device_name": outage.device_name,
        "unit": outage.unit,
        "unit_name": outage.unit_name,
        "cause": outage.cause,
        "units": list(impact.units),
        "devices": list(impact.devices),
        "services": list(impact.services),
    }


def outage_recovered(recovery: Recovery, lasted: timedelta) -> tuple[str, Detail]:
    """The line and its parts."""
    minutes = max(0, round(lasted.total_seconds() / 60))
    summary = f"{recovery.device_name} hoạt động trở lại sau {minutes} phút"
    return summary, {
        "event": "outage_recovered",
        "device": recovery.device,
        "device_name": recovery.device_name,
        "unit": recovery.unit,
        "lasted_s": int(lasted.total_seconds()),
    }


def alerts_seen(group: AlertGroup) -> tuple[str, Detail]:
    """The line and its parts."""
    ends = " → ".join(end for end in (group.source_ip, group.destination_ip) if end)
    summary = f"{group.rule_name} ({ends})" if ends else group.rule_name
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
