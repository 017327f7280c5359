"""The books of a record store that has no transactions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shipping_edge",
        sa.Column("edge", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("edge", "epoch", name="pk_shipping_edge"),
    )
    op.create_table(
        "shipping_source",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_shipping_source"),
    )
    for name in ("shipping_pending", "shipping_committed"):
        op.create_table(
            name,
            sa.Column("source", sa.String(), nullable=False),
            sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("last", sa.BigInteger(), nullable=False),
            sa.Column("after", sa.BigInteger(), nullable=False),
            sa.Column("day", sa.Date(), nullable=False),
            sa.PrimaryKeyConstraint("source", "first", name=f"pk_{name}"),
        )
    op.create_table(
        "ledger",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("edge", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("read", "stored", "duplicates", "rejected")),
        sa.PrimaryKeyConstraint("day", "edge", "source", name="pk_ledger"),
    )
    op.create_table(
        "ledger_drop",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("edge", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "edge", "reason", name="pk_ledger_drop"),
    )


def downgrade() -> None:
    for name in (
        "ledger_drop",
        "ledger",
        "shipping_committed",
        "shipping_pending",
        "shipping_source",
        "shipping_edge",
    ):
        op.drop_table(name)
