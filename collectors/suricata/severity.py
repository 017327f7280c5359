"""One scale of severity for IDS alerts.

The word comes from the rule's `signature_severity` where it has one, else from Suricata's priority; Suricata's own
event rules (sid 2200000-2299999: a checksum, a stray segment) are remarks of the parser, not threats. ECS wants a
number that grows with badness: these are those of the common 0-100 risk scale; saved filters keep working.
"""

from wardwatch.model.status import Severity

NUMBERS: dict[Severity, int] = {
    Severity.INFO: 1,
    Severity.LOW: 21,
    Severity.MEDIUM: 47,
    Severity.HIGH: 73,
    Severity.CRITICAL: 99,
}

BY_PRIORITY: dict[int, Severity] = {1: Severity.HIGH, 2: Severity.MEDIUM, 3: Severity.LOW}

BY_SIGNATURE_SEVERITY: dict[str, Severity] = {
    "critical": Severity.CRITICAL,
    "major": Severity.HIGH,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "minor": Severity.LOW,
    "low": Severity.LOW,
    "informational": Severity.INFO,
    "info": Severity.INFO,
}

ENGINE_SIDS = range(2200000, 2300000)


def severity_of(signature_severity: str | None, priority: int | None, signature_id: int | None) -> Severity:
    """The severity of an alert; `info` when the record says nothing."""
    said = BY_SIGNATURE_SEVERITY.get((signature_severity or "").lower())
    if said is not None:
        return said
    if signature_id is not None and signature_id in ENGINE_SIDS:
        return Severity.INFO
    return BY_PRIORITY.get(priority or 0, Severity.INFO)
