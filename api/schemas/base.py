"""What all answers share: the page, the problem, references by id and name, and counts by status."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from wardwatch.model.status import Status

Item = TypeVar("Item")


class ApiModel(BaseModel):
    """Base of every model: read from dataclasses, refuses unknown keys, times in RFC 3339 UTC."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, frozen=True)


class ListPage(ApiModel, Generic[Item]):
    """One page of a list; `next` goes into `cursor` for the following one and is null at the end."""

    items: list[Item]
    next: str | None = Field(default=None, examples=["eyJrIjpbMTJdfQ"])
    total: int | None = Field(default=None, description="How many there are in all, where known.", examples=[412])


class ProblemDetail(ApiModel):
    """An error (RFC 9457, `application/problem+json`): what is wrong, and what to do about it."""

    type: str = Field(examples=["urn:wardwatch:problem:not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["there is no device 'w-001-sw1' in your units"])
    hint: str | None = Field(default=None, examples=["look it up with /api/v1/search?q="])
    error_id: str | None = Field(
        default=None, description="For 500 only: the id under which the server logged it.", examples=["6f1c2ab09d3e"]
    )


class WordsView(ApiModel):
    """A text in both languages."""

    vi: str = Field(examples=["Tấn công cổng dịch vụ công"])
    en: str = Field(examples=["Attack on the one-stop portal"])


INCIDENT_TITLE = {"vi": "Gián đoạn: rt1.hang-bac – Phường Hàng Bạc", "en": "Outage: rt1.hang-bac – Phường Hàng Bạc"}
"""An example."""


class Ref(ApiModel):
    """A thing by its id and name."""

    id: str = Field(examples=["d-hoan-kiem"])
    name: str = Field(examples=["Quận Hoàn Kiếm"])


class UnitRef(Ref):
    """A unit by its id and name, with its kind (city, department, district, ward ...)."""

    kind: str = Field(examples=["district"])


class StatusCounts(ApiModel):
    """How many devices (or units) are in each status."""

    total: int = Field(default=0, examples=[5])
    ok: int = Field(default=0, examples=[4])
    degraded: int = Field(default=0, examples=[0])
    down: int = Field(default=0, examples=[1])
    behind: int = Field(default=0, examples=[0])
    maintenance: int = Field(default=0, examples=[0])
    no_data: int = Field(default=0, examples=[0])

    @classmethod
    def of(cls, statuses: list[Status]) -> "StatusCounts":
        counts = {status.value: statuses.count(status) for status in Status}
        return cls(total=len(statuses), **counts)
