"""Devices, their interfaces and their series."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import INCIDENT_TITLE, ApiModel, Ref, UnitRef, WordsView
from api.schemas.units import ServiceRef
from wardwatch.model.inventory import DeviceRole
from wardwatch.model.status import Status


class DeviceView(ApiModel):
    """A device and how it is now."""

    id: str = Field(examples=["w-001-rt1"])
    name: str = Field(examples=["rt1.hang-bac"])
    role: DeviceRole
    unit: UnitRef
    address: str = Field(examples=["10.12.0.1"])
    vendor: str | None = Field(examples=["cisco"])
    model: str | None = Field(examples=["ISR 1121"])
    status: Status
    since: datetime | None
    checked_at: datetime | None = Field(description="When it was last judged; null before the first poll.")
    cause: WordsView = Field(
        description="Why it is so, a sentence for people; empty where there is nothing to say.",
        examples=[{"vi": "Không trả lời SNMP 3 lần liên tiếp", "en": "No answer to SNMP, 3 times in a row"}],
    )
    behind: Ref | None = Field(description="The device that cuts it off, when its status is `behind`.")
    drill: bool = Field(description="Whether an open incident of a drill touches it.")


class SystemFacts(ApiModel):
    """What the device says of itself (SNMPv2-MIB system group)."""

    at: datetime
    facts: dict[str, str | int | float | bool | None] = Field(
        examples=[{"sys_name": "rt1.hang-bac", "sys_descr": "Cisco IOS XE", "uptime_s": 86400.0}]
    )


class CircuitView(ApiModel):
    """The (leased) line of a link: whom to call."""

    id: str = Field(examples=["c-001"])
    name: str = Field(examples=["WAN Hàng Bạc"])
    provider: str = Field(examples=["VNPT"])
    provider_reference: str = Field(examples=["HNI-44120"])
    contact: str | None = Field(examples=["18001091"])
    bandwidth_bps: int | None = Field(examples=[100_000_000])
    agreed_availability_pct: float | None = Field(examples=[99.5])


class LinkView(ApiModel):
    """A connection of this device; `direction` says on which side of it the peer stands."""

    id: str
    direction: str = Field(description="`upstream` (the peer is nearer the core) or `downstream`.")
    peer: Ref | None = Field(description="The device at the other end; null when it is out of the caller's scope.")
    peer_status: Status | None
    port: str | None = Field(description="The port on this device.", examples=["GigabitEthernet0/1"])
    peer_port: str | None
    circuit: CircuitView | None


class IncidentRef(ApiModel):
    """An incident by its id and title."""

    id: str
    title: WordsView = Field(examples=[INCIDENT_TITLE])


class DeviceDetail(DeviceView):
    """One device with everything known of it."""

    ancestors: list[UnitRef] = Field(description="Units above it, from the root down to its own.")
    site: Ref | None
    zone: str = Field(examples=["wan"])
    serial: str | None
    addresses: list[str]
    ports: int = Field(examples=[24])
    redundancy_group: str | None
    system: SystemFacts | None
    links: list[LinkView]
    services: list[ServiceRef] = Field(description="Services standing on it, directly or through others.")
    incidents: list[IncidentRef] = Field(description="Open incidents that name it.")


class InterfaceView(ApiModel):
    """An interface: what is known of it (IF-MIB) with its latest rates."""

    index: str = Field(examples=["1"])
    name: str = Field(examples=["Gi0/1"])
    alias: str | None = Field(examples=["WAN to district"])
    type: int | None = Field(description="IANAifType.", examples=[6])
    oper: int | None = Field(description="ifOperStatus: 1 up, 2 down ... 7 lowerLayerDown.", examples=[1])
    admin: int | None = Field(description="ifAdminStatus: 1 up, 2 down, 3 testing.", examples=[1])
    speed_bps: float | None = Field(examples=[1e9])
    in_bps: float | None = Field(examples=[12_400_000.0])
    out_bps: float | None = Field(examples=[3_100_000.0])
    utilisation_pct: float | None = Field(examples=[1.24])
    in_errors_ps: float | None = Field(examples=[0.0])
    out_errors_ps: float | None = Field(examples=[0.0])
    in_discards_ps: float | None = Field(examples=[0.0])
    out_discards_ps: float | None = Field(examples=[0.0])
    at: datetime | None = Field(description="When the rates were measured; null when there are none.")


class HealthView(ApiModel):
    """One thing a device measures of itself: a processor, memory, storage or a sensor."""

    kind: str = Field(description="`processor`, `memory`, `storage` or `sensor`: the measurement.", examples=["sensor"])
    index: str = Field(description="Its row in the measurement.", examples=["1.3.6.1.4.1.9.9.13.1.3.1.3.1006"])
    label: str = Field(examples=["Inlet"])
    sensor_class: str | None = Field(description="What a sensor measures.", examples=["temperature"])
    value: float | None = Field(description="Percent used, or in `unit`.", examples=[36.5])
    unit: str = Field(description="Unit of the value; empty for states and counts.", examples=["°C"])
    state: str | None = Field(description="What the value means, of a state.", examples=["normal"])
    total_bytes: float | None = Field(description="Size of memory or storage.", examples=[8589934592.0])
    at: datetime | None = Field(description="When it was measured; null before the first time.")


class FactTable(ApiModel):
    """Rows of one kind that a device tells of itself, as they were last read."""

    kind: str = Field(examples=["neighbours"])
    at: datetime
    columns: list[str] = Field(examples=[["local_port", "remote_system", "remote_port"]])
    rows: list[dict[str, str | int | float | bool | None]]
    total: int = Field(description="How many rows there are; at most 500 are listed.", examples=[2])


class SeriesView(ApiModel):
    """Columns of a measurement averaged into steps; steps without data are absent."""

    device: str
    measurement: str = Field(examples=["interface"])
    index: str = Field(examples=["1"])
    start: datetime = Field(description="Start of the range, as resolved.")
    end: datetime
    step_s: float = Field(examples=[60.0])
    at: list[datetime]
    columns: dict[str, list[float | None]] = Field(examples=[{"in_bps": [1.2e6, None], "out_bps": [4.0e5, 4.1e5]}])
    units: dict[str, str] = Field(examples=[{"in_bps": "bit/s", "out_bps": "bit/s"}])
