"""The tables of the state store. `migrations` builds them; a test holds the two equal."""

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy import String as AnyString

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Text that every engine keeps: PostgreSQL refuses NUL, both refuse halves of surrogate pairs. Hostile packets
    hold either."""
    return _UNSTORABLE.sub("\ufffd", text)


class String(TypeDecorator[str]):
    """Text, made storable on its way in."""

    impl = AnyString
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC with microseconds. SQLite has no time zones: there it is UTC without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _inventory(kind: str, *columns: Column[Any]) -> Table:
    """A kind of the inventory: the columns that queries need, and the whole of it as JSON."""
    return Table(f"inventory_{kind}", metadata, Column("id", String, primary_key=True), *columns, Column("body", JSON))


def _text(name: str, *, index: bool = False, nullable: bool = True) -> Column[Any]:
    return Column(name, String, index=index, nullable=nullable)


unit = _inventory("unit", _text("parent"), _text("name"), _text("searchable"))
zone = _inventory("zone")
site = _inventory("site", _text("unit", index=True))
credential = _inventory("credential")
device = _inventory(
    "device",
    _text("unit", index=True),
    _text("site"),
    _text("credential"),
    _text("name"),
    _text("searchable"),
)
circuit = _inventory("circuit")
link = _inventory("link", _text("upstream", index=True), _text("downstream", index=True), _text("circuit"))
service = _inventory("service", _text("owner", index=True), _text("name"), _text("searchable"))
check = _inventory("check", _text("service", index=True))

unit_closure = Table(
    "unit_closure",
    metadata,
    Column("ancestor", String, primary_key=True),
    Column("descendant", String, primary_key=True, index=True),
)
inventory_version = Table(
    "inventory_version", metadata, Column("id", Integer, primary_key=True), Column("version", Integer, nullable=False)
)

device_status = Table(
    "device_status",
    metadata,
    Column("device", String, primary_key=True),
    _text("unit", index=True, nullable=False),
    _text("status", nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("checked_at", UtcTime, nullable=False),
    Column("cause", JSON, nullable=False),
    _text("behind"),
    Column("failures", Integer, nullable=False),
)
device_facts = Table(
    "device_facts",
    metadata,
    Column("device", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("rows", JSON, nullable=False),
)

alert_group = Table(
    "alert_group",
    metadata,
    Column("id", String, primary_key=True),
    _text("namespace", nullable=False),
    _text("rule_id", nullable=False),
    _text("rule_name", nullable=False),
    _text("category"),
    _text("severity", nullable=False),
    _text("source_ip"),
    _text("destination_ip"),
    _text("unit"),
    Column("units", JSON, nullable=False),
    _text("device"),
    _text("service"),
    _text("technique"),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False, index=True),
    Column("window_start", UtcTime, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("positions", JSON, nullable=False),
    _text("incident", index=True),
    Column("handled_at", UtcTime),
    _text("handled_by"),
    _text("verdict"),
    _text("suppression", index=True),
    Column("cleared_at", UtcTime),
    Index("ix_alert_group_rule_id", "rule_id"),
)
alert_group_unit = Table(
    "alert_group_unit",
    metadata,
    Column("alert_group", ForeignKey("alert_group.id"), primary_key=True),
    Column("unit", String, primary_key=True, index=True),
)

incident = Table(
    "incident",
    metadata,
    Column("id", String, primary_key=True),
    Column("number", Integer, nullable=False),
    _text("namespace", nullable=False),
    Column("title", JSON, nullable=False),
    _text("state", index=True, nullable=False),
    _text("severity", nullable=False),
    _text("unit"),
    Column("units", JSON, nullable=False),
    Column("devices", JSON, nullable=False),
    Column("services", JSON, nullable=False),
    Column("techniques", JSON, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    _text("assignee"),
    _text("verdict"),
    Column("version", Integer, nullable=False),
    Index("ix_incident_number", "number", unique=True),
)
incident_unit = Table(
    "incident_unit",
    metadata,
    Column("incident", ForeignKey("incident.id"), primary_key=True),
    Column("unit", String, primary_key=True, index=True),
)
timeline_entry = Table(
    "timeline_entry",
    metadata,
    Column("id", String, primary_key=True),
    Column("incident", ForeignKey("incident.id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    _text("kind", nullable=False),
    _text("subject", nullable=False),
    Column("summary", JSON, nullable=False),
    _text("actor", nullable=False),
    Column("detail", JSON, nullable=False),
)

detection_seen = Table(
    "detection_seen",
    metadata,
    Column("edge", String, primary_key=True),
    Column("epoch", String, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
)
detection_owed = Table(
    "detection_owed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("body", JSON, nullable=False),
)

user = Table(
    "account",
    metadata,
    Column("name", String, primary_key=True),
    _text("full_name", nullable=False),
    _text("password_hash", nullable=False),
    _text("language", nullable=False),
    Column("active", Boolean, nullable=False),
)
grant = Table(
    "account_grant",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False, index=True),
    _text("role", nullable=False),
    _text("unit", index=True),
)
session = Table(
    "account_session",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    _text("address"),
)

edge = Table(
    "edge",
    metadata,
    Column("name", String, primary_key=True),
    _text("zone", nullable=False),
    _text("token_hash", nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Column("last_seen_at", UtcTime),
)

shipping_edge = Table(
    "shipping_edge",
    metadata,
    Column("edge", String, primary_key=True),
    Column("epoch", String, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("answer", Text),
    Column("at", UtcTime, nullable=False),
)
shipping_source = Table(
    "shipping_source",
    metadata,
    Column("source", String, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    _text("path", nullable=False),
    _text("fingerprint", nullable=False),
)


def _runs(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("source", String, primary_key=True),
        Column("first", BigInteger, primary_key=True, autoincrement=False),
        Column("last", BigInteger, nullable=False),
        Column("after", BigInteger, nullable=False),
        Column("day", Date, nullable=False),
    )


shipping_pending = _runs("shipping_pending")
shipping_committed = _runs("shipping_committed")

ledger = Table(
    "ledger",
    metadata,
    Column("day", Date, primary_key=True),
    Column("edge", String, primary_key=True),
    Column("source", String, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ("read", "stored", "duplicates", "rejected")),
    Column("untold", BigInteger, nullable=False, server_default="0"),
)
ledger_drop = Table(
    "ledger_drop",
    metadata,
    Column("day", Date, primary_key=True),
    Column("edge", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False, index=True),
    _text("actor", nullable=False),
    _text("address"),
    _text("action", nullable=False),
    _text("subject", nullable=False),
    Column("detail", Text, nullable=False),
    _text("previous", nullable=False),
    _text("hash", nullable=False),
)
audit_unit = Table(
    "audit_unit",
    metadata,
    Column("sequence", ForeignKey("audit_entry.sequence"), primary_key=True),
    Column("unit", String, primary_key=True, index=True),
)
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    _text("hash", nullable=False),
)
"""The chain's last link. Every write locks this one row first: writers take turns on any engine, so that the chain
never forks and no update is lost."""
