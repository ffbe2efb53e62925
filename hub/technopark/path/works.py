"""Works that pupils show: put up, hidden, taken down; and how curators find them.

Called by the portal. `visible` is the one place that says what somebody outside the school may see:
shown by the pupil, agreed to by a parent, of a pupil who is here.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from technopark.path import ages, shelf
from technopark.path.called import called
from technopark.path.consents import Purpose, holds
from technopark.path.courses import CourseFacts
from technopark.people.finding import PER_PAGE, Page, place
from technopark.people.refused import Refused
from technopark.settings import Settings
from technopark.store import Classroom, Letter, Membership, Person, ShownWork, Site, WorkKind

MOST_WORKS = 30
"""Of one pupil: a portfolio is a choice."""
MOST_TITLE, MOST_WORDS = 80, 600


@dataclass(frozen=True)
class Label:
    """What a pupil writes beside a work."""

    title: str
    words: str


@dataclass(frozen=True)
class Found:
    """A work as somebody outside the school sees it."""

    work: ShownWork
    called: str
    """Given name and first letter of the surname."""
    school_class: str
    """Title of the class in which it was made; empty: in none."""
    site: str


def label(title: str, words: str) -> Label:
    """What stands beside a work.

    Raises:
        Refused: no title, or too long.
    """
    title, words = " ".join(title.split()), words.strip()
    if not title:
        raise Refused("Give the work a name.", "title")
    if len(title) > MOST_TITLE:
        raise Refused("Make the name shorter: at most {most} letters.", "title", most=MOST_TITLE)
    if len(words) > MOST_WORDS:
        raise Refused(
            "That is too long: at most {most} letters, and these are {number}.",
            "words",
            most=MOST_WORDS,
            number=len(words),
        )
    return Label(title, words)


def check_room_for_one(session: Session, name: str) -> None:
    """Whether the pupil `name` may show one more.

    Raises:
        Refused: there are many already.
    """
    query = select(func.count()).where(ShownWork.person_name == name)
    if (session.scalar(query) or 0) >= MOST_WORKS:
        raise Refused(
            "There are {most} works in your portfolio. Take one out first.", "", most=MOST_WORKS
        )


def show(
    session: Session,
    settings: Settings,
    name: str,
    kind: WorkKind,
    said: Label,
    made: bytes,
    room: str,
    now: datetime,
) -> ShownWork:
    """Puts a work up that `making` has made.

    Args:
        session: a transaction; a file without a row, where it is rolled back, is harmless.
        settings: the park's.
        name: the pupil's.
        kind: what it is.
        said: what stands beside it.
        made: the page, or the picture.
        room: the id of the class in which it was made; one that is not the pupil's is left out.
        now: the moment.

    Raises:
        Refused: there are many already.
    """
    check_room_for_one(session, name)
    mine = rooms_of(session, name)
    of = next((one for one in mine if one.id == room), None)
    grade = ages.grade_of(one.title for one in mine if one.active)
    work = ShownWork(
        id=secrets.token_hex(8),
        person_name=name,
        kind=kind,
        title=said.title,
        words=said.words,
        classroom_id=of.id if of else None,
        course=of.course_version.course if of else "",
        first_september=ages.first_september(grade, now.date()) if grade else None,
        size=len(made),
        shown_at=now,
    )
    shelf.put(settings, name, work.id, made)
    session.add(work)
    session.flush()
    return work


def hide(session: Session, work: ShownWork, who: str, now: datetime) -> None:
    """Nobody outside the school sees it from now on; one that is hidden stays whose it was."""
    if work.hidden_at:
        return
    work.hidden_at, work.hidden_by = now, who
    session.flush()


def show_again(session: Session, work: ShownWork, who: str) -> None:
    """It is seen again.

    Raises:
        Refused: a teacher hid it, and the pupil asks; or the other way round.
    """
    if who != work.person_name and work.hidden_by == work.person_name:
        raise Refused("The pupil has hidden this work, and nobody else may show it again.")
    if who == work.person_name and work.hidden_by not in (None, who):
        raise Refused("Your teacher has hidden this work. Ask why; the teacher can show it again.")
    work.hidden_at = work.hidden_by = None
    session.flush()


def take_down(session: Session, work: ShownWork) -> None:
    """Removes a work with the letters about it; its file goes when this is committed."""
    session.execute(delete(Letter).where(Letter.work_id == work.id))
    session.delete(work)
    session.flush()


def of_pupil(session: Session, name: str) -> list[ShownWork]:
    """All works of the pupil, hidden ones too, the newest first."""
    query = select(ShownWork).where(ShownWork.person_name == name)
    return list(session.scalars(query.order_by(ShownWork.shown_at.desc(), ShownWork.id)))


def rooms_of(session: Session, name: str) -> list[Classroom]:
    """The classes in which `name` is a pupil, closed ones too, by title."""
    query = (
        select(Classroom)
        .join(Membership)
        .where(Membership.person_name == name, Membership.role == "pupil")
        .order_by(Classroom.title, Classroom.id)
    )
    return list(session.scalars(query))


def visible() -> ColumnElement[bool]:
    """For queries that join `Person`: what somebody outside the school may see of `ShownWork`."""
    return and_(
        ShownWork.hidden_at.is_(None),
        Person.active,
        holds(ShownWork.person_name, Purpose.WORKS),
    )


def seen(session: Session, number: str) -> Found | None:
    """The work as somebody outside the school sees it; None: they do not."""
    found = session.execute(_query().where(ShownWork.id == number, visible())).first()
    return _found(*found) if found else None


def search(
    session: Session,
    courses: Collection[CourseFacts],
    skill: str,
    age: int | None,
    number: int,
    today: date,
) -> Page[Found]:
    """Visible works, the newest first.

    Args:
        session: of the store.
        courses: what is known of the courses.
        skill: its English words: works of courses that give it; empty: all works.
        age: works of pupils of about this age; where the class has no number, of courses for it.
        number: of the page, from 1 on.
        today: for the ages.
    """
    query = _query().where(visible())
    if skill:
        giving = {one.course for one in courses if skill in (each.en for each in one.skills)}
        query = query.where(ShownWork.course.in_(giving))
    if age is not None:
        fitting = {one.course for one in courses if one.is_for(age)}
        query = query.where(
            or_(
                ShownWork.first_september == ages.first_of_age(age, today),
                and_(ShownWork.first_september.is_(None), ShownWork.course.in_(fitting)),
            )
        )
    ids = query.with_only_columns(ShownWork.id)
    number, pages, total = place(session, ids, number)
    rows = session.execute(
        query.order_by(ShownWork.shown_at.desc(), ShownWork.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    return Page([_found(*row) for row in rows], number, pages, total)


def _query() -> Select[ShownWork, str, str, str]:
    return (
        select(ShownWork, Person.full_name, Classroom.title, Site.name)
        .join(Person, Person.name == ShownWork.person_name)
        .outerjoin(Classroom, Classroom.id == ShownWork.classroom_id)
        .outerjoin(Site, Site.id == Person.site_id)
    )


def _found(work: ShownWork, full_name: str, room: str | None, site: str | None) -> Found:
    return Found(work, called(full_name), room or "", site or "")
