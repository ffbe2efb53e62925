"""Whether a visitor keeps a classroom or looks after a person; else there is no such page.

Called by every page here before anything is shown or changed. That somebody saw a list of children
or a child's page is noted in the log.
"""

from datetime import datetime

from fastapi import HTTPException
from sqlalchemy.orm import Session

from technopark.people import audit, rights
from technopark.people.audit import Did
from technopark.people.rights import Standing
from technopark.portal.visits import Parts, Visitor
from technopark.store import Assignment, Classroom, Person


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


def note_list_seen(park: Parts, visit: Visitor, classroom: str) -> None:
    """Notes that the visitor looks at the list of the classroom's pupils.

    Raises:
        HTTPException: as `kept`.
    """
    with park.store.read() as session:
        kept(session, visit.who, classroom)
    audit.note_seen(park.store, visit.name, Did.LIST_SEEN, classroom=classroom)


def note_person_seen(park: Parts, visit: Visitor, name: str) -> None:
    """Notes that the visitor looks at a person's page.

    Raises:
        HTTPException: as `moved`.
    """
    with park.store.read() as session:
        moved(session, visit.who, name)
    audit.note_seen(park.store, visit.name, Did.PERSON_SEEN, whom=name)


def note_due(
    session: Session, who: str, assignment: Assignment, due: datetime | None, pupil: str = ""
) -> None:
    """Notes that a deadline was moved: everybody's, or one pupil's."""
    until = due.isoformat(timespec="minutes") if due else ""
    did, room = (Did.LONGER if pupil else Did.DUE_MOVED), assignment.classroom
    audit.note(session, who, did, whom=pupil, room=room, assignment=assignment.name, until=until)
