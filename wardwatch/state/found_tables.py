"""The tables of what is found by itself: devices that nobody entered, links between them, and who is on which port."""

from sqlalchemy import JSON, Column, ForeignKey, Table

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
