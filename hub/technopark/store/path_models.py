"""Works that pupils show, parents' consents, and letters that come by way of the teacher.

Written by `path` and by nobody else; the works themselves are files (`path.shelf`). A change here
needs a migration.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from technopark.store.models import Base, Classroom, Person

WorkKind = Literal["notebook", "picture"]
LetterState = Literal["waiting", "passed", "declined"]


class ShownWork(Base):
    """A work that a pupil chose to show; curators see it only while a parent agrees, too."""

    __tablename__ = "park_shown_work"
    __table_args__ = (Index("ix_park_shown_work_course_shown_at", "course", "shown_at"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), index=True)
    kind: Mapped[WorkKind] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(100))
    words: Mapped[str] = mapped_column(Text)
    """What the pupil says of it."""
    classroom_id: Mapped[str | None] = mapped_column(ForeignKey("park_classroom.id"))
    """The class in which it was made; None: in none, or nobody said."""
    course: Mapped[str] = mapped_column(String(30))
    """The course of that class; empty: none."""
    first_september: Mapped[int | None]
    """The year in which the pupil came to school, by the number of the class; None: not known."""
    size: Mapped[int]
    """Bytes of what is shown."""
    shown_at: Mapped[datetime]
    hidden_at: Mapped[datetime | None]
    hidden_by: Mapped[str | None] = mapped_column(String(63))
    """The pupil, who may show it again; or somebody who looks after the pupil, who alone may."""

    person: Mapped[Person] = relationship()
    classroom: Mapped[Classroom | None] = relationship()


class Consent(Base):
    """A parent agreed to one thing; whoever has the paper says so. It goes only with the pupil.

    Agreed to again after it was withdrawn, it is another row.
    """

    __tablename__ = "park_consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    """One of `path.consents.Purpose`."""
    way: Mapped[str] = mapped_column(String(20))
    """How the parent said so: one of `path.consents.Way`."""
    recorded_by: Mapped[str] = mapped_column(String(63))
    recorded_at: Mapped[datetime]
    withdrawn_by: Mapped[str | None] = mapped_column(String(63))
    withdrawn_at: Mapped[datetime | None]


class Letter(Base):
    """A curator writes about a work; the pupil sees it once a teacher has passed it on."""

    __tablename__ = "park_letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), index=True)
    """The pupil to whom it is written."""
    work_id: Mapped[str] = mapped_column(ForeignKey("park_shown_work.id"), index=True)
    written_by: Mapped[str] = mapped_column(String(63), index=True)
    written_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[LetterState] = mapped_column(String(10), index=True)
    decided_by: Mapped[str | None] = mapped_column(String(63))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text)
    """What the teacher tells the curator of why not; empty where it was passed on."""

    person: Mapped[Person] = relationship()
    work: Mapped[ShownWork] = relationship()
