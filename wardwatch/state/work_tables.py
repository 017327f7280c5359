"""The tables of what people have decided about alerts."""

from sqlalchemy import Column, Table

from wardwatch.state.tables import String, UtcTime, metadata

suppression = Table(
    "suppression",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    Column("rule_id", String),
    Column("source", String),
    Column("destination", String),
    Column("unit", String, index=True),
    Column("device", String),
    Column("ended_at", UtcTime),
)
