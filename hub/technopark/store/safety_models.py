"""The tables that keep children's data safe: who saw and changed what, and what is being deleted.

The log is written by `people.audit`, deletions by `safety`. A change here needs a migration; one
that makes `park_audit` anew (Alembic's batch mode on SQLite) must make its triggers anew, too.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from technopark.store.models import Base


class Pseudonym(Base):
    """What a person is called in the log; when the person is deleted, this row goes."""

    __tablename__ = "park_pseudonym"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(20), unique=True)
    """Drawn by lot: nothing of the name is in it."""


class AuditEntry(Base):
    """Somebody saw or changed something of somebody. Only ever added to: triggers see to it.

    No name stands here, so that nothing needs to be changed when a person is deleted.
    """

    __tablename__ = "park_audit"
    __table_args__ = (
        Index("ix_park_audit_site_id_id", "site_id", "id"),
        Index("ix_park_audit_seen", "who", "did", "classroom_id", "at"),
        # an id that was given once is never given again: what is missing can be seen
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(20))
    """A pseudonym; empty: the park itself, or an admin at the command line."""
    did: Mapped[str] = mapped_column(String(30), index=True)
    whom: Mapped[str] = mapped_column(String(20), default="", index=True)
    """A pseudonym; empty: nobody alone."""
    classroom_id: Mapped[str] = mapped_column(String(30), default="")
    site_id: Mapped[str | None] = mapped_column(String(30))
    """Whose admins may see this."""
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Numbers, times, names of assignments: never a person's name."""


class Deletion(Base):
    """A deletion that was asked for; what is done of it is told by what is there no more.

    It has the person's name until it is over, and a report without names for good.
    """

    __tablename__ = "park_deletion"

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    whole: Mapped[bool]
    """The whole person; else the work alone."""
    name: Mapped[str | None] = mapped_column(String(63), index=True)
    pseudonym: Mapped[str] = mapped_column(String(20))
    asked_by: Mapped[str] = mapped_column(String(20))
    """A pseudonym; empty: the park itself (retention), or the command line."""
    site_id: Mapped[str | None] = mapped_column(String(30))
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    left: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What later steps need, when the store knows the person no more (`safety.deletion`)."""
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was deleted, counted."""
