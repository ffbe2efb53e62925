"""What the keepers of a classroom do with it: make it, change it, close it, say who teaches.

Called by the portal, which has asked `rights.may_manage` or `rights.may_make` before. Nothing is
ever deleted: a closed classroom opens again with everybody and everything in it.
"""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopark.people import classrooms, join_codes, rights
from technopark.people.changes import note_change
from technopark.people.names import normalise
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.store import Classroom, CourseVersion, Grant, Membership, Person, Site

LONGEST_TITLE = 80
_LONGEST_ID = 30
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")
_NOT_IDS = ("new",)
"""Words that stand at the same place of an address."""


@dataclass(frozen=True)
class Details:
    """What a classroom is called, and when it is."""

    title: str
    first_day: date | None = None
    last_day: date | None = None


def check(details: Details) -> None:
    """Lets pass what a classroom can be called, and days in order.

    Raises:
        Refused: with the field that is wrong.
    """
    if not details.title:
        raise Refused("Give the class a name, such as “{example}”.", "title", example="6А, данные")
    if len(details.title) > LONGEST_TITLE:
        raise Refused("At most {most} letters, please.", "title", most=LONGEST_TITLE)
    first, last = details.first_day, details.last_day
    if first and last and last < first:
        raise Refused("The last day is before the first one.", "last_day")


def suggested_id(session: Session, title: str) -> str:
    """An id that no classroom has, made of the title in Latin letters; empty: none can be made."""
    plain = normalise(title)[:_LONGEST_ID].strip("-")
    for number in range(1, 1000):
        end = "" if number == 1 else f"-{number}"
        wanted = f"{plain[: _LONGEST_ID - len(end)].strip('-')}{end}"
        if plain and wanted not in _NOT_IDS and session.get(Classroom, wanted) is None:
            return wanted
    return ""


def make(
    session: Session, who: Standing, details: Details, classroom: str, site: str, version: int
) -> Classroom:
    """A new classroom, with `who` as its teacher.

    Args:
        session: a transaction.
        who: the maker.
        details: title and days.
        classroom: the id; empty: made of the title.
        site: the site's id.
        version: the course version's id in the store.

    Raises:
        Refused: with the field that is wrong.
    """
    check(details)
    classroom = classroom or suggested_id(session, details.title)
    if not classroom:
        raise Refused("Give the short name: none can be made of this title.", "id")
    if not _ID.fullmatch(classroom) or classroom in _NOT_IDS:
        raise Refused("Small Latin letters, digits and hyphens, at most 30 of them.", "id")
    if session.get(Classroom, classroom):
        free = suggested_id(session, classroom)
        raise Refused(
            "There is a class “{id}” already; “{free}” is free.", "id", id=classroom, free=free
        )
    if session.get(Site, site) is None or not rights.may_make(who, site):
        raise Refused("Choose one of your schools.", "site")
    course = session.get(CourseVersion, version)
    if course is None:
        raise Refused("Choose a course.", "course")
    room = classrooms.ensure_classroom(session, classroom, details.title, site, course)
    room.first_day, room.last_day = details.first_day, details.last_day
    session.flush()
    classrooms.add_members(session, classroom, "teacher", [who.name])
    return room


def change(session: Session, room: Classroom, details: Details) -> Details:
    """Changes title and days; returns what they were.

    Raises:
        Refused: with the field that is wrong.
    """
    check(details)
    before = Details(room.title, room.first_day, room.last_day)
    room.title, room.first_day, room.last_day = (
        details.title,
        details.first_day,
        details.last_day,
    )
    note_change(session)
    return before


def close(session: Session, room: Classroom) -> None:
    """Nobody can start a server or hand in any more; all that is there stays."""
    room.active = False
    join_codes.end(session, room.id)
    note_change(session)


def reopen(session: Session, room: Classroom) -> None:
    """It is there again, with everybody who was in it."""
    room.active = True
    note_change(session)


def add_teacher(session: Session, who: Standing, room: Classroom, name: str) -> Person:
    """Makes somebody of the park a teacher of the classroom.

    A teacher cannot make a teacher of a pupil or of a stranger: that is for the school's admins.

    Raises:
        Refused: there is nobody, or not by this person's word.
    """
    person = session.get(Person, normalise(name)) if normalise(name) else None
    if person is None or not person.active:
        raise Refused(
            "Nobody in the park signs in as “{name}”. The name stands on the colleague's card.",
            "teacher",
            name=name,
        )
    membership = session.get(Membership, (room.id, person.name))
    if membership:
        raise Refused(
            "{person} is a pupil of this class."
            if membership.role == "pupil"
            else "{person} teaches this class already.",
            "teacher",
            person=person.full_name,
        )
    is_for_admins = not (who.is_admin or room.site_id in who.admin_of_sites)
    if is_for_admins and not _is_colleague(session, person, room.site_id):
        raise Refused(
            "{person} does not teach in the park yet. Ask the admin of your school to add them.",
            "teacher",
            person=person.full_name,
        )
    classrooms.add_members(session, room.id, "teacher", [person.name])
    return person


def _is_colleague(session: Session, person: Person, site: str) -> bool:
    """Whether somebody is a teacher by what the park knows: teaches, has a role, or is no pupil."""
    roles = {one.role for one in person.memberships}
    has_grant = session.scalar(select(Grant.id).where(Grant.person_name == person.name).limit(1))
    is_new_here = not roles and person.site_id == site
    return "teacher" in roles or has_grant is not None or is_new_here


def take_out(session: Session, room: Classroom, name: str) -> tuple[Person, str]:
    """Takes a pupil or a teacher out; returns who that was, and as what.

    Raises:
        Refused: not in the classroom, or its last teacher.
    """
    membership = session.get(Membership, (room.id, name))
    if membership is None:
        raise Refused("{name} is not in this class any more.", name=name)
    person, role = membership.person, membership.role
    if role == "teacher" and _teachers(session, room.id) == 1:
        raise Refused("A class needs a teacher: add somebody else first.", "teacher")
    session.expire(person, ["memberships"])
    session.expire(room, ["memberships"])
    classrooms.remove_member(session, room.id, name)
    session.flush()
    return person, role


def put_back(session: Session, room: Classroom, name: str, role: str) -> None:
    """Somebody who was taken out is in again, as before."""
    is_in = session.get(Membership, (room.id, name)) is not None
    if not is_in and session.get(Person, name) is not None:
        classrooms.add_members(session, room.id, role, [name])


def _teachers(session: Session, classroom: str) -> int:
    query = select(func.count()).where(
        Membership.classroom_id == classroom, Membership.role == "teacher"
    )
    return session.scalar(query) or 0
