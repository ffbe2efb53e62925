"""A pupil comes into a classroom with the code on the blackboard.

Mounted by `portal.app`. Wrong codes slow the person down, not the class.
"""

import math

from fastapi import APIRouter, Request
from fastapi.responses import Response

from technopark.people import audit, join_codes
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.visits import PartsOf, Sent, Visit

router = APIRouter()


@router.get("/join")
def form(request: Request, visit: Visit) -> Response:
    """Where the code is typed."""
    return page(request, "join.html", visit, code="", problem=None)


@router.post("/join")
def join(request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """In, or what is wrong."""
    typed, now = sent.text("code")[:40], park.now()
    with park.store.write() as session:
        wait = join_codes.seconds_to_wait(session, visit.name, now, park.settings.signin)
    if wait:
        problem = Refused(
            "Too many tries. Wait {seconds} seconds and look at the letters once more.",
            "code",
            seconds=math.ceil(wait),
        )
    else:
        try:
            with park.store.write() as session:
                room = join_codes.join(session, visit.name, typed, now)
                audit.note(session, visit.name, Did.JOINED, whom=visit.name, room=room)
        except Refused as refused:
            problem = refused
        else:
            text = "You are in “{title}”. It is among your classes now."
            return done(request, visit, "join", Notice(text, {"title": room.title}))
    return page(request, "join.html", visit, 429 if wait else 422, code=typed, problem=problem)
