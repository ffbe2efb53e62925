"""What a server needs to know of its lesson: the classroom's course version, site and language.

Called by the spawner before each start, and by the pages to list somebody's classrooms.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.people import rights
from technopark.store import Classroom, CourseVersion, Person, Site


class NoLessonError(Exception):
    """Somebody asks for a server that is not theirs to have."""


@dataclass(frozen=True)
class Lesson:
    """One person's (or grading user's) use of a classroom."""

    classroom: str
    site: str
    is_grading: bool
    image: str
    course_image: str
    """The pupils' image, also for a grading user: what their code is to meet in a sandbox."""
    gpu_image: str | None
    """The image of kernels on a GPU; None: the course has none, or it is about grading."""
    content: str
    """Folder of the course version, under `data/courses`."""
    network: tuple[str, ...]
    timezone: str
    language: str


@dataclass(frozen=True)
class Card:
    """One classroom on somebody's start page."""

    classroom: str
    title: str
    course_title: dict[str, str]
    is_teacher: bool


def lesson(session: Session, name: str, classroom: str, language: str) -> Lesson:
    """The lesson of `name` in `classroom`; `language` is for people who chose none.

    Raises:
        NoLessonError: the classroom does not exist, or `name` is neither pupil nor teacher of it.
    """
    who = rights.standing(session, name)
    room = session.get(Classroom, classroom)
    if who is None or room is None or classroom not in who.pupil_of | who.teacher_of:
        raise NoLessonError(f"{name} has no server for '{classroom}'")
    person = session.get(Person, name)
    is_grading = rights.graded_classroom(name) == classroom
    version = room.course_version
    return Lesson(
        classroom=classroom,
        site=room.site_id,
        is_grading=is_grading,
        image=version.grader_image if is_grading else version.image,
        course_image=version.image,
        gpu_image=None if is_grading else version.gpu_image,
        content=version.content,
        network=tuple(version.network),
        timezone=room.site.timezone,
        language=(person.language if person else None) or language,
    )


@dataclass(frozen=True)
class SiteCard:
    """One site that somebody looks after."""

    name: str
    classrooms: list[Classroom]


@dataclass(frozen=True)
class StartPage:
    """What somebody's start page shows."""

    cards: list[Card]
    is_author: bool
    courses: list[CourseVersion]
    """For authors and admins."""
    sites: list[SiteCard]
    """For the admins of sites."""


def start_page(session: Session, name: str) -> StartPage:
    """The start page of `name`; empty for nobody of the park."""
    who = rights.standing(session, name) or rights.Standing(name)
    sees_courses = who.is_author or who.is_admin
    versions = session.scalars(select(CourseVersion).order_by(CourseVersion.course))
    sites = session.scalars(select(Site).where(Site.id.in_(who.admin_of_sites)).order_by(Site.id))
    return StartPage(
        cards=_cards(session, who),
        is_author=who.is_author,
        courses=list(versions) if sees_courses else [],
        sites=[_site_card(session, site) for site in sites],
    )


def _cards(session: Session, who: rights.Standing) -> list[Card]:
    """The person's classrooms, those taught first, each kind by title."""
    mine = who.pupil_of | who.teacher_of
    query = select(Classroom.id, Classroom.title, CourseVersion.title).join(CourseVersion)
    found = [
        Card(room, title, course_title, room in who.teacher_of)
        for room, title, course_title in session.execute(query.where(Classroom.id.in_(mine)))
    ]
    return sorted(found, key=lambda card: (not card.is_teacher, card.title))


def _site_card(session: Session, site: Site) -> SiteCard:
    rooms = select(Classroom).where(Classroom.site_id == site.id, Classroom.active)
    return SiteCard(site.name, list(session.scalars(rooms.order_by(Classroom.title))))
