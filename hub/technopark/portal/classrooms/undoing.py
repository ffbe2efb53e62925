"""Undoing what was just done: the note says what, sealed for the very person who did it.

Pages here make such a note with `undoable` and leave it with their notice. Rights are asked again.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from technopark.people import audit, classrooms, dues, keeping, moves, resources
from technopark.people.audit import Did
from technopark.people.keeping import Details
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.portal.classrooms.keepers import kept, moved, note_due
from technopark.portal.frame import done
from technopark.portal.notices import Notice
from technopark.portal.visits import PartsOf, Sent, Visit, Visitor, parts
from technopark.store import Assignment, Classroom, Membership, Person

router = APIRouter()

Note = dict[str, Any]


def undoable(
    request: Request, visit: Visitor, text: str, values: dict[str, str], note: Note
) -> Notice:
    """A notice with a button that undoes.

    Args:
        request: what asked for it.
        visit: who did it.
        text: what was done, in English; `values` fill it.
        values: for the text.
        note: `do` names one of `_UNDO`, `path` the page to return to; the rest is for it.
    """
    return Notice(text, values, "undo", {"what": parts(request).seals.note(note, visit.name)})


@router.post("/undo")
def undo(request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Undoes what the note tells of."""
    note = park.seals.read_note(sent.text("what"), visit.name)
    if note is None:
        raise HTTPException(422)
    try:
        with park.store.write() as session:
            _UNDO[note["do"]](session, visit.who, note)
    except Refused as problem:
        told = Notice(problem.text, {name: str(value) for name, value in problem.values.items()})
        return done(request, visit, note["path"], told)
    return done(request, visit, note["path"], Notice("It is as it was before."))


def _put_back(session: Session, who: Standing, note: Note) -> None:
    room = kept(session, who, note["room"])
    keeping.put_back(session, room, note["name"], note["role"])
    did = Did.TEACHER_IN if note["role"] == "teacher" else Did.PUPIL_IN
    audit.note(session, who.name, did, whom=note["name"], room=room)


def _take_out(session: Session, who: Standing, note: Note) -> None:
    room = kept(session, who, note["room"])
    for name in note["names"]:
        membership = session.get(Membership, (room.id, name))
        out = Did.TEACHER_OUT if membership and membership.role == "teacher" else Did.PUPIL_OUT
        if classrooms.remove_member(session, room.id, name):
            audit.note(session, who.name, out, whom=name, room=room)


def _details(session: Session, who: Standing, note: Note) -> None:
    first, last = (
        date.fromisoformat(note[one]) if note[one] else None for one in ("first", "last")
    )
    room = kept(session, who, note["room"])
    keeping.change(session, room, Details(note["title"], first, last))
    audit.note(session, who.name, Did.CLASS_CHANGED, room=room)


def _reopen(session: Session, who: Standing, note: Note) -> None:
    room = kept(session, who, note["room"])
    keeping.reopen(session, room)
    audit.note(session, who.name, Did.CLASS_REOPENED, room=room)


def _close(session: Session, who: Standing, note: Note) -> None:
    room = kept(session, who, note["room"])
    keeping.close(session, room)
    audit.note(session, who.name, Did.CLASS_CLOSED, room=room)


def _due(session: Session, who: Standing, note: Note) -> None:
    assignment = session.get_one(Assignment, note["assignment"])
    kept(session, who, assignment.classroom_id)
    due = datetime.fromisoformat(note["due"]) if note["due"] else None
    if note["pupil"]:
        dues.extend(session, assignment, note["pupil"], due)
    else:
        dues.move(assignment, due)
    note_due(session, who.name, assignment, due, note["pupil"])


def _come_back(session: Session, who: Standing, note: Note) -> None:
    moves.come_back(session, moved(session, who, note["name"]))
    audit.note(session, who.name, Did.CAME_BACK, whom=note["name"])


def _leave(session: Session, who: Standing, note: Note) -> None:
    moves.leave(session, moved(session, who, note["name"]))
    audit.note(session, who.name, Did.LEFT, whom=note["name"])


def _school(session: Session, who: Standing, note: Note) -> None:
    # By now the person is at another site, where this visitor may be nobody: the note was sealed
    # when they were not, and the site that gets them back must be one that the visitor keeps.
    if not (who.is_admin or note["site"] in who.admin_of_sites):
        raise HTTPException(404)
    person = session.get_one(Person, note["name"])
    places = [(room, role) for room, role in note["places"]]
    was, becomes = person.site_id or "", note["site"] or ""
    for site in {person.site_id, note["site"]} - {None}:
        audit.note(
            session,
            who.name,
            Did.SCHOOL_CHANGED,
            whom=person.name,
            site=site,
            before=was,
            after=becomes,
        )
    moves.return_to_school(session, person, note["site"], places)


def _class(session: Session, who: Standing, note: Note) -> None:
    moves.move_up(session, moved(session, who, note["name"]), note["new"], note["old"])
    room = session.get_one(Classroom, note["old"])
    audit.note(session, who.name, Did.MOVED_UP, whom=note["name"], room=room, before=note["new"])


def _resource_out(session: Session, who: Standing, note: Note) -> None:
    gone = resources.remove(session, who, note["number"])
    if gone is None:
        raise HTTPException(404)
    audit.note(session, who.name, Did.RESOURCE_OUT, site=gone.site or None)


def _resource_in(session: Session, who: Standing, note: Note) -> None:
    made = resources.add(session, who, resources.of_note(note))
    audit.note(session, who.name, Did.RESOURCE_IN, site=made.site_id)


_UNDO: dict[str, Callable[[Session, Standing, Note], None]] = {
    "put-back": _put_back,
    "take-out": _take_out,
    "details": _details,
    "reopen": _reopen,
    "close": _close,
    "due": _due,
    "come-back": _come_back,
    "leave": _leave,
    "school": _school,
    "class": _class,
    "resource-out": _resource_out,
    "resource-in": _resource_in,
}
