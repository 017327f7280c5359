"""What an operator says about notifications, as frozen values; `documents` reads them from YAML."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wardwatch.model.status import Severity

CITY_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
"""Rotas and quiet hours are kept in the city's time; Vietnam has no summer time."""

SLA_MINUTES: dict[Severity, int] = {
    Severity.CRITICAL: 15,
    Severity.HIGH: 30,
    Severity.MEDIUM: 240,
    Severity.LOW: 1440,
    Severity.INFO: 1440,
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach somebody: `url` is the reference of a secret that holds an address as Apprise writes it."""

    name: str
    url: str
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody stands in on a rota, from one moment to another (not included)."""

    start: datetime
    end: datetime
    person: str


@dataclass(frozen=True, slots=True)
class Rota:
    """People take turns of a week each, the first from `starts` on, handed over at `handover` of the city's time."""

    name: str
    people: tuple[str, ...]
    starts: date
    handover: time = time(8, 0)
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step tells: channels, and who is on call on rotas."""

    channels: tuple[str, ...] = ()
    rotas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Incidents that match are told to `target`; while nobody takes one, after each SLA to the next of `escalation`.

    Empty `severities`, `kinds` or `units` match any; a unit matches with all below it.
    """

    name: str
    target: Target
    severities: tuple[Severity, ...] = ()
    kinds: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    escalation: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Between these times of the day only `passing` severities are told; the others wait for the end."""

    start: time
    end: time
    passing: tuple[Severity, ...] = (Severity.CRITICAL, Severity.HIGH)


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Everything. `people` gives each person's channels; `drill_channels` are told of drills, and nobody else is."""

    channels: dict[str, Channel] = field(default_factory=dict)
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rotas: dict[str, Rota] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    quiet: QuietHours | None = None
    sla: dict[Severity, timedelta] = field(
        default_factory=lambda: {severity: timedelta(minutes=minutes) for severity, minutes in SLA_MINUTES.items()}
    )
    grouping: timedelta = timedelta(seconds=60)
    drill_channels: tuple[str, ...] = ()
