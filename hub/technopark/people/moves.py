"""Pupils move on: up a year, to another school, out of the park; and back, where it was a mistake.

Called by the portal, which has asked `rights.may_move` before. Whoever moves keeps the name to
sign in with, all files, all work that was handed in, and all marks.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from technopark.people import classrooms
from technopark.people.changes import note_change
from technopark.people.refused import Refused
from technopark.store import Classroom, Membership, Person, Site

Place = tuple[str, str]
"""A classroom's id, and the role there."""


def leave(session: Session, person: Person) -> None:
    """The person cannot sign in any more; the lists keep the place, but show nobody there."""
    if person.active:
        person.active, person.left_at = False, datetime.now(UTC)
    note_change(session)


def come_back(session: Session, person: Person) -> None:
    """The person is in all the same classrooms again."""
    person.active, person.left_at = True, None
    note_change(session)


def change_school(session: Session, person: Person, site: str) -> list[Place]:
    """The person is at home at another site, and in no classroom of the old one.

    Returns:
        The places that were given up.

    Raises:
        Refused: there is no such site, or it is the person's own.
    """
    if session.get(Site, site) is None or site == person.site_id:
        raise Refused("Choose another school.", "site")
    left = [
        (one.classroom_id, one.role)
        for one in list(person.memberships)
        if one.classroom.site_id == person.site_id and one.classroom.active
    ]
    if teaching := [room for room, role in left if role == "teacher"]:
        for room in teaching:
            _keep_a_teacher(session, room, person.name)
    for room, _ in left:
        _take_out(session, room, person)
    person.site_id = site
    note_change(session)
    return left


def return_to_school(
    session: Session, person: Person, site: str | None, places: Iterable[Place]
) -> None:
    """Undoes `change_school`."""
    person.site_id = site
    for room, role in places:
        classrooms.add_members(session, room, role, [person.name])
    note_change(session)


def move_up(session: Session, person: Person, old: str, new: str) -> None:
    """The pupil goes on in the classroom `new`, in place of `old`.

    Raises:
        Refused: not a pupil of the one, or in the other already, or that is closed.
    """
    membership = session.get(Membership, (old, person.name))
    if membership is None or membership.role != "pupil":
        raise Refused("Choose a class that the pupil is in.", "old")
    room = session.get(Classroom, new)
    is_in = session.get(Membership, (new, person.name)) is not None
    if room is None or not room.active or is_in:
        raise Refused("Choose a class that the pupil is not in yet.", "new")
    _take_out(session, old, person)
    classrooms.add_members(session, new, "pupil", [person.name])
    session.flush()


def _take_out(session: Session, classroom: str, person: Person) -> None:
    classrooms.remove_member(session, classroom, person.name)
    session.flush()
    session.expire(person, ["memberships"])


def _keep_a_teacher(session: Session, classroom: str, name: str) -> None:
    room = session.get_one(Classroom, classroom)
    others = [one for one in room.memberships if one.role == "teacher" and one.person_name != name]
    if not others:
        raise Refused(
            "{title} would be left without a teacher: add somebody else there first.",
            "site",
            title=room.title,
        )
