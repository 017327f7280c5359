"""The first schema: inventory, device state, inbox, incidents, accounts and the append-only audit chain."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "inventory_circuit",
    "inventory_credential",
    "inventory_device",
    "inventory_link",
    "inventory_service",
    "inventory_site",
    "inventory_unit",
    "inventory_version",
    "inventory_zone",
    "unit_closure",
    "device_facts",
    "device_status",
    "alert_group",
    "alert_group_unit",
    "incident",
    "incident_unit",
    "timeline_entry",
    "account",
    "account_grant",
    "account_session",
    "audit_entry",
    "audit_head",
    "audit_unit",
)
"""In the order in which they are made."""

_SQLITE_GUARDS = (
    "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry"
    " BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END",
    "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry"
    " BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END",
)
_POSTGRESQL_GUARDS = (
    "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the audit chain is append-only'; END $$",
    "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
)


def upgrade() -> None:
    _inventory()
    _equipment()
    _devices()
    _inbox()
    _incidents()
    _accounts()
    _audit()
    op.execute("INSERT INTO inventory_version (id, version) VALUES (1, 0)")
    op.execute(f"INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '{'0' * 64}')")
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _POSTGRESQL_GUARDS if postgresql else _SQLITE_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")


def _inventory() -> None:
    op.create_table(
        "inventory_site",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_site"),
    )
    op.create_index("ix_inventory_site_unit", "inventory_site", ["unit"], unique=False)
    op.create_table(
        "inventory_unit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("searchable", sa.String(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_unit"),
    )
    op.create_table(
        "inventory_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_version"),
    )
    op.create_table(
        "inventory_zone",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_zone"),
    )
    op.create_table(
        "unit_closure",
        sa.Column("ancestor", sa.String(), nullable=False),
        sa.Column("descendant", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("ancestor", "descendant", name="pk_unit_closure"),
    )
    op.create_index("ix_unit_closure_descendant", "unit_closure", ["descendant"], unique=False)


def _equipment() -> None:
    op.create_table(
        "inventory_circuit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_circuit"),
    )
    op.create_table(
        "inventory_credential",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_credential"),
    )
    op.create_table(
        "inventory_device",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("site", sa.String(), nullable=True),
        sa.Column("credential", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("searchable", sa.String(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_device"),
    )
    op.create_index("ix_inventory_device_unit", "inventory_device", ["unit"], unique=False)
    op.create_table(
        "inventory_link",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("upstream", sa.String(), nullable=True),
        sa.Column("downstream", sa.String(), nullable=True),
        sa.Column("circuit", sa.String(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_link"),
    )
    op.create_index("ix_inventory_link_downstream", "inventory_link", ["downstream"], unique=False)
    op.create_index("ix_inventory_link_upstream", "inventory_link", ["upstream"], unique=False)
    op.create_table(
        "inventory_service",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("searchable", sa.String(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inventory_service"),
    )
    op.create_index("ix_inventory_service_owner", "inventory_service", ["owner"], unique=False)


def _devices() -> None:
    op.create_table(
        "device_facts",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("device", "kind", name="pk_device_facts"),
    )
    op.create_table(
        "device_status",
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.JSON(), nullable=False),
        sa.Column("behind", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("device", name="pk_device_status"),
    )
    op.create_index("ix_device_status_unit", "device_status", ["unit"], unique=False)


def _inbox() -> None:
    op.create_table(
        "alert_group",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("rule_name", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("source_ip", sa.String(), nullable=True),
        sa.Column("destination_ip", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("device", sa.String(), nullable=True),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("technique", sa.String(), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("positions", sa.JSON(), nullable=False),
        sa.Column("incident", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert_group"),
    )
    op.create_index("ix_alert_group_incident", "alert_group", ["incident"], unique=False)
    op.create_index("ix_alert_group_last_seen", "alert_group", ["last_seen"], unique=False)
    op.create_table(
        "alert_group_unit",
        sa.Column("alert_group", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["alert_group"], ["alert_group.id"], name="fk_alert_group_unit_alert_group"),
        sa.PrimaryKeyConstraint("alert_group", "unit", name="pk_alert_group_unit"),
    )
    op.create_index("ix_alert_group_unit_unit", "alert_group_unit", ["unit"], unique=False)


def _incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("devices", sa.JSON(), nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("techniques", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_number", "incident", ["number"], unique=True)
    op.create_index("ix_incident_state", "incident", ["state"], unique=False)
    op.create_table(
        "incident_unit",
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="fk_incident_unit_incident"),
        sa.PrimaryKeyConstraint("incident", "unit", name="pk_incident_unit"),
    )
    op.create_index("ix_incident_unit_unit", "incident_unit", ["unit"], unique=False)
    op.create_table(
        "timeline_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name="fk_timeline_entry_incident"),
        sa.PrimaryKeyConstraint("id", name="pk_timeline_entry"),
    )
    op.create_index("ix_timeline_entry_incident", "timeline_entry", ["incident"], unique=False)


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_account"),
    )
    op.create_table(
        "account_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name="fk_account_grant_account"),
        sa.PrimaryKeyConstraint("id", name="pk_account_grant"),
    )
    op.create_index("ix_account_grant_account", "account_grant", ["account"], unique=False)
    op.create_index("ix_account_grant_unit", "account_grant", ["unit"], unique=False)
    op.create_table(
        "account_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name="fk_account_session_account"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_account_session"),
    )
    op.create_index("ix_account_session_account", "account_session", ["account"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "audit_unit",
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["audit_entry.sequence"], name="fk_audit_unit_sequence"),
        sa.PrimaryKeyConstraint("sequence", "unit", name="pk_audit_unit"),
    )
    op.create_index("ix_audit_unit_unit", "audit_unit", ["unit"], unique=False)
