"""A classroom's own page, and its settings: title and days, teachers, closing and reopening.

Mounted by `portal.app`. Taking somebody out is here, bringing pupils in is in `pupils`.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from technopark.people import audit, finding, join_codes, keeping, rights
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.classrooms.keepers import kept, kept_open, note_list_seen
from technopark.portal.classrooms.lists import details_of
from technopark.portal.classrooms.undoing import undoable
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Classroom

router = APIRouter(prefix="/classrooms/{classroom}")


@router.get("")
def show(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Who is in it, and what can be done with it."""
    note_list_seen(park, visit, classroom)
    with park.store.read() as session:
        room = kept(session, visit.who, classroom)
        code = join_codes.of_room(session, room.id, park.now())
        values = _people(session, room) | {
            "code": join_codes.spelled(code.code) if code else "",
            "until": code.expires_at if code else None,
            "zone": room.site.timezone,
            "may_move": visit.who.is_admin or room.site_id in visit.who.admin_of_sites,
            "teaches": room.id in visit.who.teacher_of,
            "sees_marks": rights.may_see_marks(visit.who, room.id),
        }
    return page(request, "classroom.html", visit, **values)


@router.get("/settings")
def settings(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Title, days, teachers, closing."""
    note_list_seen(park, visit, classroom)
    return _settings(classroom, request, visit, park, {}, None)


@router.post("/details")
def details(classroom: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Changes title and days."""
    try:
        wanted = details_of(sent)
        with park.store.write() as session:
            room = kept_open(session, visit.who, classroom)
            before = keeping.change(session, room, wanted)
            audit.note(session, visit.name, Did.CLASS_CHANGED, room=room)
    except Refused as problem:
        return _settings(classroom, request, visit, park, sent.fields, problem)
    note = {
        "do": "details",
        "path": f"classrooms/{room.id}/settings",
        "room": room.id,
        "title": before.title,
        "first": before.first_day.isoformat() if before.first_day else "",
        "last": before.last_day.isoformat() if before.last_day else "",
    }
    notice = undoable(request, visit, "Saved.", {}, note)
    return done(request, visit, f"classrooms/{room.id}/settings", notice)


@router.post("/teachers")
def add_teacher(
    classroom: str, request: Request, visit: Visit, park: PartsOf, sent: Sent
) -> Response:
    """A colleague teaches it, too."""
    try:
        with park.store.write() as session:
            room = kept_open(session, visit.who, classroom)
            person = keeping.add_teacher(session, visit.who, room, sent.text("teacher"))
            audit.note(session, visit.name, Did.TEACHER_IN, whom=person.name, room=room)
    except Refused as problem:
        return _settings(classroom, request, visit, park, sent.fields, problem)
    path = f"classrooms/{room.id}/settings"
    note = {"do": "take-out", "path": path, "room": room.id, "names": [person.name]}
    text = "{person} teaches this class now."
    notice = undoable(request, visit, text, {"person": person.full_name}, note)
    return done(request, visit, path, notice)


@router.post("/out")
def take_out(classroom: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Takes a pupil or a teacher out; all their work stays."""
    try:
        with park.store.write() as session:
            room = kept_open(session, visit.who, classroom)
            person, role = keeping.take_out(session, room, sent.text("name"))
            out = Did.TEACHER_OUT if role == "teacher" else Did.PUPIL_OUT
            audit.note(session, visit.name, out, whom=person.name, room=room)
    except Refused as problem:
        return _settings(classroom, request, visit, park, {}, problem)
    path = f"classrooms/{room.id}" + ("/settings" if role == "teacher" else "")
    values = {"person": person.full_name}
    note = {"do": "put-back", "path": path, "room": room.id, "name": person.name, "role": role}
    if person.name == visit.name and not _still_keeps(visit, room):
        notice = Notice("You do not teach “{title}” any more.", {"title": room.title})
        return done(request, visit, "", notice)
    text = "{person} is not in this class any more. All their work is kept."
    return done(request, visit, path, undoable(request, visit, text, values, note))


@router.post("/close")
def close(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """The class is over."""
    with park.store.write() as session:
        room = kept_open(session, visit.who, classroom)
        keeping.close(session, room)
        audit.note(session, visit.name, Did.CLASS_CLOSED, room=room)
    path = f"classrooms/{room.id}"
    note = {"do": "reopen", "path": path, "room": room.id}
    text = "The class is closed. Everything in it is kept."
    return done(request, visit, path, undoable(request, visit, text, {}, note))


@router.post("/reopen")
def reopen(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """The class goes on."""
    with park.store.write() as session:
        room = kept(session, visit.who, classroom)
        keeping.reopen(session, room)
        audit.note(session, visit.name, Did.CLASS_REOPENED, room=room)
    path = f"classrooms/{room.id}"
    note = {"do": "close", "path": path, "room": room.id}
    text = "The class is open again, with everybody who was in it."
    return done(request, visit, path, undoable(request, visit, text, {}, note))


def _settings(
    classroom: str,
    request: Request,
    visit: Visitor,
    park: Parts,
    filled: Any,
    problem: Refused | None,
) -> Response:
    with park.store.read() as session:
        room = kept_open(session, visit.who, classroom)
        values = _people(session, room)
    status = 422 if problem else 200
    return page(
        request, "classroom_settings.html", visit, status, **values, filled=filled, problem=problem
    )


def _people(session: Session, room: Classroom) -> dict[str, Any]:
    return {
        "room": room,
        "site": room.site.name,
        "course": room.course_version,
        "pupils": finding.members(session, room.id, "pupil"),
        "teachers": finding.members(session, room.id, "teacher"),
        "grader": rights.grading_user(room.id),
    }


def _still_keeps(visit: Visitor, room: Classroom) -> bool:
    """Whether who is a teacher no more keeps the classroom as an admin."""
    return visit.who.is_admin or room.site_id in visit.who.admin_of_sites
