"""Whom a provider of OpenID Connect means."""

import sqlalchemy as sa
from alembic import op

import technopark.store.models

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "park_identity",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("first_at", technopark.store.models.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_identity_person_name")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_park_identity")),
        sa.UniqueConstraint("person_name", "issuer", name=op.f("uq_park_identity_person_name")),
    )


def downgrade() -> None:
    op.drop_table("park_identity")
