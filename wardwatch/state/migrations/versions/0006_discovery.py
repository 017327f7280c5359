"""Searches for devices, and the candidates they found."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discovery_search",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_discovery_search"),
    )
    op.create_index("ix_discovery_search_unit", "discovery_search", ["unit"])
    op.create_index("ix_discovery_search_state", "discovery_search", ["state"])
    op.create_table(
        "discovery_candidate",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_discovery_candidate"),
    )
    for column in ("unit", "state", "last_seen"):
        op.create_index(f"ix_discovery_candidate_{column}", "discovery_candidate", [column])
    op.create_table(
        "discovery_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("candidate", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["candidate"], ["discovery_candidate.id"], name="fk_discovery_key_candidate"),
        sa.PrimaryKeyConstraint("key", name="pk_discovery_key"),
    )
    op.create_index("ix_discovery_key_candidate", "discovery_key", ["candidate"])


def downgrade() -> None:
    for name in ("discovery_key", "discovery_candidate", "discovery_search"):
        op.drop_table(name)
