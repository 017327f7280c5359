"""What detection has seen of each edge, and what it still owes to the incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "detection_seen",
        sa.Column("edge", sa.String(), nullable=False),
        sa.Column("epoch", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("edge", "epoch", name="pk_detection_seen"),
    )
    op.create_table(
        "detection_owed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_detection_owed"),
    )


def downgrade() -> None:
    op.drop_table("detection_owed")
    op.drop_table("detection_seen")
