"""The timetable's tables: weekly lessons, single days that differ, holidays.

Written by `bell.timetable`, warm starts by `bell.warm`, and by nobody else. Days and times are of
the classroom's site. A change here needs a migration.
"""

from datetime import date, datetime, time
from typing import Literal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from technopark.store.models import Base, Classroom

Weeks = Literal["all", "odd", "even"]
"""In which weeks of the year (ISO 8601) a lesson is."""

DayKind = Literal["dated", "added", "cancelled"]
"""A lesson on one day, which a holiday cancels; one that is also in holidays; one that is not."""


class WeeklyLesson(Base):
    """A classroom's lesson of every week, or of every other one."""

    __tablename__ = "park_lesson"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(100), index=True)
    """Which file it came with; empty: said by hand."""
    classroom_id: Mapped[str] = mapped_column(ForeignKey("park_classroom.id"), index=True)
    weekday: Mapped[int]
    """0: Monday."""
    starts: Mapped[time]
    minutes: Mapped[int]
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    weeks: Mapped[Weeks] = mapped_column(String(4), default="all")

    classroom: Mapped[Classroom] = relationship()


class LessonDay(Base):
    """A lesson on one day, or none where there is one every week."""

    __tablename__ = "park_lesson_day"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(100), index=True)
    classroom_id: Mapped[str] = mapped_column(ForeignKey("park_classroom.id"), index=True)
    kind: Mapped[DayKind] = mapped_column(String(10))
    day: Mapped[date]
    starts: Mapped[time | None]
    """None: all lessons of the day (they are cancelled)."""
    minutes: Mapped[int] = mapped_column(default=0)

    classroom: Mapped[Classroom] = relationship()


class Holiday(Base):
    """Days without lessons: of one site, or of the whole park."""

    __tablename__ = "park_holiday"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(100), index=True)
    site_id: Mapped[str | None] = mapped_column(ForeignKey("park_site.id"))
    title: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]


class WarmStart(Base):
    """A server that the bell asked for, until somebody comes to it or it is taken down."""

    __tablename__ = "park_warm_start"

    person_name: Mapped[str] = mapped_column(String(63), primary_key=True)
    classroom_id: Mapped[str] = mapped_column(String(30), primary_key=True)
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    """When the bell saw it become ready; None: not yet, or it was away just then."""
