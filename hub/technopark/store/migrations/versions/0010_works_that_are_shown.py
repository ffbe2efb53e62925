"""Works that pupils show, consents of parents, letters of curators."""

import sqlalchemy as sa
from alembic import op

from technopark.store.models import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "park_shown_work",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("classroom_id", sa.String(length=30), nullable=True),
        sa.Column("course", sa.String(length=30), nullable=False),
        sa.Column("first_september", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("shown_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("hidden_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("hidden_by", sa.String(length=63), nullable=True),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["park_classroom.id"], name=op.f("fk_park_shown_work_classroom_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_shown_work_person_name")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_shown_work")),
    )
    op.create_index(op.f("ix_park_shown_work_person_name"), "park_shown_work", ["person_name"])
    op.create_index("ix_park_shown_work_course_shown_at", "park_shown_work", ["course", "shown_at"])
    op.create_table(
        "park_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("recorded_by", sa.String(length=63), nullable=False),
        sa.Column("recorded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=63), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_consent_person_name")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_consent")),
    )
    op.create_index(op.f("ix_park_consent_person_name"), "park_consent", ["person_name"])
    op.create_table(
        "park_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("work_id", sa.String(length=16), nullable=False),
        sa.Column("written_by", sa.String(length=63), nullable=False),
        sa.Column("written_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.String(length=63), nullable=True),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_letter_person_name")
        ),
        sa.ForeignKeyConstraint(
            ["work_id"], ["park_shown_work.id"], name=op.f("fk_park_letter_work_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_letter")),
    )
    for column in ("person_name", "work_id", "written_by", "state"):
        op.create_index(op.f(f"ix_park_letter_{column}"), "park_letter", [column])


def downgrade() -> None:
    op.drop_table("park_letter")
    op.drop_table("park_consent")
    op.drop_table("park_shown_work")
