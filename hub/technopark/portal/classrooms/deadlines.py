"""Deadlines of the assignments that are handed out: moved for everybody, or for one pupil.

Mounted by `portal.app`. Times are on the clock of the classroom's site.
"""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.people import dues, finding
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.portal.classrooms import typed
from technopark.portal.classrooms.keepers import kept_open, note_due, note_list_seen
from technopark.portal.classrooms.undoing import undoable
from technopark.portal.frame import done, page
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Assignment, Classroom, Person

router = APIRouter(prefix="/classrooms/{classroom}/deadlines")


@router.get("")
def show(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """All assignments that are handed out, with their deadlines."""
    note_list_seen(park, visit, classroom)
    return _page(classroom, request, visit, park, {}, None, 0)


@router.post("/{assignment}/all")
def move(
    classroom: str, assignment: int, request: Request, visit: Visit, park: PartsOf, sent: Sent
) -> Response:
    """Moves everybody's deadline, or takes it away."""
    try:
        with park.store.write() as session:
            found = _found(session, visit.who, classroom, assignment)
            due = typed.moment(sent.text("due"), found.classroom.site.timezone, "due")
            before = dues.move(found, due)
            note_due(session, visit.name, found, due)
    except Refused as problem:
        return _page(classroom, request, visit, park, sent.fields, problem, assignment)
    text = (
        "“{assignment}”: the deadline is moved."
        if due
        else "“{assignment}”: there is no deadline any more."
    )
    return _done(request, visit, found, text, "", before)


@router.post("/{assignment}/one")
def extend(
    classroom: str, assignment: int, request: Request, visit: Visit, park: PartsOf, sent: Sent
) -> Response:
    """Gives one pupil longer."""
    try:
        with park.store.write() as session:
            found = _found(session, visit.who, classroom, assignment)
            pupil = _pupil(session, classroom, sent.text("pupil"))
            due = typed.moment(sent.text("longer"), found.classroom.site.timezone, "longer")
            _check(found, due)
            before = dues.extend(session, found, pupil.name, due)
            note_due(session, visit.name, found, due, pupil.name)
    except Refused as problem:
        return _page(classroom, request, visit, park, sent.fields, problem, assignment)
    text = "“{assignment}”: {person} has longer now."
    return _done(request, visit, found, text, pupil.name, before, person=pupil.full_name)


@router.post("/{assignment}/one/back")
def take_back(
    classroom: str, assignment: int, request: Request, visit: Visit, park: PartsOf, sent: Sent
) -> Response:
    """The pupil has the deadline of all others again."""
    with park.store.write() as session:
        found = _found(session, visit.who, classroom, assignment)
        pupil = session.get(Person, sent.text("pupil"))
        if pupil is None:
            raise HTTPException(404)
        before = dues.extend(session, found, pupil.name, None)
        note_due(session, visit.name, found, None, pupil.name)
    text = "“{assignment}”: {person} has the deadline of all others again."
    return _done(request, visit, found, text, pupil.name, before, person=pupil.full_name)


def _found(session: Session, who: Standing, classroom: str, assignment: int) -> Assignment:
    room = kept_open(session, who, classroom)
    found = session.get(Assignment, assignment)
    if found is None or found.classroom_id != room.id or not found.released:
        raise HTTPException(404)
    return found


def _pupil(session: Session, classroom: str, name: str) -> Person:
    for person in finding.members(session, classroom, "pupil"):
        if person.name == name:
            return person
    raise Refused("Choose a pupil of this class.", "pupil")


def _check(assignment: Assignment, due: datetime | None) -> None:
    if due is None:
        raise Refused("Until when?", "longer")
    if assignment.due and due <= assignment.due:
        raise Refused("Everybody has as long as that: choose a later time.", "longer")


def _done(
    request: Request,
    visit: Visitor,
    found: Assignment,
    text: str,
    pupil: str,
    before: datetime | None,
    **values: str,
) -> Response:
    path = f"classrooms/{found.classroom_id}/deadlines"
    note = {
        "do": "due",
        "path": path,
        "assignment": found.id,
        "pupil": pupil,
        "due": before.isoformat() if before else "",
    }
    told = {"assignment": found.name} | values
    return done(request, visit, path, undoable(request, visit, text, told, note))


def _page(
    classroom: str,
    request: Request,
    visit: Visitor,
    park: Parts,
    filled: Any,
    problem: Refused | None,
    wrong: int,
) -> Response:
    """The page; `filled` and `problem` belong to the assignment `wrong`."""
    with park.store.read() as session:
        room = kept_open(session, visit.who, classroom)
        values = {
            "room": room,
            "zone": room.site.timezone,
            "rows": _rows(session, room),
            "pupils": finding.members(session, room.id, "pupil"),
        }
    status = 422 if problem else 200
    return page(
        request,
        "deadlines.html",
        visit,
        status,
        **values,
        filled=filled,
        problem=problem,
        wrong=wrong,
    )


def _rows(session: Session, room: Classroom) -> list[dict[str, Any]]:
    assignments = session.scalars(
        select(Assignment)
        .where(Assignment.classroom_id == room.id, Assignment.released)
        .order_by(Assignment.name)
    )
    longer = dues.all_extended(session, room.id)
    return [
        {
            "id": one.id,
            "name": one.name,
            "due": one.due,
            "field": typed.for_field(one.due, room.site.timezone),
            "longer": longer.get(one.id, []),
        }
        for one in assignments
    ]
