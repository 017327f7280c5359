"""Checks of services are a kind of the inventory."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inventory_check",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_check"),
    )
    op.create_index("ix_inventory_check_service", "inventory_check", ["service"])


def downgrade() -> None:
    op.drop_table("inventory_check")
