"""Links and redundancy groups that were found, and who is on which port."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topology_link",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("upper", sa.String(), nullable=False),
        sa.Column("lower", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_topology_link"),
    )
    op.create_index("ix_topology_link_upper", "topology_link", ["upper"])
    op.create_index("ix_topology_link_lower", "topology_link", ["lower"])
    op.create_table(
        "topology_group",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_topology_group"),
    )
    op.create_table(
        "topology_group_device",
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["topology_group.id"], name="fk_topology_group_device_group"),
        sa.PrimaryKeyConstraint("group", "device", name="pk_topology_group_device"),
    )
    op.create_index("ix_topology_group_device_device", "topology_group_device", ["device"])
    op.create_table(
        "port_sighting",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("mac", "ip", "device", "port")),
        sa.Column("vlan", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mac", "ip", "device", "port", "vlan", name="pk_port_sighting"),
    )
    op.create_index("ix_port_sighting_ip", "port_sighting", ["ip"])
    op.create_index("ix_port_sighting_device", "port_sighting", ["device", "port"])
    op.create_index("ix_port_sighting_last_seen", "port_sighting", ["last_seen"])


def downgrade() -> None:
    for name in ("port_sighting", "topology_group_device", "topology_group", "topology_link"):
        op.drop_table(name)
