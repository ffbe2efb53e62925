"""What modules and courses tell of themselves; partners, postings, who takes part, feeds."""

import sqlalchemy as sa
from alembic import op

from technopark.store.models import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NEW_OF_SITES = ("speciality_title", "about", "how_to_join")


def upgrade() -> None:
    with op.batch_alter_table("park_site", schema=None) as batch_op:
        for name in _NEW_OF_SITES:
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("park_course_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("summary", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("age_from", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("age_to", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("hours", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("search_text", sa.Text(), nullable=False, server_default=""))

    op.create_table(
        "park_partner",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_partner")),
    )
    op.create_table(
        "park_partner_site",
        sa.Column("partner_id", sa.String(length=30), nullable=False),
        sa.Column("site_id", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["park_partner.id"], name=op.f("fk_park_partner_site_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["park_site.id"], name=op.f("fk_park_partner_site_site_id")
        ),
        sa.PrimaryKeyConstraint("partner_id", "site_id", name=op.f("pk_park_partner_site")),
    )
    op.create_table(
        "park_partner_curator",
        sa.Column("partner_id", sa.String(length=30), nullable=False),
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["park_partner.id"], name=op.f("fk_park_partner_curator_partner_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_partner_curator_person_name")
        ),
        sa.PrimaryKeyConstraint("partner_id", "person_name", name=op.f("pk_park_partner_curator")),
    )
    op.create_table(
        "park_posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(length=30), nullable=True),
        sa.Column("partner_id", sa.String(length=30), nullable=True),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("over_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("age_from", sa.Integer(), nullable=True),
        sa.Column("age_to", sa.Integer(), nullable=True),
        sa.Column("written_by", sa.String(length=63), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["park_site.id"], name=op.f("fk_park_posting_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["park_partner.id"], name=op.f("fk_park_posting_partner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_posting")),
    )
    op.create_index(op.f("ix_park_posting_site_id"), "park_posting", ["site_id"])
    op.create_index(op.f("ix_park_posting_partner_id"), "park_posting", ["partner_id"])
    op.create_index("ix_park_posting_state_over_at", "park_posting", ["state", "over_at"])
    op.create_table(
        "park_joining",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("posting_id", sa.Integer(), nullable=False),
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("joined_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["park_posting.id"], name=op.f("fk_park_joining_posting_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_joining_person_name")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_park_joining")),
        sa.UniqueConstraint("posting_id", "person_name", name=op.f("uq_park_joining_posting_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_park_joining_person_name"), "park_joining", ["person_name"])
    op.create_table(
        "park_feed_key",
        sa.Column("person_name", sa.String(length=63), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_name"], ["park_person.name"], name=op.f("fk_park_feed_key_person_name")
        ),
        sa.PrimaryKeyConstraint("person_name", name=op.f("pk_park_feed_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_park_feed_key_secret_hash")),
    )


def downgrade() -> None:
    for table in (
        "park_feed_key",
        "park_joining",
        "park_posting",
        "park_partner_curator",
        "park_partner_site",
        "park_partner",
    ):
        op.drop_table(table)
    with op.batch_alter_table("park_course_version", schema=None) as batch_op:
        for name in ("summary", "skills", "age_from", "age_to", "hours", "search_text"):
            batch_op.drop_column(name)
    with op.batch_alter_table("park_site", schema=None) as batch_op:
        for name in _NEW_OF_SITES:
            batch_op.drop_column(name)
