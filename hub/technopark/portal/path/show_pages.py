"""A pupil chooses a work to show: a notebook of their own, or a picture.

Mounted by `portal.app`. Making the page takes a second or two, in a process of its own; no
transaction is open meanwhile.
"""

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from technopark.path import making, sources, works
from technopark.path.limits import MOST_PICTURE_BYTES
from technopark.path.works import Label
from technopark.people import audit
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.visits import Parts, PartsOf, Sent, SentForm, Visit, Visitor, takes
from technopark.store import WorkKind

router = APIRouter(prefix="/path")

_FORM_BYTES = 64 << 10
"""Of a form beside the picture in it."""


@router.get("/show")
def choose(request: Request, visit: Visit, park: PartsOf) -> Response:
    """One's own notebooks, and a place for a picture."""
    return _page(request, visit, park, {}, "notebook", None)


@router.post("/show")
def show_notebook(request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """The chosen notebook goes into the portfolio."""
    _only_pupils(visit)
    try:
        said = _label(sent)
        with park.store.read() as session:
            works.check_room_for_one(session, visit.name)
            content, room = sources.read(session, park.settings, visit.name, sent.text("work"))
        made = making.make("notebook", content)
        return _show(request, visit, park, "notebook", said, made, room)
    except Refused as problem:
        return _page(request, visit, park, sent.fields, "notebook", problem)


@router.post("/picture")
@takes(lambda _settings: MOST_PICTURE_BYTES + _FORM_BYTES)
def show_picture(request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """The chosen picture goes into the portfolio."""
    _only_pupils(visit)
    try:
        said = _label(sent)
        content = _file(sent)
        with park.store.read() as session:
            works.check_room_for_one(session, visit.name)
        made = making.make("picture", content)
        return _show(request, visit, park, "picture", said, made, sent.text("room"))
    except Refused as problem:
        return _page(request, visit, park, sent.fields, "picture", problem)


def _file(sent: SentForm) -> bytes:
    content = sent.file("work")
    if content is None:
        raise Refused("Choose a picture.", "work")
    return content


def _label(sent: SentForm) -> Label:
    return works.label(sent.text("title"), sent.lines("words"))


def _show(
    request: Request,
    visit: Visitor,
    park: Parts,
    kind: WorkKind,
    said: Label,
    made: bytes,
    room: str,
) -> Response:
    with park.store.write() as session:
        work = works.show(session, park.settings, visit.name, kind, said, made, room, park.now())
        audit.note(session, visit.name, Did.WORK_SHOWN, whom=visit.name, work=work.id)
    notice = Notice("“{title}” is in your portfolio.", {"title": work.title})
    return done(request, visit, f"works/{work.id}", notice)


def _page(
    request: Request,
    visit: Visitor,
    park: Parts,
    filled: Any,
    kind: WorkKind,
    problem: Refused | None,
) -> Response:
    _only_pupils(visit)
    with park.store.read() as session:
        handed_in = sources.handed_in(session, park.settings, visit.name)
        rooms = works.rooms_of(session, visit.name)
    return page(
        request,
        "path_show.html",
        visit,
        422 if problem else 200,
        handed_in=handed_in,
        in_home=sources.in_home(park.settings, visit.name),
        rooms=rooms,
        titles={room.id: room.title for room in rooms},
        zone=park.settings.timezone,
        filled=filled,
        kind=kind,
        problem=problem,
        most_words=works.MOST_WORDS,
        most_title=works.MOST_TITLE,
    )


def _only_pupils(visit: Visitor) -> None:
    if not visit.who.pupil_of:
        raise HTTPException(403)
