"""What a check's result is to the rest: a sample, and an event when the service falls or is back. Pure."""

import json
from typing import Any

from collectors.reception.documents import ECS, stamp
from wardwatch.ecs import event_of
from wardwatch.model.checks import CheckResult
from wardwatch.model.inventory import Check, Service
from wardwatch.model.records import Event, Position, SampleBlock
from wardwatch.model.status import Severity
from wardwatch.model.text import Words

MEASUREMENT = "service"
DATASET = "wardwatch.service"


def sample_of(result: CheckResult, service: Service) -> SampleBlock:
    """A row of the measurement `service`: its device is the service, its index the check."""
    columns: dict[str, tuple[float | None, ...]] = {
        "up": (float(result.up),),
        "down": (float(not result.up),),
        "duration_ms": (result.duration_ms,),
        "certificate_days": (result.certificate_days,),
    }
    return SampleBlock(MEASUREMENT, service.id, service.owner, result.at, (result.check,), columns)


def change_of(result: CheckResult, check: Check, service: Service, position: Position) -> Event:
    """The alert that a service has fallen, or what clears it."""
    severity = Severity.HIGH if service.kind == "public-service" or (service.level or 0) >= 3 else Severity.MEDIUM
    words = result.cause if not result.up else Words("Đã hoạt động trở lại", "Working again")
    name = f"Dịch vụ không đáp ứng: {service.name}"
    return _event(result, check, service, position, "down", name, severity, words)


def certificate_change_of(result: CheckResult, check: Check, service: Service, position: Position, late: bool) -> Event:
    """The alert that a certificate ends soon (or is over), or what clears it."""
    days = result.certificate_days or 0.0
    words = Words(f"Chứng thư số còn {days:.0f} ngày", f"The certificate has {days:.0f} days left")
    severity = Severity.HIGH if days < 0 else Severity.MEDIUM
    name = f"Chứng thư số sắp hết hạn: {check.host}"
    return _event(result, check, service, position, "certificate", name, severity, words, late)


def _event(
    result: CheckResult,
    check: Check,
    service: Service,
    position: Position,
    what: str,
    name: str,
    severity: Severity,
    words: Words,
    alert: bool | None = None,
) -> Event:
    is_alert = (not result.up) if alert is None else alert
    place = {"unit": service.owner, "service": service.id}
    document: dict[str, Any] = {
        "event": {
            "kind": "alert" if is_alert else "event",
            "category": ["network"],
            "type": ["error" if is_alert else "info"],
            "module": "wardwatch",
            "dataset": DATASET,
            "action": f"service-{what}" if is_alert else f"service-{what}-over",
        },
        "@timestamp": stamp(result.at),
        "ecs": ECS,
        "message": f"{service.name}: {words.vi} / {words.en}",
        "rule": {"id": f"service.{what}.{check.id}", "name": name, "category": "service"},
        "destination": {"address": check.host, "port": check.at_port},
        "wardwatch": {"severity": severity.value, "destination": place},
    }
    original = json.dumps(
        {"check": check.id, "service": service.id, "up": result.up, "cause": {"vi": words.vi, "en": words.en}},
        ensure_ascii=False,
    )
    return event_of(position, result.at, (service.owner,), document, original)
