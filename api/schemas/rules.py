"""Suricata's rules as the API says them."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import ApiModel
from detectors.rules.fetching import SourceState
from detectors.rules.versions import Deed

VERSION = "4be2f0a3c1d95b7e8f60123456789abcdef0123456789abcdef0123456789abc"


class RuleView(ApiModel):
    """One rule of the set that sensors get, with what it alerted in the caller's units."""

    sid: int = Field(examples=[2100498])
    rev: int = Field(examples=[7])
    action: str = Field(examples=["alert"])
    protocol: str = Field(examples=["http"])
    message: str = Field(examples=["WARDWATCH SQL injection, UNION SELECT in a request"])
    classtype: str = Field(examples=["web-application-attack"])
    techniques: list[str] = Field(description="ATT&CK ids.", examples=[["T1190"]])
    enabled: bool
    alerts: int = Field(examples=[41])
    last_at: datetime | None = None


class RuleDetail(RuleView):
    """A rule with its text."""

    text: str


class RulesPage(ApiModel):
    """Rules, those that alert most first. `active` counts those that sensors load."""

    items: list[RuleView]
    next: str | None = None
    total: int = Field(examples=[412])
    active: int = Field(examples=[398])
    version: str | None = Field(description="Of the set that sensors get.", examples=[VERSION])
    since: datetime


class RuleCountsView(ApiModel):
    """How many rules a set has: loaded, without effect, taken out because Suricata refuses them."""

    active: int
    disabled: int
    broken: int


class RuleVersionView(ApiModel):
    """One line of the history."""

    version: str = Field(examples=[VERSION])
    deed: Deed
    at: datetime
    by: str = Field(examples=["an"])
    why: str
    counts: RuleCountsView


class RolloutView(ApiModel):
    """A set that some sensors try before the others."""

    version: str = Field(examples=[VERSION])
    first: list[str] = Field(examples=[["local", "district-1"]])
    began_at: datetime
    tried_at: datetime | None = Field(description="When the last of them had loaded it.")
    for_s: float


class RuleVersionsView(ApiModel):
    """What was done with sets, newest first."""

    deployed: str | None
    rollout: RolloutView | None
    items: list[RuleVersionView]


class RuleSourceView(ApiModel):
    """How a source stands in the candidate: `fresh`, `kept` (as it was the last time) or `absent`."""

    name: str = Field(examples=["city"])
    state: SourceState
    at: datetime | None = None
    sha256: str = ""
    reason: str = ""


class RuleProblemView(ApiModel):
    """A rule that Suricata refuses."""

    file: str = Field(examples=["local/city.rules"])
    line: int = Field(examples=[12])
    reason: str = Field(examples=["sid 9100001: unknown rule keyword 'conten'."])


class ChangedRule(ApiModel):
    """A rule that the candidate adds, removes or changes."""

    sid: int
    message: str


class RuleChangesView(ApiModel):
    """Against the set that is deployed; at most 200 of each are named."""

    added: int
    removed: int
    changed: int
    added_rules: list[ChangedRule]
    removed_rules: list[ChangedRule]
    changed_rules: list[ChangedRule]


class RuleDifferenceView(ApiModel):
    """Alerts of one rule over the captures, before and after."""

    sid: int
    message: str
    before: int
    after: int


class ReplayView(ApiModel):
    """What the candidate would change over the stored captures."""

    captures: int
    alerts_before: int
    alerts_after: int
    rules: list[RuleDifferenceView]
    unread: list[str] = Field(description="Captures that could not be read.")


class RuleCandidateView(ApiModel):
    """The set that was built last and can be deployed."""

    version: str = Field(examples=[VERSION])
    built_at: datetime
    by: str
    counts: RuleCountsView
    sources: list[RuleSourceView]
    problems: list[RuleProblemView]
    changes: RuleChangesView
    replay: ReplayView | None = Field(description="Null before it was replayed.")


class RuleWorkshop(ApiModel):
    """What there is to deploy, and over what it can be replayed."""

    candidate: RuleCandidateView | None
    captures: bool = Field(description="Whether there are stored captures.")
    first: list[str] = Field(description="The sensors that try a set before the others.", examples=[["local"]])


class RuleUpdateRequest(ApiModel):
    """A new candidate out of the sources."""

    offline: bool = False


class RuleDeployRequest(ApiModel):
    """The candidate that was looked at, and why it is deployed."""

    version: str = Field(min_length=64, max_length=64, examples=[VERSION])
    why: str = Field(min_length=1, max_length=500, examples=["rules against the new campaign"])
    at_once: bool = Field(default=False, description="To all sensors, also where some come first.")


class RuleRollbackRequest(ApiModel):
    """An earlier version; null for the one before, or to end a rollout."""

    version: str | None = Field(default=None, min_length=6, max_length=64)
    why: str = Field(min_length=1, max_length=500)


class ArchiveView(ApiModel):
    """An archive that was brought: name it in rules.yaml."""

    name: str = Field(examples=["city-2026-11.tar.gz"])
    bytes: int
