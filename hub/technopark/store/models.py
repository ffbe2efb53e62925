"""The park's tables. Times are UTC and aware; names are those of `docs/architecture.md`.

Read by all parts of the park, each written by one: people by `people`, courses by
`catalogue.publish`, submissions by `exchange`, and so assignments, but for deadlines, which
`people.deadlines` moves for both. A change here needs a migration.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC also where the database (SQLite) knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: refuse naive times, turn the others into UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: always aware."""
        del dialect
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Base(DeclarativeBase):
    """All tables stand beside JupyterHub's in one PostgreSQL database: hence the prefix."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
    }


class Site(Base):
    """A school module of the park."""

    __tablename__ = "park_site"

    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    name: Mapped[str]
    module: Mapped[str]
    speciality: Mapped[str]
    timezone: Mapped[str]
    networks: Mapped[list[str]] = mapped_column(default=list)
    card_alone: Mapped[bool] = mapped_column(default=False)
    """Whether a pupil's card signs in without words, from these networks."""
    speciality_title: Mapped[dict[str, Any]] = mapped_column(default=dict)
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What pupils do in the module, by language; so `how_to_join`. Empty: the file says nothing."""
    how_to_join: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Person(Base):
    """Somebody who signs in; who left stays, not active, so that marks keep their owner."""

    __tablename__ = "park_person"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    full_name: Mapped[str]
    site_id: Mapped[str | None] = mapped_column(ForeignKey("park_site.id"), index=True)
    language: Mapped[str | None] = mapped_column(String(2))
    passphrase_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    left_at: Mapped[datetime | None]
    """Since when not active: from then on `safety.retention` counts."""

    grants: Mapped[list["Grant"]] = relationship(
        back_populates="person", cascade="all, delete-orphan"
    )
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="person", cascade="all, delete-orphan"
    )


class Grant(Base):
    """A role beyond a classroom: author, curator, admin of one site (`site_id`) or of the park."""

    __tablename__ = "park_grant"
    __table_args__ = (UniqueConstraint("person_name", "role", "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    site_id: Mapped[str | None] = mapped_column(ForeignKey("park_site.id"))

    person: Mapped[Person] = relationship(back_populates="grants")


class CourseVersion(Base):
    """A published, immutable version of a course; its images are pinned by digest."""

    __tablename__ = "park_course_version"
    __table_args__ = (UniqueConstraint("course", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course: Mapped[str] = mapped_column(String(30))
    version: Mapped[str] = mapped_column(String(30))
    title: Mapped[dict[str, Any]]
    image: Mapped[str]
    grader_image: Mapped[str]
    gpu_image: Mapped[str | None]
    """The image of the course's kernels on a GPU; None: it has none."""
    content: Mapped[str]
    """Folder of the version under `data/courses`: materials/ for pupils, source/ for teachers."""
    network: Mapped[list[str]] = mapped_column(default=list)
    published_at: Mapped[datetime]
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    skills: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """Each by language, as the author wrote them."""
    age_from: Mapped[int | None]
    age_to: Mapped[int | None]
    hours: Mapped[float | None]
    search_text: Mapped[str] = mapped_column(Text, default="")
    """Title, summary and skills in small letters, in both languages."""


class Classroom(Base):
    """One group taking one version of one course at one site; its id is nbgrader's course_id."""

    __tablename__ = "park_classroom"

    id: Mapped[str] = mapped_column(String(30), primary_key=True)
    title: Mapped[str]
    site_id: Mapped[str] = mapped_column(ForeignKey("park_site.id"), index=True)
    course_version_id: Mapped[int] = mapped_column(ForeignKey("park_course_version.id"))
    active: Mapped[bool] = mapped_column(default=True)
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    """Told to people; nothing ends by itself."""

    site: Mapped[Site] = relationship()
    course_version: Mapped[CourseVersion] = relationship()
    memberships: Mapped[list["Membership"]] = relationship(
        back_populates="classroom", cascade="all, delete-orphan"
    )


class Membership(Base):
    """A person is a pupil or a teacher of a classroom."""

    __tablename__ = "park_membership"

    classroom_id: Mapped[str] = mapped_column(ForeignKey("park_classroom.id"), primary_key=True)
    person_name: Mapped[str] = mapped_column(
        ForeignKey("park_person.name"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(String(10))

    classroom: Mapped[Classroom] = relationship(back_populates="memberships")
    person: Mapped[Person] = relationship(back_populates="memberships")


class Revision(Base):
    """A counter that grows with every change of its subject, so that others notice (`people`)."""

    __tablename__ = "park_revision"

    subject: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int]


class SignInFailure(Base):
    """Wrong words or codes in a row, per name (`people.slowdown`)."""

    __tablename__ = "park_signin_failure"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    count: Mapped[int]
    wait_until: Mapped[datetime]


class Assignment(Base):
    """An assignment of a classroom, as the exchange knows it."""

    __tablename__ = "park_assignment"
    __table_args__ = (UniqueConstraint("classroom_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    classroom_id: Mapped[str] = mapped_column(ForeignKey("park_classroom.id"))
    name: Mapped[str] = mapped_column(String(100))
    due: Mapped[datetime | None]
    gradebook_due: Mapped[datetime | None]
    """What the gradebook said last: only when it says something else, it counts more than `due`."""
    released: Mapped[bool] = mapped_column(default=True)

    classroom: Mapped[Classroom] = relationship()
    versions: Mapped[list["AssignmentVersion"]] = relationship(order_by="AssignmentVersion.number")


class AssignmentVersion(Base):
    """What was released: replaced by a higher number, never changed."""

    __tablename__ = "park_assignment_version"
    __table_args__ = (UniqueConstraint("assignment_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("park_assignment.id"))
    number: Mapped[int]
    manifest: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[datetime]
    released_by: Mapped[str] = mapped_column(String(63))


class Extension(Base):
    """A later deadline for one pupil."""

    __tablename__ = "park_extension"

    assignment_id: Mapped[int] = mapped_column(ForeignKey("park_assignment.id"), primary_key=True)
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), primary_key=True)
    due: Mapped[datetime]


class Submission(Base):
    """An accepted version of a pupil's work; its id is the receipt's. Never changed or deleted."""

    __tablename__ = "park_submission"
    __table_args__ = (
        UniqueConstraint("assignment_id", "person_name", "manifest"),
        Index("ix_park_submission_assignment_id_received_at", "assignment_id", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("park_assignment.id"))
    person_name: Mapped[str] = mapped_column(ForeignKey("park_person.name"), index=True)
    manifest: Mapped[str] = mapped_column(String(64))
    """sha256 of the manifest, which lists path, size and sha256 of every file."""
    files: Mapped[int]
    size: Mapped[int]
    received_at: Mapped[datetime]
    signature: Mapped[str]

    assignment: Mapped[Assignment] = relationship()


class HandIn(Base):
    """A pupil said: grade this. Append-only; the last one counts.

    Sending A, then B, then A again is two submissions and three hand-ins, and A is graded.
    """

    __tablename__ = "park_hand_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("park_submission.id"), index=True)
    received_at: Mapped[datetime]

    submission: Mapped[Submission] = relationship()


class Feedback(Base):
    """Feedback on one submission, released to its pupil."""

    __tablename__ = "park_feedback"

    submission_id: Mapped[str] = mapped_column(ForeignKey("park_submission.id"), primary_key=True)
    manifest: Mapped[str] = mapped_column(String(64))
    released_at: Mapped[datetime]
    released_by: Mapped[str] = mapped_column(String(63))
