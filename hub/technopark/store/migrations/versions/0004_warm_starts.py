"""Servers that the bell asked for."""

import sqlalchemy as sa
from alembic import op

import technopark.store.models

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "park_warm_start",
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("classroom_id", sa.String(length=30), nullable=False),
        sa.Column("asked_at", technopark.store.models.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ready_at", technopark.store.models.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_name", "classroom_id", name=op.f("pk_park_warm_start")),
    )


def downgrade() -> None:
    op.drop_table("park_warm_start")
