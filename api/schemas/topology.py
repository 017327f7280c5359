"""What is plugged into what, and who is on which port."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import ApiModel, Ref, UnitRef
from wardwatch.model.inventory import DeviceRole
from wardwatch.model.status import Status
from wardwatch.model.topology import Proof


class TopologyNode(ApiModel):
    """A device of the map."""

    id: str = Field(examples=["w-001-rt1"])
    name: str = Field(examples=["rt1.hang-bac"])
    role: DeviceRole
    unit: UnitRef
    status: Status
    since: datetime | None
    group: str | None = Field(description="The redundancy group it is in.")


class TopologyEnd(ApiModel):
    """One end of a link."""

    device: str | None = Field(description="Null when it is out of the caller's scope.", examples=["w-001-rt1"])
    port: str | None = Field(description="As the device calls it; null where nobody knows.", examples=["Gi0/1"])


class LinkLoad(ApiModel):
    """What a link carries now, measured at one end: `down` goes from the upper end to the lower."""

    down_bps: float | None = Field(examples=[12_400_000.0])
    up_bps: float | None = Field(examples=[3_100_000.0])
    utilisation_pct: float | None = Field(examples=[1.24])
    speed_bps: float | None = Field(examples=[1e9])
    at: datetime


class TopologyLink(ApiModel):
    """A link; `upper` is the end nearer the core."""

    id: str
    upper: TopologyEnd
    lower: TopologyEnd
    source: Proof = Field(description="The surest thing it is known by; the inventory's links win.")
    confidence: float = Field(description="0 to 1; 1 only in the inventory.", examples=[0.99])
    stale: bool = Field(description="Nobody has confirmed it lately.")
    conflict: str = Field(description="What speaks against it, in English; empty for nothing.")
    circuit: Ref | None = Field(description="The leased line it is.")
    first_seen: datetime
    last_seen: datetime
    load: LinkLoad | None


class EvidenceView(ApiModel):
    """One thing that speaks for a link."""

    proof: Proof
    device: str = Field(description="Who said it.", examples=["w-001-rt1"])
    detail: str = Field(examples=["sw1.hang-bac port Gi0/1 (known by its MAC address)"])
    at: datetime


class TopologyLinkDetail(TopologyLink):
    """A link with everything that speaks for it."""

    evidence: list[EvidenceView] = Field(description="Empty where one end is out of the caller's scope.")


class RedundancyGroupView(ApiModel):
    """Devices that stand in for each other."""

    id: str
    devices: list[str]
    derived_from: str = Field(description="inventory, vrrp, hsrp or position.", examples=["position"])
    detail: str


class TopologyView(ApiModel):
    """The map: devices, links and redundancy groups in sight."""

    nodes: list[TopologyNode]
    links: list[TopologyLink]
    groups: list[RedundancyGroupView]


class HostView(ApiModel):
    """Who was on a port, and when."""

    mac: str = Field(examples=["00:1b:21:3c:4d:5e"])
    ip: str | None = Field(examples=["10.12.0.50"])
    device: Ref
    port: str = Field(examples=["Gi0/12"])
    vlan: int | None = Field(examples=[10])
    first_seen: datetime
    last_seen: datetime
