"""Traffic as the API says it."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import ApiModel, UnitRef, WordsView
from wardwatch.model.flows import Direction


class TrafficKind(ApiModel):
    """What traffic is of; null where it is not kept apart."""

    direction: Direction
    unit: UnitRef | None = None
    application: str | None = Field(default=None, description="`@` and the id for a service.", examples=["web"])
    title: WordsView | None = Field(default=None, description="The application's name.")
    local: str | None = Field(default=None, description="Inside; `*` is all others.", examples=["10.12.0.50"])
    peer: str | None = Field(default=None, description="Outside; `*` is all others.", examples=["203.0.113.7"])
    peer_unit: UnitRef | None = Field(default=None, description="Whose the peer is, where it is in sight.")


class TalkView(TrafficKind):
    """Sums over the range, scaled by the sampling rate; `mean_bps` is over the whole range."""

    bytes: float = Field(examples=[125_000_000.0])
    packets: float = Field(examples=[98_000.0])
    mean_bps: float = Field(examples=[277_777.8])


class TopTalkers(ApiModel):
    """The most bytes first; the rows of all others last."""

    start: datetime
    end: datetime
    bytes: float = Field(description="Of all traffic that was asked for, listed or not.", examples=[9_000_000_000.0])
    items: list[TalkView]


class FullnessView(TrafficKind):
    """Rates over windows of five minutes, in bit/s."""

    percentile_bps: float = Field(examples=[88_000_000.0])
    mean_bps: float = Field(examples=[21_000_000.0])
    highest_bps: float = Field(examples=[97_000_000.0])


class TrafficPercentiles(ApiModel):
    """By nearest rank over all windows of five minutes in the range; one without traffic counts as nought."""

    start: datetime
    end: datetime
    percent: float = Field(examples=[95.0])
    windows: int = Field(description="How many windows the range has.", examples=[8640])
    items: list[FullnessView]
