"""Whether a visitor keeps a classroom or looks after a person; else there is no such page.

Called by every page here before anything is shown or changed.
"""

from fastapi import HTTPException
from sqlalchemy.orm import Session

from technopark.people import rights
from technopark.people.rights import Standing
from technopark.store import Classroom, Person


def kept(session: Session, who: Standing, classroom: str) -> Classroom:
    """The classroom, open or closed, if `who` keeps it.

    Raises:
        HTTPException: 404 also where there is such a classroom, as it is nobody else's business.
    """
    room = session.get(Classroom, classroom)
    if room is None or not rights.may_manage(who, room.id, room.site_id):
        raise HTTPException(404)
    return room


def kept_open(session: Session, who: Standing, classroom: str) -> Classroom:
    """The same, and it is open.

    Raises:
        HTTPException: as `kept`; also 404 where the classroom is closed.
    """
    room = kept(session, who, classroom)
    if not room.active:
        raise HTTPException(404)
    return room


def moved(session: Session, who: Standing, name: str) -> Person:
    """The person, also one who left, if `who` may move them.

    Raises:
        HTTPException: 404, nobody of this name, or not to be moved by this visitor.
    """
    whose = rights.standing(session, name, left_too=True)
    if rights.is_grading_name(name) or whose is None or not rights.may_move(who, whose):
        raise HTTPException(404)
    return session.get_one(Person, name)
