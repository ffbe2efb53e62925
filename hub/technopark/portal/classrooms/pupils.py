"""Pupils come into a classroom: by a list that is looked at first, or by a code.

Mounted by `portal.app`. What was typed goes back and forth with the page until it is added.
"""

from datetime import timedelta
from typing import Any, get_args

from fastapi import APIRouter, Request
from fastapi.responses import Response

from technopark.people import audit, enrolment, join_codes
from technopark.people.audit import Did
from technopark.people.enrolment import Plan
from technopark.people.name_lists import Order
from technopark.people.refused import Refused
from technopark.people.tables import decoded
from technopark.portal.classrooms.keepers import kept_open
from technopark.portal.classrooms.undoing import undoable
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor

router = APIRouter(prefix="/classrooms/{classroom}")

_CHOICE = "who "
"""Fields that say who is meant by a line begin so."""
_LASTS = {"lesson": None, "day": timedelta(days=1), "week": timedelta(days=7)}


@router.get("/pupils")
def form(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Where a list is typed, pasted or chosen."""
    return _page(classroom, request, visit, park, "", "surname", None, None)


@router.post("/pupils")
def look_or_add(
    classroom: str, request: Request, visit: Visit, park: PartsOf, sent: Sent
) -> Response:
    """Shows what would become of each line; adds them where that was said and all is clear."""
    order: Order = next((one for one in get_args(Order) if one == sent.text("order")), "surname")
    text = sent.lines("people")
    choices = {
        name.removeprefix(_CHOICE): sent.text(name)
        for name in sent.fields
        if name.startswith(_CHOICE)
    }
    plan: Plan | None = None
    try:
        if content := sent.file("file"):
            text = _text_of(content)
        if sent.text("do") != "add":
            with park.store.read() as session:
                room = kept_open(session, visit.who, classroom)
                plan = enrolment.plan(session, visit.who, room, text, order, choices)
            return _page(classroom, request, visit, park, text, order, plan, None)
        with park.store.write() as session:
            room = kept_open(session, visit.who, classroom)
            plan = enrolment.plan(session, visit.who, room, text, order, choices)
            names = enrolment.enrol(session, room, plan)
            audit.note_each(session, visit.name, Did.PUPIL_IN, names, room)
    except Refused as problem:
        return _page(classroom, request, visit, park, text, order, plan, problem)
    path = f"classrooms/{room.id}"
    if not names:
        return done(request, visit, path, Notice("All of them were in the class already."))
    note = {"do": "take-out", "path": path, "room": room.id, "names": names}
    text = "Pupils added: {number}."
    return done(
        request, visit, path, undoable(request, visit, text, {"number": str(len(names))}, note)
    )


@router.post("/code")
def make_code(
    classroom: str, request: Request, visit: Visit, park: PartsOf, sent: Sent
) -> Response:
    """A new code to join with; an earlier one ends."""
    lesson = timedelta(minutes=park.settings.portal.join_code_minutes)
    lasts = _LASTS.get(sent.text("lasts")) or lesson
    with park.store.write() as session:
        room = kept_open(session, visit.who, classroom)
        join_codes.make(session, room, visit.name, park.now(), lasts)
        audit.note(session, visit.name, Did.CODE_MADE, room=room)
    notice = Notice("Here is the code. Write it on the board.")
    return done(request, visit, f"classrooms/{room.id}", notice)


@router.post("/code/end")
def end_code(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """The code opens nothing any more."""
    with park.store.write() as session:
        room = kept_open(session, visit.who, classroom)
        join_codes.end(session, room.id)
        audit.note(session, visit.name, Did.CODE_ENDED, room=room)
    notice = Notice("The code does not work any more. Whoever joined with it is still here.")
    return done(request, visit, f"classrooms/{room.id}", notice)


def _text_of(content: bytes) -> str:
    text = decoded(content)
    if text is None or "\0" in text:
        raise Refused(
            "This file is not a list. Save it in the spreadsheet as CSV and choose it again.",
            "file",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _page(
    classroom: str,
    request: Request,
    visit: Visitor,
    park: Parts,
    text: str,
    order: Order,
    plan: Plan | None,
    problem: Refused | None,
) -> Response:
    with park.store.read() as session:
        room = kept_open(session, visit.who, classroom)
    is_wrong = problem or (plan and plan.number("wrong"))
    values: dict[str, Any] = {"room": room, "text": text, "order": order, "plan": plan}
    return page(
        request, "pupils_add.html", visit, 422 if is_wrong else 200, problem=problem, **values
    )
