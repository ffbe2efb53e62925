"""The table of a classroom's marks: who is in the class, what was handed in when, what it gave.

Called by the portal. Pupils, times and deadlines are the store's, points the gradebook's; where a
work was handed in once more since it was graded, the table says so. It never writes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.marks.gradebook import Gradebook, Points
from technopark.people import dues, finding
from technopark.store import Assignment, Classroom, HandIn, Person, Submission


class State(StrEnum):
    """Where a work stands."""

    NONE = "none"
    """Nothing was handed in."""
    HANDED_IN = "handed-in"
    """It was not graded yet."""
    GRADED = "graded"
    WAITS = "waits"
    """The tests gave their points, the teacher has still to give some."""
    AGAIN = "again"
    """Graded, and handed in once more since then."""


@dataclass(frozen=True)
class Cell:
    """What one pupil has for one assignment."""

    state: State = State.NONE
    points: float | None = None
    is_late: bool = False


@dataclass(frozen=True)
class Column:
    """One assignment."""

    name: str
    most: float | None
    """Points that can be had; None: the gradebook does not know the assignment."""


@dataclass(frozen=True)
class Row:
    """One pupil."""

    name: str
    full_name: str
    is_member: bool
    """False: has left the class, and the marks are there still."""
    cells: tuple[Cell, ...]

    @property
    def points(self) -> float:
        """All points together."""
        return sum(cell.points or 0.0 for cell in self.cells)

    @property
    def late(self) -> int:
        """How many works came after their deadline."""
        return sum(cell.is_late for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """A classroom's marks."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def most(self) -> float:
        """Points that can be had in all."""
        return sum(column.most or 0.0 for column in self.columns)


def table(session: Session, room: Classroom, gradebook: Gradebook) -> Table:
    """The marks of `room`: a row for each pupil, a column for each assignment.

    An assignment is in it once it is handed out, or somebody has points for it.
    """
    assignments = _assignments(session, room, gradebook)
    handed_in = {one.name: _handed_in(session, one) for one in assignments}
    longer = {one.name: dues.extended(session, one) for one in assignments}
    rows = []
    for person, is_member in _people(session, room, gradebook, handed_in.values()):
        cells = tuple(
            _cell(
                gradebook.points.get((person.name, one.name)),
                handed_in[one.name].get(person.name),
                dues.later(one.due, longer[one.name].get(person.name)),
            )
            for one in assignments
        )
        rows.append(Row(person.name, person.full_name, is_member, cells))
    columns = tuple(Column(one.name, gradebook.most.get(one.name)) for one in assignments)
    return Table(columns, tuple(rows))


def _assignments(session: Session, room: Classroom, gradebook: Gradebook) -> list[Assignment]:
    """In the order of their deadlines; those without one come last."""
    graded = {name for _, name in gradebook.points}
    found = session.scalars(select(Assignment).where(Assignment.classroom_id == room.id))
    shown = [one for one in found if one.released or one.name in graded]
    return sorted(shown, key=lambda one: (one.due is None, one.due or datetime.max, one.name))  # noqa: DTZ901


def _handed_in(session: Session, assignment: Assignment) -> dict[str, datetime]:
    """When each pupil's work came that counts: what was handed in last, at its first time."""
    found = session.execute(
        select(Submission.person_name, Submission.received_at)
        .join(HandIn)
        .where(Submission.assignment_id == assignment.id)
        .order_by(HandIn.id)
    )
    return {name: received for name, received in found}  # noqa: C416  # a row is no pair


def _people(
    session: Session,
    room: Classroom,
    gradebook: Gradebook,
    handed_in: Iterable[dict[str, datetime]],
) -> list[tuple[Person, bool]]:
    """The pupils of the class, and after them those who left it and whose work is there."""
    members = finding.members(session, room.id, "pupil")
    names = {one.name for one in members}
    others = {name for name, _ in gradebook.points} | {name for one in handed_in for name in one}
    left = session.scalars(select(Person).where(Person.name.in_(sorted(others - names))))
    gone = sorted(left, key=lambda one: (one.full_name, one.name))
    return [(one, True) for one in members] + [(one, False) for one in gone]


def _cell(graded: Points | None, handed_in: datetime | None, due: datetime | None) -> Cell:
    """What the gradebook and the exchange say together of one work."""
    if graded is None and handed_in is None:
        return Cell()
    came = (graded.handed_in_at if graded else None) or handed_in
    is_late = bool(came and due and came > due)
    if graded is None or graded.points is None:
        return Cell(State.HANDED_IN, is_late=is_late)
    state = State.WAITS if graded.waits else State.GRADED
    if handed_in and graded.handed_in_at and handed_in > graded.handed_in_at:
        state = State.AGAIN
    return Cell(state, graded.points, is_late)
