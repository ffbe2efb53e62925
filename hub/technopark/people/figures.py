"""The figures of the practice: counted by site, for the last year and for the whole time.

Called by the portal. It reads the store and never writes; it tells numbers, nothing of a person.
Who was deleted is counted no more; who only left the park still is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from technopark.people.rights import Standing
from technopark.store import (
    Assignment,
    Classroom,
    CourseVersion,
    Membership,
    Posting,
    Resource,
    Site,
    Submission,
)

Counted = Literal[
    "pupils", "teachers", "classrooms", "courses", "works", "equipment", "agreements", "events"
]
COUNTED: tuple[Counted, ...] = get_args(Counted)
YEAR = timedelta(days=365)
Counts = dict[Counted, int]
_Found = Iterator[tuple[str | None, Counted, int]]
"""The site (None: all of them, or of the whole park), what was counted, and how many."""


@dataclass(frozen=True)
class Row:
    """The figures of one site."""

    name: str
    counts: Counts


@dataclass(frozen=True)
class Period:
    """The figures of one stretch of time."""

    first: date | None
    """None: the whole time."""
    rows: Sequence[Row]
    total: Counts
    """Not the sum: who takes part at two sites is one person, a course of many sites is one."""


def figures(session: Session, who: Standing, today: date) -> tuple[Period, Period]:
    """The figures of the sites that `who` looks after: of the last year, and of the whole time.

    The last year's classrooms are those that were on in it; who was in one of them took part.
    """
    query = select(Site.id, Site.name).order_by(Site.name, Site.id)
    if not who.is_admin:
        query = query.where(Site.id.in_(who.admin_of_sites))
    sites: dict[str, str] = dict(session.execute(query).all())
    year = _period(session, who, sites, today - YEAR, today)
    return year, _period(session, who, sites, None, today)


def _period(
    session: Session, who: Standing, sites: Mapping[str, str], first: date | None, today: date
) -> Period:
    total: Counts = dict.fromkeys(COUNTED, 0)
    counts: dict[str, Counts] = {site: dict.fromkeys(COUNTED, 0) for site in sites}
    for count in (_people, _classrooms):
        for site, what, number in count(session, list(sites), first, today):
            (total if site is None else counts[site])[what] = number
    # These are of one site each, or of the whole park: the total is the sum.
    for count in (_works, _resources, _events):
        for site, what, number in count(session, list(sites), first, today):
            if site is not None:
                counts[site][what] += number
            if site is not None or who.is_admin:
                total[what] += number
    return Period(first, [Row(sites[site], counts[site]) for site in sites], total)


def _was_on(first: date | None, today: date) -> ColumnElement[bool]:
    """Whether a classroom was on between `first` and `today`: one without days is, while open."""
    has_begun = or_(Classroom.first_day.is_(None), Classroom.first_day <= today)
    if first is None:
        return has_begun
    lasted = or_(Classroom.last_day >= first, and_(Classroom.last_day.is_(None), Classroom.active))
    return and_(has_begun, lasted)


def _people(session: Session, sites: list[str], first: date | None, today: date) -> _Found:
    roles: dict[str, Counted] = {"pupil": "pupils", "teacher": "teachers"}
    number = func.count(Membership.person_name.distinct())
    query = (
        select(Membership.role, number)
        .join(Classroom)
        .where(Classroom.site_id.in_(sites), _was_on(first, today))
        .group_by(Membership.role)
    )
    for role, people in session.execute(query):
        yield None, roles[role], people
    each = query.add_columns(Classroom.site_id).group_by(Classroom.site_id)
    for role, people, site in session.execute(each):
        yield site, roles[role], people


def _classrooms(session: Session, sites: list[str], first: date | None, today: date) -> _Found:
    query = (
        select(func.count(), func.count(CourseVersion.course.distinct()))
        .select_from(Classroom)
        .join(CourseVersion)
        .where(Classroom.site_id.in_(sites), _was_on(first, today))
    )
    for rooms, courses in session.execute(query):
        yield None, "classrooms", rooms
        yield None, "courses", courses
    each = query.add_columns(Classroom.site_id).group_by(Classroom.site_id)
    for rooms, courses, site in session.execute(each):
        yield site, "classrooms", rooms
        yield site, "courses", courses


def _works(session: Session, sites: list[str], first: date | None, today: date) -> _Found:
    del today
    since = datetime.combine(first, time(), UTC) if first else None
    of_each = (
        select(Submission.assignment_id, func.count().label("works"))
        .where(Submission.received_at >= since if since else true())
        .group_by(Submission.assignment_id)
        .subquery()
    )
    query = (
        select(Classroom.site_id, func.sum(of_each.c.works))
        .select_from(of_each)
        .join(Assignment, Assignment.id == of_each.c.assignment_id)
        .join(Classroom, Classroom.id == Assignment.classroom_id)
        .where(Classroom.site_id.in_(sites))
        .group_by(Classroom.site_id)
    )
    for site, works in session.execute(query):
        yield site, "works", int(works)


def _resources(session: Session, sites: list[str], first: date | None, today: date) -> _Found:
    kinds: dict[str, Counted] = {"equipment": "equipment", "agreement": "agreements"}
    is_still_there = or_(Resource.until.is_(None), Resource.until >= first) if first else true()
    query = (
        select(Resource.site_id, Resource.kind, func.sum(Resource.number))
        .where(
            Resource.since <= today,
            is_still_there,
            or_(Resource.site_id.is_(None), Resource.site_id.in_(sites)),
        )
        .group_by(Resource.site_id, Resource.kind)
    )
    for site, kind, number in session.execute(query):
        yield site, kinds[kind], int(number)


def _events(session: Session, sites: list[str], first: date | None, today: date) -> _Found:
    """Events that have begun and were not withdrawn, by the site where they were."""
    begun = [
        Posting.kind == "event",
        Posting.state == "published",
        Posting.starts_at < datetime.combine(today + timedelta(days=1), time(), UTC),
        or_(Posting.site_id.is_(None), Posting.site_id.in_(sites)),
    ]
    if first:
        begun.append(Posting.starts_at >= datetime.combine(first, time(), UTC))
    query = select(Posting.site_id, func.count()).where(*begun).group_by(Posting.site_id)
    for site, number in session.execute(query):
        yield site, "events", number
