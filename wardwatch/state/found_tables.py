"""The tables of what is found by itself: devices that nobody entered, links between them, and who is on which port."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table

from wardwatch.state.tables import String, UtcTime, metadata

discovery_search = Table(
    "discovery_search",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", String, index=True),
    Column("state", String, index=True, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("touched_at", UtcTime),
    Column("body", JSON, nullable=False),
)
discovery_candidate = Table(
    "discovery_candidate",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", String, index=True),
    Column("state", String, index=True, nullable=False),
    Column("way", String, nullable=False),
    Column("last_seen", UtcTime, nullable=False, index=True),
    Column("body", JSON, nullable=False),
)
discovery_key = Table(
    "discovery_key",
    metadata,
    Column("key", String, primary_key=True),
    Column("candidate", ForeignKey("discovery_candidate.id"), nullable=False, index=True),
)

topology_link = Table(
    "topology_link",
    metadata,
    Column("id", String, primary_key=True),
    Column("upper", String, index=True, nullable=False),
    Column("lower", String, index=True, nullable=False),
    Column("body", JSON, nullable=False),
)
topology_group = Table(
    "topology_group",
    metadata,
    Column("id", String, primary_key=True),
    Column("body", JSON, nullable=False),
)
topology_group_device = Table(
    "topology_group_device",
    metadata,
    Column("group", ForeignKey("topology_group.id"), primary_key=True),
    Column("device", String, primary_key=True, index=True),
)
port_sighting = Table(
    "port_sighting",
    metadata,
    Column("mac", String, primary_key=True),
    Column("ip", String, primary_key=True),
    Column("device", String, primary_key=True),
    Column("port", String, primary_key=True),
    Column("vlan", Integer, primary_key=True, autoincrement=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False, index=True),
    Index("ix_port_sighting_ip", "ip"),
    Index("ix_port_sighting_device", "device", "port"),
)
