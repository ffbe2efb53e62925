"""Dates of classrooms, codes to join them, and what a gradebook last said of a deadline."""

import sqlalchemy as sa
from alembic import op

import technopark.store.models

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("park_classroom", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first_day", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("last_day", sa.Date(), nullable=True))

    with op.batch_alter_table("park_assignment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "gradebook_due", technopark.store.models.UtcDateTime(timezone=True), nullable=True
            )
        )
    op.execute("UPDATE park_assignment SET gradebook_due = due")

    op.create_table(
        "park_join_code",
        sa.Column("classroom_id", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.String(length=63), nullable=False),
        sa.Column("expires_at", technopark.store.models.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["park_classroom.id"], name=op.f("fk_park_join_code_classroom_id")
        ),
        sa.PrimaryKeyConstraint("classroom_id", name=op.f("pk_park_join_code")),
        sa.UniqueConstraint("code", name=op.f("uq_park_join_code_code")),
    )


def downgrade() -> None:
    op.drop_table("park_join_code")
    with op.batch_alter_table("park_assignment", schema=None) as batch_op:
        batch_op.drop_column("gradebook_due")

    with op.batch_alter_table("park_classroom", schema=None) as batch_op:
        batch_op.drop_column("last_day")
        batch_op.drop_column("first_day")
