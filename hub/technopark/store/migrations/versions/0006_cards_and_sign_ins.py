"""Cards, the log of sign-ins, failures at an address, and who is to be signed out."""

import sqlalchemy as sa
from alembic import op

import technopark.store.models

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "park_card",
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", technopark.store.models.UtcDateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_card_person_name")
        ),
        sa.PrimaryKeyConstraint("person_name", name=op.f("pk_park_card")),
    )
    op.create_table(
        "park_sign_out",
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("asked_at", technopark.store.models.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_sign_out_person_name")
        ),
        sa.PrimaryKeyConstraint("person_name", name=op.f("pk_park_sign_out")),
    )
    op.create_table(
        "park_sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", technopark.store.models.UtcDateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("ended", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_sign_in")),
    )
    with op.batch_alter_table("park_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_park_sign_in_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_park_sign_in_name"), ["name"], unique=False)

    op.create_table(
        "park_name_at_address",
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("failed_at", technopark.store.models.UtcDateTime(timezone=True), nullable=True),
        sa.Column("was_in_at", technopark.store.models.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("address", "name", name=op.f("pk_park_name_at_address")),
    )
    with op.batch_alter_table("park_site", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("card_alone", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("park_site", schema=None) as batch_op:
        batch_op.drop_column("card_alone")

    op.drop_table("park_name_at_address")
    op.drop_table("park_sign_in")
    op.drop_table("park_sign_out")
    op.drop_table("park_card")
