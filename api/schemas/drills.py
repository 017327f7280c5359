"""Drill runs and their scores."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import ApiModel, WordsView


class ExpectationView(ApiModel):
    """What was expected of an inject and how it ended: `met`, `late`, `missed` or `void` (not evaluable)."""

    id: str = Field(examples=["sqli-detection-1"])
    inject: str | None = Field(default=None, examples=["sqli"])
    kind: str = Field(examples=["detection"])
    technique: str | None = Field(examples=["T1190"])
    status: str = Field(examples=["met"])
    time_to_detect_s: float | None = Field(examples=[4.2])
    credit: float = Field(examples=[1.0])
    reason: str = Field(default="", examples=["seen 4.200 s after the first packet"])
    rung: str | None = Field(
        default=None, description="`alerted`, `logged_only` or `none`; null when it was not judged as a detection."
    )
    seen_as: list[str] = Field(default=[], description="EVE record types that tell of the inject.", examples=[["dns"]])


class DrillView(ApiModel):
    """A drill run in a list; `score` is time-weighted, 0 to 1; null when nothing could be judged."""

    id: str = Field(examples=["20261123T040000Z-web-attack-7"])
    scenario: str = Field(examples=["one-stop-web-attack"])
    title: WordsView
    seed: int = Field(examples=[7])
    started_at: datetime
    score: float | None = Field(examples=[0.865])
    met: int = Field(examples=[5])
    late: int = Field(examples=[1])
    missed: int = Field(examples=[1])
    void: int = Field(examples=[0])
    false_positives: int = Field(examples=[0])


class DrillDetail(DrillView):
    """One run with its expectations and the fingerprint of its packets."""

    sha256: str = Field(description="SHA-256 (hex) of the packets sent: same seed, same bytes.")
    expectations: list[ExpectationView]
