"""Equipment and agreements; and rows of a whole city are found without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_WORKS = "park_submission"


def upgrade() -> None:
    op.create_table(
        "park_resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("site_id", sa.String(length=30), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["park_site.id"], name=op.f("fk_park_resource_site_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_resource")),
    )
    op.create_index("ix_park_resource_site_id", "park_resource", ["site_id"])

    op.create_index("ix_park_membership_person_name", "park_membership", ["person_name"])
    op.create_index("ix_park_classroom_site_id", "park_classroom", ["site_id"])
    op.create_index("ix_park_person_site_id", "park_person", ["site_id"])
    # Counting by year needs the moment, too; what looks for an assignment alone finds it as before.
    moments = ["assignment_id", "received_at"]
    op.create_index("ix_park_submission_assignment_id_received_at", _WORKS, moments)
    op.drop_index("ix_park_submission_assignment_id", _WORKS)


def downgrade() -> None:
    op.create_index("ix_park_submission_assignment_id", _WORKS, ["assignment_id"])
    op.drop_index("ix_park_submission_assignment_id_received_at", _WORKS)
    op.drop_index("ix_park_person_site_id", "park_person")
    op.drop_index("ix_park_classroom_site_id", "park_classroom")
    op.drop_index("ix_park_membership_person_name", "park_membership")
    op.drop_table("park_resource")
