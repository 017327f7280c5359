"""`notify.yaml`: strict, every name that is used is there, secrets by reference only."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, Field

from wardwatch.errors import DocumentError, Problem
from wardwatch.model.status import Severity
from wardwatch.notify.settings import (
    SLA_MINUTES,
    Channel,
    NotifySettings,
    Override,
    QuietHours,
    Rota,
    Route,
    Target,
)
from wardwatch.strict_yaml import SecretReference, StrictModel, load, nearest

KINDS = ("outage", "alert")


class ChannelDocument(StrictModel):
    name: str
    url: SecretReference = Field(description="A secret holding an Apprise URL: mailto://, json://, tgram:// ...")
    language: Literal["vi", "en"] = "vi"


class PersonDocument(StrictModel):
    name: str
    channels: tuple[str, ...] = Field(min_length=1)


class OverrideDocument(StrictModel):
    start: AwareDatetime
    end: AwareDatetime
    person: str


class RotaDocument(StrictModel):
    name: str
    people: tuple[str, ...] = Field(min_length=1)
    starts: date = Field(description="The first day of the first person, in the city's time.")
    handover: time = time(8, 0)
    overrides: tuple[OverrideDocument, ...] = ()


class TargetDocument(StrictModel):
    channels: tuple[str, ...] = ()
    rotas: tuple[str, ...] = ()


class RouteDocument(TargetDocument):
    name: str
    severities: tuple[Severity, ...] = ()
    kinds: tuple[Literal["outage", "alert"], ...] = ()
    units: tuple[str, ...] = ()
    escalation: tuple[TargetDocument, ...] = ()


class QuietDocument(StrictModel):
    start: time
    end: time
    passing: tuple[Severity, ...] = (Severity.CRITICAL, Severity.HIGH)


class NotifyDocument(StrictModel):
    channels: tuple[ChannelDocument, ...] = ()
    people: tuple[PersonDocument, ...] = ()
    rotas: tuple[RotaDocument, ...] = ()
    routes: tuple[RouteDocument, ...] = ()
    quiet_hours: QuietDocument | None = None
    sla_minutes: dict[Severity, int] = Field(default_factory=dict)
    grouping_s: int = Field(default=60, ge=0, le=3600)
    drill_channels: tuple[str, ...] = ()


def read_notify(path: Path) -> NotifySettings:
    """The settings at `path`. Raises `DocumentError` that names each problem."""
    said = load(path, NotifyDocument)
    problems = [Problem(str(path), 0, problem) for problem in _unknown_names(said)]
    if problems:
        raise DocumentError(problems)
    return NotifySettings(
        channels={each.name: Channel(each.name, each.url, each.language) for each in said.channels},
        people={each.name: tuple(each.channels) for each in said.people},
        rotas={each.name: _rota(each) for each in said.rotas},
        routes=tuple(_route(each) for each in said.routes),
        quiet=None
        if said.quiet_hours is None
        else QuietHours(said.quiet_hours.start, said.quiet_hours.end, tuple(said.quiet_hours.passing)),
        sla={each: timedelta(minutes=said.sla_minutes.get(each, SLA_MINUTES[each])) for each in Severity},
        grouping=timedelta(seconds=said.grouping_s),
        drill_channels=tuple(said.drill_channels),
    )


def notify_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return NotifyDocument.model_json_schema()


def _rota(said: RotaDocument) -> Rota:
    overrides = tuple(Override(each.start, each.end, each.person) for each in said.overrides)
    return Rota(said.name, tuple(said.people), said.starts, said.handover, overrides)


def _route(said: RouteDocument) -> Route:
    escalation = tuple(_target(each) for each in said.escalation)
    return Route(said.name, _target(said), tuple(said.severities), tuple(said.kinds), tuple(said.units), escalation)


def _target(said: TargetDocument) -> Target:
    return Target(tuple(said.channels), tuple(said.rotas))


def _unknown_names(said: NotifyDocument) -> Iterator[str]:
    """A sentence for each name that is used but not there, twice there, or of no use."""
    channels, people = [each.name for each in said.channels], [each.name for each in said.people]
    rotas = [each.name for each in said.rotas]
    for what, names in (("channel", channels), ("person", people), ("rota", rotas)):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"the {what} '{name}' is there twice"
    targets = [(f"route '{route.name}'", step) for route in said.routes for step in (route, *route.escalation)]
    used: list[tuple[str, str, Iterable[str], list[str]]]
    used = [(f"person '{each.name}'", "channel", each.channels, channels) for each in said.people]
    used += [(f"rota '{each.name}'", "person", each.people, people) for each in said.rotas]
    used += [
        (f"rota '{each.name}'", "person", [other.person for other in each.overrides], people) for each in said.rotas
    ]
    used += [(where, "channel", step.channels, channels) for where, step in targets]
    used += [(where, "rota", step.rotas, rotas) for where, step in targets]
    used.append(("drill_channels", "channel", said.drill_channels, channels))
    for where, what, named, known in used:
        for name in named:
            if name not in known:
                yield f"{where}: there is no {what} '{name}'; {nearest(name, known)}"
    for where, step in targets:
        if not step.channels and not step.rotas:
            yield f"{where}: a step tells nobody; name a channel or a rota"
