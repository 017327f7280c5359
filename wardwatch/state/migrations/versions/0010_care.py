"""Maintenance windows, digital certificates, and jobs that report."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _time(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "maintenance",
        *(_text(name) for name in ("id", "reason", "owner")),
        *(_time(name) for name in ("created_at", "starts_at", "ends_at")),
        *(_text(name, nullable=True) for name in ("unit", "device", "service")),
        _time("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_maintenance"),
    )
    op.create_table(
        "held_certificate",
        *(_text(name) for name in ("id", "kind", "holder", "unit", "issuer", "serial")),
        _time("valid_from", nullable=True),
        _time("valid_to"),
        sa.Column("warn_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_held_certificate"),
    )
    op.create_table(
        "heartbeat",
        *(_text(name) for name in ("id", "name", "unit", "token_hash")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("every_s", "grace_s")),
        _time("created_at"),
        _text("service", nullable=True),
        _time("last_at", nullable=True),
        sa.Column("last_ok", sa.Boolean(), nullable=False),
        _text("detail"),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeat"),
    )
    for table, column in _INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


_INDEXES = (
    ("maintenance", "ends_at"),
    ("maintenance", "unit"),
    ("held_certificate", "unit"),
    ("held_certificate", "valid_to"),
    ("heartbeat", "unit"),
    ("heartbeat", "token_hash"),
)


def downgrade() -> None:
    for table in ("heartbeat", "held_certificate", "maintenance"):
        op.drop_table(table)
