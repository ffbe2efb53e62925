"""The timetable, and which reservation was made for which lesson."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "park_holiday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("site_id", sa.String(length=30), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["park_site.id"], name=op.f("fk_park_holiday_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_holiday")),
    )
    with op.batch_alter_table("park_holiday", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_holiday_source"), ["source"], unique=False)

    op.create_table(
        "park_lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("classroom_id", sa.String(length=30), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("weeks", sa.String(length=4), nullable=False),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["park_classroom.id"], name=op.f("fk_park_lesson_classroom_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_lesson")),
    )
    with op.batch_alter_table("park_lesson", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_park_lesson_classroom_id"), ["classroom_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_park_lesson_source"), ["source"], unique=False)

    op.create_table(
        "park_lesson_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("classroom_id", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["park_classroom.id"], name=op.f("fk_park_lesson_day_classroom_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_lesson_day")),
    )
    with op.batch_alter_table("park_lesson_day", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_park_lesson_day_classroom_id"), ["classroom_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_park_lesson_day_source"), ["source"], unique=False)

    with op.batch_alter_table("park_reservation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lesson", sa.String(length=60), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_park_reservation_lesson"), ["lesson"])


def downgrade() -> None:
    with op.batch_alter_table("park_reservation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_park_reservation_lesson"), type_="unique")
        batch_op.drop_column("lesson")

    op.drop_table("park_lesson_day")
    op.drop_table("park_lesson")
    op.drop_table("park_holiday")
