"""Looking over a pupil's shoulder: the way from the class's page to the pupil's running server.

Mounted by `portal.app`. Who teaches the class may; the hub's scopes say the same, so that nobody
who knows the address gets further. Each look is in the log: here when it begins, and by the word of
the pupil's server where somebody came by the address alone. The pupil sees in Lab who is there.
"""

import asyncio
from collections.abc import Iterable
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from technopark.people import audit, rights
from technopark.people.audit import Did
from technopark.people.rights import Action
from technopark.portal.live.parts import live
from technopark.portal.live.work import ServerName
from technopark.portal.visits import PartsOf, Visit
from technopark.store import Classroom, Person, Store

router = APIRouter(prefix="/classrooms/{classroom}/live/look")

WORKSPACE = "look"
"""Tabs that somebody else opens are not among the pupil's own."""


@router.get("/{pupil}")
async def look(
    classroom: str, pupil: str, request: Request, visit: Visit, park: PartsOf
) -> Response:
    """To the pupil's server, with the notebook that is open there; it stands in the log.

    A browser that only fetches in advance is told to come when somebody clicks.
    """
    if request.headers.get("Sec-Purpose") or request.headers.get("Purpose"):
        raise HTTPException(503)
    if not await asyncio.to_thread(_note_look, park.store, visit.name, classroom, pupil):
        raise HTTPException(404)
    known = live(request).work.of((pupil, classroom))
    notebook = _path(known.report.notebook if known else "")
    # The hub knows under which name the server is reached, and whether it runs at all.
    address = f"{park.settings.web.address}/hub/user/{quote(pupil)}/{quote(classroom)}/lab"
    address += f"/workspaces/{WORKSPACE}"
    return RedirectResponse(f"{address}{notebook}", 303)


def note_visitors(
    store: Store, server: ServerName, visitors: Iterable[str], new: Iterable[str]
) -> dict[str, str]:
    """What a pupil's server says of who is in it: notes who came, and names all of them.

    Only who may enter that server is named, so that no server can ask for the names of others, and
    nobody gets into the log who cannot have been there.
    """
    whose, classroom = server
    with store.read() as session:
        found = {
            name: session.get_one(Person, name).full_name
            for name in visitors
            if name != whose and _may_enter(session, name, classroom, whose)
        }
    for name in sorted(set(new) & found.keys()):
        _note_entered(store, name, whose, classroom)
    return found


def _path(notebook: str) -> str:
    """The notebook's place in the address; empty, where it would lead out of the server.

    It is the pupil's server that says what is open, and `..` would lead to any page of the hub.
    """
    parts = notebook.split("/")
    is_safe = not any(part in ("", ".", "..") or "\\" in part for part in parts)
    return f"/tree/{quote(notebook)}" if is_safe else ""


def _note_look(store: Store, who: str, classroom: str, pupil: str) -> bool:
    """Notes the look; False: it is not theirs to look."""
    with store.write() as session:
        standing, place = rights.standing(session, who), rights.room(session, classroom)
        if standing is None or place is None or not rights.may_look(standing, place, pupil):
            return False
        room = session.get(Classroom, classroom)
        audit.note(session, who, Did.LOOKED, whom=pupil, room=room)
        return True


def _note_entered(store: Store, who: str, whose: str, classroom: str) -> None:
    """Notes that somebody came by the address, if it was not the class's page that led there."""
    with store.read() as session:
        room = session.get(Classroom, classroom)
        if audit.was_seen(session, who, Did.LOOKED, whom=whose, room=room):
            return
    audit.note_seen(store, who, Did.ENTERED, whom=whose, classroom=classroom)


def _may_enter(session: Session, who: str, classroom: str, whose: str) -> bool:
    is_person = rights.graded_classroom(who) is None
    return is_person and rights.may(session, who, Action.ENTER, classroom, whose)
