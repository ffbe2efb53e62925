"""The log of who saw and changed what, which is only ever added to; deletions; when people left."""

import sqlalchemy as sa
from alembic import op

from technopark.store.models import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A year: what is younger cannot be deleted, not even by the job that keeps the log short.
_SQLITE = (
    """
    CREATE TRIGGER park_audit_no_update BEFORE UPDATE ON park_audit BEGIN
      SELECT RAISE(ABORT, 'park_audit is only ever added to');
    END""",
    """
    CREATE TRIGGER park_audit_no_delete BEFORE DELETE ON park_audit
    WHEN OLD.at >= strftime('%Y-%m-%d %H:%M:%S', 'now', '-365 days') BEGIN
      SELECT RAISE(ABORT, 'park_audit keeps everything for a year');
    END""",
    # SQLite's REPLACE deletes the old row without asking the trigger above.
    """
    CREATE TRIGGER park_audit_no_replace BEFORE INSERT ON park_audit
    WHEN EXISTS (SELECT 1 FROM park_audit WHERE id = NEW.id) BEGIN
      SELECT RAISE(ABORT, 'park_audit is only ever added to');
    END""",
)
_POSTGRESQL = (
    """
    CREATE FUNCTION park_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '365 days' THEN
          RETURN OLD;
        END IF;
        RAISE EXCEPTION 'park_audit keeps everything for a year';
      END IF;
      RAISE EXCEPTION 'park_audit is only ever added to';
    END $$""",
    """
    CREATE TRIGGER park_audit_no_change BEFORE UPDATE OR DELETE ON park_audit
    FOR EACH ROW EXECUTE FUNCTION park_audit_refuse()""",
    """
    CREATE TRIGGER park_audit_no_truncate BEFORE TRUNCATE ON park_audit
    FOR EACH STATEMENT EXECUTE FUNCTION park_audit_refuse()""",
)


def upgrade() -> None:
    with op.batch_alter_table("park_person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_at", UtcDateTime(timezone=True), nullable=True))
    # Nobody knows when these left: their time begins now.
    op.execute("UPDATE park_person SET left_at = CURRENT_TIMESTAMP WHERE NOT active")

    op.create_table(
        "park_pseudonym",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_park_pseudonym")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_park_pseudonym_pseudonym")),
    )
    op.create_table(
        "park_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=20), nullable=False),
        sa.Column("did", sa.String(length=30), nullable=False),
        sa.Column("whom", sa.String(length=20), nullable=False),
        sa.Column("classroom_id", sa.String(length=30), nullable=False),
        sa.Column("site_id", sa.String(length=30), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_park_audit_at"), "park_audit", ["at"])
    op.create_index(op.f("ix_park_audit_did"), "park_audit", ["did"])
    op.create_index(op.f("ix_park_audit_whom"), "park_audit", ["whom"])
    op.create_index("ix_park_audit_site_id_id", "park_audit", ["site_id", "id"])
    op.create_index("ix_park_audit_seen", "park_audit", ["who", "did", "classroom_id", "at"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)

    op.create_table(
        "park_deletion",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=True),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=20), nullable=False),
        sa.Column("site_id", sa.String(length=30), nullable=True),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_deletion")),
    )
    op.create_index(op.f("ix_park_deletion_name"), "park_deletion", ["name"])


def downgrade() -> None:
    op.drop_table("park_deletion")
    op.drop_table("park_audit")  # with its triggers
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION park_audit_refuse")
    op.drop_table("park_pseudonym")
    with op.batch_alter_table("park_person", schema=None) as batch_op:
        batch_op.drop_column("left_at")
