"""Sigma rules and ATT&CK coverage as the API says them."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import ApiModel, WordsView
from wardwatch.model.status import Severity


class SeenView(ApiModel):
    """What was alerted in the caller's units over the days asked for."""

    groups: int = Field(description="Alert groups.", examples=[3])
    alerts: int = Field(examples=[41])
    last_at: datetime | None = None


class SigmaRuleView(ApiModel):
    """One rule. `active` is false where there are no events of its logsource; `silent` ones only feed correlations."""

    id: str = Field(examples=["4882d2f4-f7e6-5d51-89e1-9440538f7aea"])
    title: WordsView
    description: WordsView
    severity: Severity
    kind: str = Field(description="`rule`, or the type of a correlation.", examples=["rule", "event_count"])
    logsource: str | None = Field(examples=["product: suricata, service: http"])
    datasets: list[str] = Field(examples=[["suricata.http"]])
    techniques: list[str] = Field(description="ATT&CK ids.", examples=[["T1190"]])
    tactics: list[str] = Field(description="ATT&CK ids.", examples=[["TA0001"]])
    false_positives: list[str]
    ours: bool = Field(description="Of the product; else of this installation.")
    active: bool
    silent: bool
    seen: SeenView


class SigmaProblemView(ApiModel):
    """What is wrong with a rule file."""

    file: str = Field(examples=["mine.yml"])
    line: int = Field(examples=[13])
    reason: str = Field(examples=["Broken: Detection 't' not defined in detections"])


class SigmaRulesView(ApiModel):
    """All rules that were read, by title; what could not be used."""

    parsed: int = Field(examples=[90])
    routed: int = Field(examples=[90])
    items: list[SigmaRuleView]
    problems: list[SigmaProblemView]


class TechniqueView(ApiModel):
    """One technique or sub-technique of ATT&CK: the rules that would see it, and what was seen of it."""

    id: str = Field(examples=["T1110.001"])
    tactics: list[str] = Field(examples=[["TA0006"]])
    rules: list[str] = Field(description="Ids of Sigma rules.", examples=[["4882d2f4-f7e6-5d51-89e1-9440538f7aea"]])
    seen: SeenView


class CoverageView(ApiModel):
    """ATT&CK by id: what rules name, and what was alerted (by the IDS as well)."""

    since: datetime
    items: list[TechniqueView]
