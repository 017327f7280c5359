"""The parts of WardWatch itself."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import ApiModel, WordsView
from wardwatch.model.health import PartState

CAUSE = {
    "vi": "đã vắng mặt 4 giây; bị dừng bởi tín hiệu SIGKILL",
    "en": "was away for 4 s; ended by signal SIGKILL",
}


class PartView(ApiModel):
    """One part as it last said itself; `silent` when three of its reports did not come, `failed` when it ends again and
    again."""

    edge: str = Field(description="Who reports it: the supervisor, a process, a remote edge.", examples=["supervisor"])
    part: str = Field(examples=["ingest"])
    state: PartState
    since: datetime = Field(description="When it last changed its state.")
    at: datetime = Field(description="When it was last heard.")
    restarts: int = Field(description="How often it was started again since its reporter's start.", examples=[1])
    detail: WordsView = Field(description="The cause, or empty.", examples=[CAUSE])
    figures: dict[str, float] = Field(
        description="What it measures of itself, units in the names.", examples=[{"rss_bytes": 183500800.0}]
    )
