"""What the park tells of its modules: speciality, partners, and the courses that run there.

Called by the portal's public pages. It reads the store and never writes; it tells of no pupil.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopark.noticeboard.courses import newest
from technopark.people.partners import partners_of
from technopark.store import Classroom, CourseVersion, Partner, Site


@dataclass(frozen=True)
class CourseHere:
    """A course that classes of a site take now."""

    course: CourseVersion
    """Its newest version."""
    classes: int


@dataclass(frozen=True)
class Module:
    """One site, as its page tells of it."""

    site: Site
    partners: list[Partner]
    courses: list[CourseHere]


def modules(session: Session) -> list[Site]:
    """All modules, special ones first: those of a speciality that few have."""
    sites = list(session.scalars(select(Site).order_by(Site.id)))
    often = {one.speciality: 0 for one in sites}
    for one in sites:
        often[one.speciality] += 1
    return sorted(sites, key=lambda one: (often[one.speciality] > len(sites) / 3, one.id))


def module(session: Session, site: Site) -> Module:
    """What there is at a site."""
    counted = (
        select(CourseVersion.course, func.count())
        .join(Classroom, Classroom.course_version_id == CourseVersion.id)
        .where(Classroom.site_id == site.id, Classroom.active)
        .group_by(CourseVersion.course)
        .order_by(func.count().desc(), CourseVersion.course)
    )
    classes = dict(session.execute(counted).all())
    known = {one.course: one for one in newest(session, list(classes))}
    courses = [CourseHere(known[course], number) for course, number in classes.items()]
    return Module(site, partners_of(session, site.id), courses)
