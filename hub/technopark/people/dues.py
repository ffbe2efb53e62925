"""Deadlines in the store: that of everybody, and later ones of single pupils.

Called by the exchange and by the portal, so that a deadline moved by either is the same one. What
is late, and in which zone somebody wrote a time, is theirs to say.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.store import Assignment, Extension, Person


def due_of(session: Session, assignment: Assignment, person: str) -> datetime | None:
    """The pupil's own deadline: the assignment's, or a later one if it was extended for them."""
    if assignment.due is None:
        return None
    extension = session.get(Extension, (assignment.id, person))
    return later(assignment.due, extension.due if extension else None)


def later(due: datetime | None, extended: datetime | None) -> datetime | None:
    """The deadline that counts; where nobody has one, an extension means nothing."""
    return max(due, extended) if due and extended else due


def extended(session: Session, assignment: Assignment) -> dict[str, datetime]:
    """The extended deadlines of an assignment, by pupil."""
    rows = session.scalars(select(Extension).where(Extension.assignment_id == assignment.id))
    return {row.person_name: row.due for row in rows}


def all_extended(session: Session, classroom: str) -> dict[int, list[tuple[Person, datetime]]]:
    """The extended deadlines of a classroom, by assignment; pupils by name."""
    query = (
        select(Extension.assignment_id, Person, Extension.due)
        .join(Assignment, Assignment.id == Extension.assignment_id)
        .join(Person, Person.name == Extension.person_name)
        .where(Assignment.classroom_id == classroom)
        .order_by(Person.full_name, Person.name)
    )
    found: dict[int, list[tuple[Person, datetime]]] = {}
    for assignment, person, due in session.execute(query):
        found.setdefault(assignment, []).append((person, due))
    return found


def move(assignment: Assignment, due: datetime | None) -> datetime | None:
    """Sets everybody's deadline, or takes it away; returns what it was."""
    before, assignment.due = assignment.due, due
    return before


def say(assignment: Assignment, due: datetime | None) -> None:
    """The gradebook says its deadline, at each release and collection.

    Where it says the same as last time, a deadline that was moved since stands.
    """
    if assignment.gradebook_due != due:
        assignment.due = assignment.gradebook_due = due


def extend(
    session: Session, assignment: Assignment, person: str, due: datetime | None
) -> datetime | None:
    """Gives one pupil a deadline of their own, or takes it back (None); returns what it was."""
    extension = session.get(Extension, (assignment.id, person))
    before = extension.due if extension else None
    if due is None:
        if extension:
            session.delete(extension)
    else:
        session.merge(Extension(assignment_id=assignment.id, person_name=person, due=due))
    session.flush()
    return before
