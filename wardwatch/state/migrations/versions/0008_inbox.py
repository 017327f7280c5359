"""Alert groups are handled, hidden and cleared; suppressions say what is hidden and why."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TEXTS = ("handled_by", "verdict", "suppression")
_TIMES = ("handled_at", "cleared_at")


def upgrade() -> None:
    with op.batch_alter_table("alert_group") as table:
        for name in _TEXTS:
            table.add_column(sa.Column(name, sa.String(), nullable=True))
        for name in _TIMES:
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_alert_group_suppression", "alert_group", ["suppression"])
    op.create_index("ix_alert_group_rule_id", "alert_group", ["rule_id"])
    op.create_table(
        "suppression",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("id", "owner", "reason")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("created_at", "expires_at")),
        *(
            sa.Column(name, sa.String(), nullable=True)
            for name in ("rule_id", "source", "destination", "unit", "device")
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_suppression"),
    )
    for name in ("expires_at", "unit"):
        op.create_index(f"ix_suppression_{name}", "suppression", [name])


def downgrade() -> None:
    op.drop_table("suppression")
    for name in ("suppression", "rule_id"):
        op.drop_index(f"ix_alert_group_{name}", "alert_group")
    with op.batch_alter_table("alert_group") as table:
        for name in (*_TEXTS, *_TIMES):
            table.drop_column(name)
