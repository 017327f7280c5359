"""Scenarios as documents: what is sent when, what must be seen, and inside which bounds. One YAML, one scenario."""

import ipaddress
import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, model_validator

from wardwatch.errors import DocumentError, Problem
from wardwatch.model.time import duration
from wardwatch.strict_yaml import Location, StrictModel, check, line_of, nearest, read, read_text

SHIPPED = Path(__file__).parent / "scenarios"
_AFTER = re.compile(
    r"(?P<inject>[a-z0-9][a-z0-9_-]*)\.(?P<outcome>sent|prevented|not_prevented)(?:\s*\+\s*(?P<delay>\S+))?"
)


def _since_start(text: str) -> timedelta:
    if not str(text).startswith("T+"):
        raise ValueError(f"'{text}' is not a time of the drill: write T+0, T+90s or T+5m")
    return duration(str(text)[2:])


def _span(text: object) -> timedelta:
    return duration(str(text))


def _address(text: str) -> str:
    address = ipaddress.ip_address(text)
    if address.version != 4:
        raise ValueError(f"{address} is not IPv4: drills send IPv4 only")
    return str(address)


def _network(text: str) -> str:
    return str(ipaddress.ip_network(text))


Duration = Annotated[timedelta, BeforeValidator(_span)]
SinceStart = Annotated[timedelta, BeforeValidator(_since_start)]
Address = Annotated[str, AfterValidator(_address)]
Network = Annotated[str, AfterValidator(_network)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
RuleFile = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.rules$")]
Technique = Annotated[str, Field(pattern=r"^T\d{4}(\.\d{3})?$")]


Value = str | int | float | bool


class Outcome(StrEnum):
    """What must have come of an inject before the next one follows."""

    SENT = "sent"
    PREVENTED = "prevented"
    NOT_PREVENTED = "not_prevented"


class ExpectationKind(StrEnum):
    """What is expected of the defence. An offline run judges detection and no_alert by itself; the others need what
    people or a live range observed."""

    DETECTION = "detection"
    PREVENTION = "prevention"
    HUMAN_RESPONSE = "human_response"
    AVAILABILITY = "availability"
    SEGMENTATION = "segmentation"
    NO_ALERT = "no_alert"


class Title(StrictModel):
    """A title in both languages of the product."""

    vi: str
    en: str


class Objective(StrictModel):
    """What the exercise is to show, in Vietnamese and, where given, in English."""

    id: str
    text: str
    text_en: str | None = None
    capability: str


class LegalDocument(StrictModel):
    """A legal basis that the product does not list itself."""

    title: str
    issued: date | None = None


class LinkLine(StrictModel):
    """A line between two hosts that are polled, the core first; `port` is the upstream one's."""

    upstream: str
    downstream: str
    port: str | None = None


class Actors(StrictModel):
    """Who plays: the attacking team, the defending team, the referees and the observers."""

    red: str = "attacker"
    blue: str = "soc"
    white: tuple[str, ...] = ()
    observers: tuple[str, ...] = ()


class Safety(StrictModel):
    """The bounds no packet leaves."""

    scope: tuple[Network, ...] = Field(min_length=1)
    isolation: Literal["offline", "netns"] = "offline"
    max_pps: int = Field(default=500, gt=0, le=100_000)
    max_duration: Duration = timedelta(hours=2)
    stop_phrase: str = "DỪNG DIỄN TẬP"


class Timing(StrictModel):
    """When an expectation is met in full (`target`), at the latest (`deadline`), and how much it counts (`weight`)."""

    target: Duration = timedelta(minutes=1)
    deadline: Duration = timedelta(minutes=5)
    weight: float = Field(default=1.0, gt=0)


class Expectation(StrictModel):
    """What must be seen after an inject: `match` has dotted keys of EVE or ECS and the value each must have, or a list
    of values of which it must have one."""

    id: Slug | None = None
    kind: ExpectationKind
    match: dict[str, Value | list[Value]] = Field(default_factory=dict)
    count: int = Field(default=1, ge=1)
    who: str | None = None
    task: str | None = None
    objective: str | None = None
    target: Duration | None = None
    deadline: Duration | None = None
    weight: float | None = Field(default=None, gt=0)
    critical: bool = False

    @model_validator(mode="after")
    def _complete(self) -> "Expectation":
        if self.kind in (ExpectationKind.DETECTION, ExpectationKind.PREVENTION) and not self.match:
            raise ValueError(f"a {self.kind} expectation needs 'match': dotted EVE or ECS keys and their values")
        if self.kind is ExpectationKind.HUMAN_RESPONSE and not (self.who and self.task):
            raise ValueError("a human_response expectation needs 'who' and 'task'")
        if self.target is not None and self.deadline is not None and self.deadline < self.target:
            raise ValueError("'deadline' is before 'target'")
        return self


class Predecessor(NamedTuple):
    """An inject that another one follows: how long after its start, and what must have come of it."""

    inject: str
    delay: timedelta
    outcome: Outcome


class Inject(StrictModel):
    """One thing that happens: an action with its parameters, at a time of its own or after another inject."""

    id: Slug
    at: SinceStart | None = None
    after: str | None = None
    phase: str | None = None
    technique: Technique | None = None
    actor: str = "red"
    action: str
    parameters: dict[str, JsonValue] = Field(default_factory=dict, alias="with")
    expectations: tuple[Expectation, ...] = ()

    @model_validator(mode="after")
    def _one_time(self) -> "Inject":
        if (self.at is None) == (self.after is None):
            raise ValueError("give either 'at' (T+5m) or 'after' (scan.sent + 3m, scan.not_prevented)")
        if self.after is not None:
            match = _AFTER.fullmatch(self.after.strip())
            if match is None:
                raise ValueError(f"'{self.after}' is not understood: write scan.sent + 3m, or scan.not_prevented")
            if match["delay"]:
                duration(match["delay"])
        return self

    def predecessor(self) -> Predecessor | None:
        """The inject this one follows, if it follows one."""
        if self.after is None:
            return None
        match = _AFTER.fullmatch(self.after.strip())
        assert match is not None
        delay = duration(match["delay"]) if match["delay"] else timedelta()
        return Predecessor(match["inject"], delay, Outcome(match["outcome"]))


class Scoring(StrictModel):
    """How credit falls between target (1.0) and deadline (`floor`), and what share earns which HSEEP rating."""

    decay: Literal["linear"] = "linear"
    floor: float = Field(default=0.5, ge=0, le=1)
    ratings: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=lambda: {"P": 0.9, "S": 0.7, "M": 0.4}
    )


class Scenario(StrictModel):
    """The whole exercise."""

    schema_: Literal["drill/1"] = Field(alias="schema")
    id: Slug
    title: Title
    mode: Literal["kich_ban", "thuc_chien", "tabletop"] = "kich_ban"
    severity: Literal["critical", "high", "medium", "low", "info"] = "high"
    legal_basis: tuple[str, ...] = ()
    legal_documents: dict[str, LegalDocument] = Field(default_factory=dict)
    objectives: tuple[Objective, ...] = ()
    actors: Actors = Actors()
    hosts: dict[Slug, Address]
    links: tuple[LinkLine, ...] = ()
    safety: Safety
    rules: RuleFile = "drill.rules"
    defaults: Timing = Timing()
    injects: tuple[Inject, ...] = Field(min_length=1)
    scoring: Scoring = Scoring()


def load_scenario(path: Path) -> Scenario:
    """The scenario of a file, checked for itself and for what it refers to. Raises `DocumentError`."""
    file = str(path)
    data, lines = read(read_text(path), file)
    scenario, problems = check(data, Scenario, lines, file)
    if scenario is not None:
        problems = [Problem(file, line_of(at, lines), text) for at, text in _contradictions(scenario)]
    if scenario is None or problems:
        raise DocumentError(problems)
    return scenario


def _contradictions(scenario: Scenario) -> list[tuple[Location, str]]:
    """What does not fit together, and where in the document."""
    return [*_outside(scenario), *_doubled(scenario), *_lost(scenario), *_lost_links(scenario), *_circles(scenario)]


def _outside(scenario: Scenario) -> Iterator[tuple[Location, str]]:
    scopes = [ipaddress.ip_network(network) for network in scenario.safety.scope]
    for name, address in scenario.hosts.items():
        if not any(ipaddress.ip_address(address) in scope for scope in scopes):
            text = f"host '{name}' ({address}) is outside safety.scope: add its network there, or change the address"
            yield ("hosts", name), text


def _doubled(scenario: Scenario) -> Iterator[tuple[Location, str]]:
    seen: set[str] = set()
    for index, inject in enumerate(scenario.injects):
        if inject.id in seen:
            yield ("injects", index, "id"), f"inject '{inject.id}' is given twice"
        seen.add(inject.id)


def _lost(scenario: Scenario) -> Iterator[tuple[Location, str]]:
    """References to what is not there."""
    ids = [inject.id for inject in scenario.injects]
    objectives = [objective.id for objective in scenario.objectives]
    for index, inject in enumerate(scenario.injects):
        before = inject.predecessor()
        if before is not None and before.inject not in ids:
            text = f"inject '{inject.id}' follows '{before.inject}', which is no inject: {nearest(before.inject, ids)}"
            yield ("injects", index, "after"), text
        for place, expectation in enumerate(inject.expectations):
            wanted = expectation.objective
            if wanted is not None and wanted not in objectives:
                text = f"inject '{inject.id}' expects for objective '{wanted}': {nearest(wanted, objectives)}"
                yield ("injects", index, "expectations", place, "objective"), text


def _lost_links(scenario: Scenario) -> Iterator[tuple[Location, str]]:
    for index, link in enumerate(scenario.links):
        for end in (link.upstream, link.downstream):
            if end not in scenario.hosts:
                yield ("links", index), f"a link names '{end}', which is no host: {nearest(end, list(scenario.hosts))}"


def _circles(scenario: Scenario) -> Iterator[tuple[Location, str]]:
    """Injects that wait for each other: each circle once, at its first inject."""
    follows = {inject.id: before.inject for inject in scenario.injects if (before := inject.predecessor())}
    told: set[str] = set()
    for index, inject in enumerate(scenario.injects):
        way = [inject.id]
        while way[-1] in follows and follows[way[-1]] not in way:
            way.append(follows[way[-1]])
        if follows.get(way[-1]) == inject.id and inject.id not in told:
            told.update(way)
            text = f"injects wait for each other: {' -> '.join([*way, inject.id])}; give one of them 'at'"
            yield ("injects", index, "after"), text


def schedule(scenario: Scenario) -> dict[str, timedelta]:
    """When each inject starts, from the start of the drill; `after` counts from the start of the inject it names."""
    injects = {inject.id: inject for inject in scenario.injects}
    starts: dict[str, timedelta] = {}
    for inject in scenario.injects:
        waiting, at = [inject], timedelta()
        while (before := waiting[-1].predecessor()) is not None and before.inject not in starts:
            waiting.append(injects[before.inject])
        for one in reversed(waiting):
            before = one.predecessor()
            at = one.at or timedelta() if before is None else starts[before.inject] + before.delay
            starts[one.id] = at
    return starts


def unreachable_offline(scenario: Scenario) -> frozenset[str]:
    """The injects that an offline run cannot send: they follow something prevented, and nothing is prevented there."""
    injects = {inject.id: inject for inject in scenario.injects}
    found = set()
    for inject in scenario.injects:
        before = inject.predecessor()
        while before is not None and before.outcome is not Outcome.PREVENTED:
            before = injects[before.inject].predecessor()
        if before is not None:
            found.add(inject.id)
    return frozenset(found)
