"""Sending a hint or a file into the folder of one pupil, or of everybody in the class.

Mounted by `portal.app`. Who teaches the class may. What was sent belongs to the pupil and is not
taken back, which the page says before; afterwards it says to whom it went and to whom not.
"""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from technopark.language import Language
from technopark.people import audit, finding
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.classrooms.keepers import kept_open, note_list_seen
from technopark.portal.frame import page
from technopark.portal.visits import (
    MOST_BYTES,
    Parts,
    PartsOf,
    Sent,
    SentForm,
    Visit,
    Visitor,
    takes,
)
from technopark.sending.parcel import Parcel, of_file, of_hint
from technopark.sending.send import send
from technopark.store import Classroom, Person

router = APIRouter(prefix="/classrooms/{classroom}/send")

MOST_LETTERS = 5000
"""Of a hint; what is longer is a file."""


@dataclass(frozen=True)
class _Wish:
    """What the form says."""

    text: str
    file_name: str
    file: bytes | None

    @property
    def kind(self) -> str:
        return "file" if self.file is not None else "hint"


@router.get("")
def ask(classroom: str, request: Request, visit: Visit, park: PartsOf, to: str = "") -> Response:
    """What, and to whom; `to` is chosen already."""
    with park.store.read() as session:
        _taught(session, visit, classroom)
    note_list_seen(park, visit, classroom)
    return _ask(classroom, request, visit, park, {"pupil": to}, None)


@router.post("")
@takes(lambda settings: MOST_BYTES + (settings.portal.send_mb << 20))
def send_it(classroom: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Sends it, and says whom it reached."""
    try:
        wish = _wish(sent, park.settings.portal.send_mb)
        with park.store.read() as session:
            room = _taught(session, visit, classroom)
            pupils = _chosen(_pupils(session, room), sent.text("pupil"))
            now = park.now().astimezone(ZoneInfo(room.site.timezone))
    except Refused as problem:
        return _ask(classroom, request, visit, park, sent.fields, problem)

    def parcel(language: Language) -> Parcel:
        if wish.file is None:
            return of_hint(wish.text, visit.full_name, now, language)
        return of_file(wish.file_name, wish.file, language)

    told = send(park.settings, classroom, pupils, parcel)
    reached = [one for one in told if one.file]
    with park.store.write() as session:
        room = session.get_one(Classroom, classroom)
        for one in reached:
            audit.note(session, visit.name, Did.SENT, whom=one.name, room=room, kind=wish.kind)
    missed = [one for one in told if not one.file]
    return page(request, "sent.html", visit, room=room, reached=reached, missed=missed)


def _taught(session: Session, visit: Visitor, classroom: str) -> Classroom:
    """The classroom, if the visitor teaches it."""
    room = kept_open(session, visit.who, classroom)
    if room.id not in visit.who.teacher_of:
        raise HTTPException(404)
    return room


def _pupils(session: Session, room: Classroom) -> list[Person]:
    return finding.members(session, room.id, "pupil")


def _chosen(pupils: list[Person], name: str) -> list[Person]:
    chosen = [one for one in pupils if name in ("", one.name)]
    if not chosen:
        raise Refused("Choose a pupil of this class.", "pupil")
    return chosen


def _wish(sent: SentForm, most_mb: int) -> _Wish:
    text, content = sent.lines("text"), sent.file("file")
    chosen = sent.fields.get("file")
    name = chosen.filename or "" if isinstance(chosen, UploadFile) else ""
    if content is None and name:
        raise Refused("This file is empty.", "file")
    if content is None and not text.strip():
        raise Refused("Write a hint, or choose a file.", "text")
    if content is not None and text.strip():
        raise Refused("Send either a hint or a file: one after the other.", "text")
    if len(text) > MOST_LETTERS:
        most = f"{MOST_LETTERS}"
        raise Refused("A hint has {most} letters at most; send a file instead.", "text", most=most)
    if content is not None and len(content) > most_mb << 20:
        raise Refused("A file may have {most} MB at most.", "file", most=most_mb)
    return _Wish(text, name, content)


def _ask(
    classroom: str,
    request: Request,
    visit: Visitor,
    park: Parts,
    filled: Any,
    problem: Refused | None,
) -> Response:
    with park.store.read() as session:
        room = _taught(session, visit, classroom)
        pupils = _pupils(session, room)
    values: dict[str, Any] = {"room": room, "pupils": pupils, "most": park.settings.portal.send_mb}
    status = 422 if problem else 200
    return page(request, "send.html", visit, status, **values, filled=filled, problem=problem)
