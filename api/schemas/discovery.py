"""Searches for devices, and the candidates that wait for a person."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field, model_validator

from api.schemas.base import ApiModel, Ref, UnitRef, WordsView
from wardwatch.model.discovery import CandidateState, SearchState, Way
from wardwatch.model.inventory import DeviceRole


class SearchView(ApiModel):
    """A search and how far it is."""

    id: str
    way: Way
    target: str = Field(description="The prefix, the device's id or the file's name.", examples=["10.12.0.0/24"])
    unit: UnitRef | None = Field(description="The unit it lies in; null where it spans several.")
    port: int | None
    depth: int
    state: SearchState
    asked_by: str = Field(examples=["lan"])
    asked_at: datetime
    ended_at: datetime | None
    asked: int = Field(description="Addresses asked.", examples=[254])
    answered: int = Field(description="Devices that answered.", examples=[7])
    known: int = Field(description="Of these, devices of the inventory.", examples=[5])
    found: int = Field(description="Candidates, new or seen again.", examples=[2])
    passed_over: int = Field(
        description="Neighbours that were not asked: no allowed address, or too many.", examples=[0]
    )
    note: str = Field(description="Why it ended early, or what went wrong on the way; empty for nothing.")


class SearchRequest(ApiModel):
    """Where to look: a `sweep` of a prefix inside the inventory's networks, or a `crawl` from a device."""

    way: Way
    target: str = Field(min_length=1, max_length=200, examples=["10.12.0.0/24"])
    port: int | None = Field(default=None, ge=1, le=65535, description="UDP port; else what devices there use.")
    depth: int = Field(default=3, ge=1, le=8, description="How far a crawl goes.")

    @model_validator(mode="after")
    def _on_the_network(self) -> "SearchRequest":
        if self.way is Way.NETBOX:
            raise ValueError("NetBox's exports are read by `wardwatch discover --netbox FILE`")
        return self


class DuplicateView(ApiModel):
    """The device of the inventory that a candidate seems to be."""

    device: Ref
    by: str = Field(description="serial, chassis, name or address.", examples=["serial"])


class ProposalView(ApiModel):
    """Where a candidate would stand, and why."""

    id: str = Field(examples=["sw2-hang-bac"])
    name: str = Field(examples=["sw2.hang-bac"])
    role: DeviceRole | None
    unit: UnitRef | None
    site: str | None = Field(examples=["site-hang-bac"])
    zone: str | None = Field(examples=["lan"])
    reasons: list[WordsView]


class CandidateView(ApiModel):
    """A device that was found and is not in the inventory."""

    id: str
    state: CandidateState
    address: str = Field(examples=["10.12.0.9"])
    port: int = Field(examples=[161])
    addresses: list[str] = Field(description="Its others.")
    credential: str | None = Field(description="The id of the one that worked.", examples=["snmp-v3-read"])
    name: str = Field(description="sysName; empty where it said none.", examples=["sw2.hang-bac"])
    object_id: str = Field(description="sysObjectID.", examples=["1.3.6.1.4.1.2011.2.23"])
    descr: str
    family: str = Field(description="Its vendor profile.", examples=["huawei-vrp"])
    vendor: str = Field(examples=["Huawei"])
    model: str = Field(examples=["S5720-28P-LI"])
    serial: str = Field(examples=["2102351BTL10H6000123"])
    chassis: str = Field(description="Its MAC address.", examples=["00:e0:fc:12:34:56"])
    way: Way
    source: str = Field(description="The search's target that brought it.", examples=["10.12.0.0/24"])
    seen_by: Ref | None = Field(description="The device that named it as its neighbour.")
    first_seen: datetime
    last_seen: datetime
    proposal: ProposalView
    duplicate: DuplicateView | None
    device: Ref | None = Field(description="What it became.")
    decided_by: str | None
    decided_at: datetime | None
    version: int = Field(examples=[1])


class Verdict(StrEnum):
    """What a person can decide of a candidate."""

    ACCEPT = "accept"
    REJECT = "reject"
    MERGE = "merge"


class CandidateDecision(ApiModel):
    """A decision. With `accept`, what is given stands instead of the proposal and `device` is the new device's id; with
    `merge`, `device` is the one it is (absent: the duplicate)."""

    verdict: Verdict
    device: str | None = Field(default=None, max_length=120)
    name: str | None = Field(default=None, max_length=500)
    role: DeviceRole | None = None
    unit: str | None = Field(default=None, max_length=120)
    site: str | None = Field(default=None, max_length=120)
    zone: str | None = Field(default=None, max_length=120)
    address: str | None = Field(default=None, max_length=60)
    credential: str | None = Field(default=None, max_length=120)
