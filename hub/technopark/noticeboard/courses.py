"""The catalogue of courses: the newest version of each, found and paged in the database.

Called by the portal's public pages and by `modules`. It reads the store and never writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from technopark.noticeboard.search import for_age, has_words
from technopark.people import finding
from technopark.people.finding import PER_PAGE, Page
from technopark.store import Classroom, CourseVersion, Site


@dataclass(frozen=True)
class WantedCourse:
    """What somebody looks for; empty or None: all."""

    words: str = ""
    """In title, summary and skills, in either language."""
    age: int | None = None
    site: str = ""


def courses(session: Session, wanted: WantedCourse, number: int) -> Page[CourseVersion]:
    """The courses that fit, for the youngest first."""
    query = _newest().where(has_words(wanted.words, CourseVersion.search_text))
    if wanted.age is not None:
        query = query.where(for_age(wanted.age, CourseVersion.age_from, CourseVersion.age_to))
    if wanted.site:
        taken = (
            select(CourseVersion.course)
            .join(Classroom, Classroom.course_version_id == CourseVersion.id)
            .where(Classroom.site_id == wanted.site, Classroom.active)
        )
        query = query.where(CourseVersion.course.in_(taken))
    number, pages, total = finding.place(session, query, number)
    found = session.scalars(
        query.order_by(
            CourseVersion.age_from.is_(None), CourseVersion.age_from, CourseVersion.course
        )
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    return Page(found.all(), number, pages, total)


def newest(session: Session, ids: Sequence[str]) -> list[CourseVersion]:
    """The newest version of each of these courses."""
    return list(session.scalars(_newest().where(CourseVersion.course.in_(ids))))


def sites_of(session: Session, course: str) -> list[Site]:
    """The sites at which classes take the course now, in any of its versions."""
    taken = (
        select(Classroom.site_id)
        .join(CourseVersion, Classroom.course_version_id == CourseVersion.id)
        .where(CourseVersion.course == course, Classroom.active)
    )
    return list(session.scalars(select(Site).where(Site.id.in_(taken)).order_by(Site.id)))


def _newest() -> Select[CourseVersion]:
    last = select(func.max(CourseVersion.id)).group_by(CourseVersion.course)
    return select(CourseVersion).where(CourseVersion.id.in_(last))
