"""The tables of what goes on in the park: partners, postings, who takes part, feeds of one's own.

Partners are written by `people.partners`, all else by `noticeboard`. A change here needs a
migration.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from technopark.store.models import Base, Person, Site

Kind = Literal["event", "research", "project", "specialists"]
"""An event has a beginning; a research task and a project can be joined as long as they run; what
specialists are in demand is told, and nobody joins it."""

State = Literal["draft", "published", "withdrawn"]


class Partner(Base):
    """An enterprise or an institute that helps some of the modules; its mentors are curators."""

    __tablename__ = "park_partner"

    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    name: Mapped[str]
    about: Mapped[str] = mapped_column(default="")


class PartnerSite(Base):
    """A partner helps the module of a site."""

    __tablename__ = "park_partner_site"

    partner_id: Mapped[str] = mapped_column(ForeignKey("park_partner.id"), primary_key=True)
    site_id: Mapped[str] = mapped_column(ForeignKey("park_site.id"), primary_key=True)


class PartnerCurator(Base):
    """Whose curator somebody is; the role itself is a grant."""

    __tablename__ = "park_partner_curator"

    partner_id: Mapped[str] = mapped_column(ForeignKey("park_partner.id"), primary_key=True)
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), primary_key=True)


class Posting(Base):
    """Something that goes on: an event, a research task, a project, a demand for specialists."""

    __tablename__ = "park_posting"
    __table_args__ = (Index("ix_park_posting_state_over_at", "state", "over_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(String(20))
    state: Mapped[State] = mapped_column(String(10), default="draft")
    title: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    """Markdown, as it was typed; `noticeboard.markdown` makes pages of it."""
    search_text: Mapped[str] = mapped_column(Text, default="")
    """Title, text and place in small letters: databases fold Russian capitals each in its way."""
    place: Mapped[str] = mapped_column(default="")
    site_id: Mapped[str | None] = mapped_column(ForeignKey("park_site.id"), index=True)
    """None: of the whole park."""
    partner_id: Mapped[str | None] = mapped_column(ForeignKey("park_partner.id"), index=True)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]
    """When it is over: `ends_at`, else the end of the day on which it begins; None: never."""
    seats: Mapped[int | None]
    """None: as many as come."""
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    written_by: Mapped[str] = mapped_column(String(63))
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    """When it was first published; None: never yet, so that no calendar knows of it."""
    number: Mapped[int] = mapped_column(default=0)
    """Grows with each change: calendars and open forms tell by it what is newer."""

    site: Mapped[Site | None] = relationship()
    partner: Mapped[Partner | None] = relationship()


class Joining(Base):
    """Somebody wants to take part. The first ones, as many as there are seats, do; others wait."""

    __tablename__ = "park_joining"
    __table_args__ = (
        UniqueConstraint("posting_id", "person_name"),
        # an id is never given again: the order of ids is the line
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    posting_id: Mapped[int] = mapped_column(ForeignKey("park_posting.id"))
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), index=True)
    joined_at: Mapped[datetime]

    posting: Mapped[Posting] = relationship()
    person: Mapped[Person] = relationship()


class FeedKey(Base):
    """The secret in the address of somebody's own calendar feed; a new one ends the old."""

    __tablename__ = "park_feed_key"

    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """sha256: the secret itself is shown once, when it is made."""
    made_at: Mapped[datetime]
