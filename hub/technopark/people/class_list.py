"""Who is in a classroom, for the page of the class as it is now.

Called by the portal, which asks who may see it. It reads the store and never writes.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.store import Classroom, Membership, Person


@dataclass(frozen=True)
class Pupil:
    """One line of the list."""

    name: str
    full_name: str


@dataclass(frozen=True)
class ClassList:
    """A classroom and its pupils, by their full names."""

    classroom: str
    title: str
    pupils: tuple[Pupil, ...]


def class_list(session: Session, classroom: str) -> ClassList | None:
    """The classroom's list; None: there is no such classroom, or it is closed."""
    room = session.get(Classroom, classroom)
    if room is None or not room.active:
        return None
    found = session.execute(
        select(Person.name, Person.full_name)
        .join(Membership)
        .where(Membership.classroom_id == classroom, Membership.role == "pupil", Person.active)
        .order_by(Person.full_name, Person.name)
    )
    return ClassList(room.id, room.title, tuple(Pupil(name, full) for name, full in found))
