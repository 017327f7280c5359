"""The playbook: one YAML document, checked strictly."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from playbooks.platforms import Pattern, platforms
from wardwatch.model.inventory import DeviceRole
from wardwatch.model.time import duration
from wardwatch.strict_yaml import SecretReference, StrictModel, nearest

Risk = Literal["low", "medium", "high"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]


def _platform(name: str) -> str:
    if name not in platforms():
        raise ValueError(f"there is no platform '{name}': {nearest(name, list(platforms()))}")
    return name


def _duration(text: str) -> str:
    duration(text)
    return text


PlatformName = Annotated[str, AfterValidator(_platform)]
Duration = Annotated[str, AfterValidator(_duration)]


class Title(StrictModel):
    """What it does, in both languages."""

    vi: str
    en: str


class Select(StrictModel):
    """Which devices: every key given must hold. A unit stands for its whole subtree."""

    devices: list[str] = Field(default_factory=list)
    roles: list[DeviceRole] = Field(default_factory=list)
    units: list[str] = Field(default_factory=list)
    sites: list[str] = Field(default_factory=list)
    zones: list[str] = Field(default_factory=list)
    vendors: list[str] = Field(default_factory=list)
    platforms: list[PlatformName] = Field(default_factory=list)


class Targets(StrictModel):
    """Which devices a playbook may touch, and how many at most. `chosen`: only those named when it is planned."""

    select: Select = Select()
    exclude: list[str] = Field(default_factory=list)
    max: int = Field(default=50, ge=1, le=5000)
    chosen: bool = False


class Variable(StrictModel):
    """A value of the templates; without a default (and, of a secret, without `ref`) it must be given when planned."""

    type: Literal["text", "word", "integer", "ip", "ip_list", "network", "vlan", "mac", "secret"]
    default: str | int | list[str] | None = None
    ref: SecretReference | None = None
    title: Title | None = None


class Check(StrictModel):
    """Something that must hold, before or after. `command` asks each platform and expects a text in the answer;
    `new_session` is a login that succeeds; `running_equals_startup` is said by its name."""

    id: Name
    type: Literal["command", "new_session", "running_equals_startup"]
    command: dict[PlatformName, str] = Field(default_factory=dict)
    expect: Pattern = ""
    forbid: Pattern | None = None
    retries: int = Field(default=0, ge=0, le=60)
    every: Duration = "5s"


class Checks(StrictModel):
    """What must hold before and after."""

    pre: list[Check] = Field(default_factory=list)
    post: list[Check] = Field(default_factory=list)


class Canary(StrictModel):
    """The first devices, and how long they are watched."""

    count: int = Field(default=1, ge=1)
    bake: Duration = "5m"


class Rollout(StrictModel):
    """In which steps. `batches` are cumulative shares; `max_failure_pct` of those done ends it."""

    canary: Canary = Canary()
    batches: tuple[Annotated[str, Field(pattern=r"^\d{1,3}%$")], ...] = ("5%", "25%", "100%")
    bake: Duration = "2m"
    parallel: int = Field(default=10, ge=1, le=100)
    per_site: int = Field(default=2, ge=1)
    max_failure_pct: float = Field(default=5, ge=0, le=100)


class Rollback(StrictModel):
    """`timer_minutes` is the device's own timer, where it has one. `on_fail`: what is taken back when it halts."""

    timer_minutes: int = Field(default=5, ge=1, le=60)
    on_fail: Literal["device", "all"] = "device"


class Approval(StrictModel):
    """How many people besides the author; None: by risk (low 0, medium 1, high 2)."""

    min: int | None = Field(default=None, ge=0, le=5)
    valid_for: Duration = "24h"

    @property
    def valid(self) -> timedelta:
        return duration(self.valid_for)


class Window(StrictModel):
    """When it may run, in the time of Ho Chi Minh City: `Sat 22:00-02:00` or `daily 22:00-05:00`; none: always.
    `freeze` are days (YYYY-MM-DD) on which it may not."""

    allow: list[Annotated[str, Field(pattern=r"^(daily|Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d-\d\d:\d\d$")]] = Field(
        default_factory=list
    )
    freeze: list[Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]] = Field(default_factory=list)


class Lint(StrictModel):
    """Lint rules that this playbook may break, each by its id."""

    allow: list[str] = Field(default_factory=list)


class Playbook(StrictModel):
    """A change of configuration that can be planned, approved, pushed and taken back."""

    apiVersion: Literal["playbook/v1"]  # noqa: N815
    name: Name
    title: Title
    owner: str
    kind: Literal["change", "response", "check"] = "change"
    risk: Risk
    targets: Targets = Targets()
    vars: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Variable] = Field(default_factory=dict)
    config: dict[PlatformName, str] = Field(default_factory=dict)
    checks: Checks = Checks()
    rollout: Rollout = Rollout()
    rollback: Rollback = Rollback()
    approval: Approval = Approval()
    window: Window = Window()
    lint: Lint = Lint()
