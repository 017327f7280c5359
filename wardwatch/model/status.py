"""One vocabulary of status and severity, the same in stores, API and pages."""

from enum import StrEnum


class Status(StrEnum):
    """How a device, unit, circuit or service is; ordered from best to worst by `STATUS_ORDER`."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    BEHIND = "behind"
    MAINTENANCE = "maintenance"
    NO_DATA = "no_data"


STATUS_ORDER: tuple[Status, ...] = (
    Status.OK,
    Status.MAINTENANCE,
    Status.NO_DATA,
    Status.DEGRADED,
    Status.BEHIND,
    Status.DOWN,
)


class Severity(StrEnum):
    """How bad an alert or incident is; ordered from worst to mildest by `SEVERITY_ORDER`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


SEVERITY_ORDER: tuple[Severity, ...] = (
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.INFO,
)


def worst_severity(*severities: Severity) -> Severity:
    """The worst of the given severities; `info` for none."""
    return min(severities, key=SEVERITY_ORDER.index, default=Severity.INFO)
