"""The tables of what people keep about services."""

from sqlalchemy import Boolean, Column, Integer, Table

from wardwatch.state.tables import String, UtcTime, metadata

maintenance = Table(
    "maintenance",
    metadata,
    Column("id", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False, index=True),
    Column("unit", String, index=True),
    Column("device", String),
    Column("service", String),
    Column("ended_at", UtcTime),
)
held_certificate = Table(
    "held_certificate",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("unit", String, nullable=False, index=True),
    Column("issuer", String, nullable=False),
    Column("serial", String, nullable=False),
    Column("valid_from", UtcTime),
    Column("valid_to", UtcTime, nullable=False, index=True),
    Column("warn_days", Integer, nullable=False),
)
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("unit", String, nullable=False, index=True),
    Column("token_hash", String, nullable=False, index=True),
    Column("every_s", Integer, nullable=False),
    Column("grace_s", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("service", String),
    Column("last_at", UtcTime),
    Column("last_ok", Boolean, nullable=False),
    Column("detail", String, nullable=False),
)
