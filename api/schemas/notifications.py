"""Notifications and rotas as the API says them."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import ApiModel
from wardwatch.notify.log import Outcome


class NotificationView(ApiModel):
    """One line of the log: what became of an attempt."""

    at: datetime
    channel: str = Field(description="Empty where nobody could be told.", examples=["noc-mail"])
    outcome: Outcome
    attempt: int = Field(examples=[1])
    reason: str = Field(description="Why it was not taken.", examples=["error=503"])
    title: str = Field(examples=["#12 Outage: rt1.hang-bac"])
    incident: str = Field(description="Empty for a test.", examples=["7d9c3a52-6a9f-5e0c-8f53-1f6f3c1f7b10"])
    route: str = Field(examples=["serious"])
    drill: bool


class TurnView(ApiModel):
    """A week of a rota."""

    person: str = Field(examples=["an"])
    start: datetime
    end: datetime


class RotaView(ApiModel):
    """Who is on call now, and the weeks from now on; `on_call` already counts who stands in."""

    name: str = Field(examples=["noc"])
    on_call: str | None = Field(examples=["an"])
    weeks: list[TurnView]


class NotificationTest(ApiModel):
    """Which channel is tried."""

    channel: str = Field(min_length=1, max_length=200, examples=["noc-mail"])


class RotasView(ApiModel):
    """All rotas, and the channels that may be tried."""

    items: list[RotaView]
    channels: list[str] = Field(examples=[["noc-mail"]])
