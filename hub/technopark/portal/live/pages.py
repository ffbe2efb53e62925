"""The page of a class as it is now, the events that keep it so, and lowering a hand.

Mounted by `portal.app`. Who keeps the classroom may look on; that is asked again and again. The
page is whole without scripts; `static/live.js` only puts in what the events bring.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session

from technopark.language import Language
from technopark.people import rights
from technopark.people.class_list import ClassList, class_list
from technopark.portal.classrooms.keepers import kept_open, note_list_seen
from technopark.portal.frame import PREFIX, done, page, piece
from technopark.portal.live.board import Board
from technopark.portal.live.parts import live
from technopark.portal.live.seen import Seen, Summary
from technopark.portal.notices import Notice
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Person

router = APIRouter(prefix="/classrooms/{classroom}/live")

ASK_AGAIN = 15.0
"""Seconds after which it is asked again whether somebody may still look on."""
_AS_IT_COMES = {"X-Accel-Buffering": "no"}
"""No proxy in between may keep events back."""


class _Draw:
    def __init__(self, classroom: str) -> None:
        self._place = f"{PREFIX}classrooms/{classroom}"

    def row(self, pupil: Seen, language: Language) -> str:
        return piece("live_row.html", language, pupil=pupil, place=self._place).strip()

    def summary(self, told: Summary, language: Language) -> str:
        return piece("live_summary.html", language, told=told).strip()


@router.get("")
async def show(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """The class as it is now."""
    title = await asyncio.to_thread(_title, park, visit.name, classroom)
    if title is None:
        raise HTTPException(404)
    await asyncio.to_thread(note_list_seen, park, visit, classroom)
    picture = await _board(request, park, classroom).look()
    values: dict[str, Any] = {"classroom": classroom, "title": title, "picture": picture}
    teaches = classroom in visit.who.teacher_of
    return page(request, "live.html", visit, **values, teaches=teaches)


@router.get("/events")
async def events(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """What changes in the class, as server-sent events, for as long as one may look on."""
    if await asyncio.to_thread(_title, park, visit.name, classroom) is None:
        raise HTTPException(404)
    board = _board(request, park, classroom)

    async def stream() -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        asked = loop.time()
        async with aclosing(board.follow(visit.language)) as news:
            async for event in news:
                if loop.time() - asked > ASK_AGAIN:
                    if not await _still_may(request, visit, park, classroom):
                        return
                    asked = loop.time()
                yield event

    return StreamingResponse(stream(), media_type="text/event-stream", headers=_AS_IT_COMES)


@router.post("/lower")
async def lower(
    classroom: str, request: Request, visit: Visit, park: PartsOf, sent: Sent
) -> Response:
    """Lowers a pupil's hand: somebody has been there."""
    name = sent.text("pupil")
    whose = await asyncio.to_thread(_pupil, park, visit.name, classroom, name)
    if whose is None:
        raise HTTPException(404)
    was_up = live(request).work.lower((name, classroom))
    text = "The hand of {person} is down." if was_up else "The hand of {person} was down already."
    notice = Notice(text, {"person": whose})
    return done(request, visit, f"classrooms/{classroom}/live", notice)


async def _still_may(request: Request, visit: Visitor, park: Parts, classroom: str) -> bool:
    """Whether somebody who looks on is still signed in and still keeps the class."""
    if await park.door.name(request) != visit.name:
        return False
    return await asyncio.to_thread(_title, park, visit.name, classroom) is not None


def _board(request: Request, park: Parts, classroom: str) -> Board:
    def read() -> ClassList | None:
        with park.store.read() as session:
            return class_list(session, classroom)

    return live(request).board(classroom, read, _Draw(classroom))


def _title(park: Parts, who: str, classroom: str) -> str | None:
    """What the class is called, if `who` may look on; None also where there is none."""
    with park.store.read() as session:
        return _kept_title(session, who, classroom)


def _pupil(park: Parts, who: str, classroom: str, name: str) -> str | None:
    """The full name of a pupil of the class, if `who` may look on."""
    with park.store.read() as session:
        if _kept_title(session, who, classroom) is None:
            return None
        place, person = rights.room(session, classroom), session.get(Person, name)
        return person.full_name if person and place and name in place.pupils else None


def _kept_title(session: Session, who: str, classroom: str) -> str | None:
    standing = rights.standing(session, who)
    if standing is None:
        return None
    try:
        return kept_open(session, standing, classroom).title
    except HTTPException:
        return None
