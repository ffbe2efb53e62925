"""People whom an admin looks after, and their moves: up a year, to another school, away and back.

Mounted by `portal.app`; for the admins of sites and of the park.
"""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.people import audit, finding, moves, rights
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.classrooms.keepers import moved, note_person_seen
from technopark.portal.classrooms.lists import Search
from technopark.portal.classrooms.undoing import undoable
from technopark.portal.frame import done, page
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Classroom, Site

router = APIRouter(prefix="/people")


@router.get("")
def people(
    request: Request,
    visit: Visit,
    park: PartsOf,
    q: Search = "",
    number: Annotated[int, Query(alias="page")] = 1,
    left: bool = False,
) -> Response:
    """The people of the visitor's sites, searched."""
    if not (visit.who.is_admin or visit.who.admin_of_sites):
        raise HTTPException(403)
    q = " ".join(q.split())
    with park.store.read() as session:
        found = finding.people(session, visit.who, q, number, left=left)
    return page(request, "people.html", visit, found=found, q=q, left=left)


@router.get("/{name}")
def person(name: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """One person: classes, school, and what can be done."""
    note_person_seen(park, visit, name)
    return _page(name, request, visit, park, {}, None)


@router.post("/{name}/up")
def up(name: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """A pupil goes on in another class."""
    old, new = sent.text("old"), sent.text("new")
    try:
        with park.store.write() as session:
            who = moved(session, visit.who, name)
            moves.move_up(session, who, old, new if _may_send_to(visit, session, new) else "")
            room = session.get_one(Classroom, new)
            audit.note(session, visit.name, Did.MOVED_UP, whom=name, room=room, before=old)
            title = room.title
    except Refused as problem:
        return _page(name, request, visit, park, sent.fields, problem)
    note = {"do": "class", "path": f"people/{name}", "name": name, "old": old, "new": new}
    text = "{person} is in “{title}” now. All earlier work is kept."
    values = {"person": who.full_name, "title": title}
    return done(request, visit, f"people/{name}", undoable(request, visit, text, values, note))


@router.post("/{name}/school")
def school(name: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """To another school."""
    try:
        with park.store.write() as session:
            who = moved(session, visit.who, name)
            before = who.site_id
            places = moves.change_school(session, who, sent.text("site"))
            site = session.get_one(Site, sent.text("site"))
            # The admins of the school that the person left see it; the new one's see the name.
            was, becomes = before or "", site.id
            for place in {before, site.id} - {None}:
                audit.note(
                    session,
                    visit.name,
                    Did.SCHOOL_CHANGED,
                    whom=name,
                    site=place,
                    before=was,
                    after=becomes,
                )
    except Refused as problem:
        return _page(name, request, visit, park, sent.fields, problem)
    # The admin of one site does not see the people of another one.
    path = (
        f"people/{name}" if visit.who.is_admin or site.id in visit.who.admin_of_sites else "people"
    )
    note = {
        "do": "school",
        "path": f"people/{name}",
        "name": name,
        "site": before,
        "places": places,
    }
    text = "{person} is at “{site}” now. All earlier work is kept."
    values = {"person": who.full_name, "site": site.name}
    return done(request, visit, path, undoable(request, visit, text, values, note))


@router.post("/{name}/leave")
def leave(name: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Out of the park."""
    with park.store.write() as session:
        who = moved(session, visit.who, name)
        moves.leave(session, who)
        audit.note(session, visit.name, Did.LEFT, whom=name)
    note = {"do": "come-back", "path": f"people/{name}", "name": name}
    text = "{person} has left the park and cannot sign in. All their work is kept."
    notice = undoable(request, visit, text, {"person": who.full_name}, note)
    return done(request, visit, f"people/{name}", notice)


@router.post("/{name}/back")
def back(name: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Into the park again."""
    with park.store.write() as session:
        who = moved(session, visit.who, name)
        moves.come_back(session, who)
        audit.note(session, visit.name, Did.CAME_BACK, whom=name)
    note = {"do": "leave", "path": f"people/{name}", "name": name}
    text = "{person} is back, in all the same classes."
    notice = undoable(request, visit, text, {"person": who.full_name}, note)
    return done(request, visit, f"people/{name}", notice)


def _may_send_to(visit: Visitor, session: Session, classroom: str) -> bool:
    room = session.get(Classroom, classroom)
    return room is not None and rights.may_manage(visit.who, room.id, room.site_id)


def _page(
    name: str,
    request: Request,
    visit: Visitor,
    park: Parts,
    filled: Any,
    problem: Refused | None,
) -> Response:
    with park.store.read() as session:
        who = moved(session, visit.who, name)
        own = finding.rooms_of(session, name)
        mine = {room.id for room, _ in own}
        others = session.scalars(
            select(Classroom)
            .where(Classroom.active, Classroom.site_id == who.site_id, Classroom.id.not_in(mine))
            .order_by(Classroom.title, Classroom.id)
        ).all()
        sites = session.scalars(
            select(Site).where(Site.id != who.site_id).order_by(Site.name)
        ).all()
        site = session.get(Site, who.site_id) if who.site_id else None
        values = {
            "person": who,
            "site": site.name if site else "",
            "classes": own,
            "others": others,
            "sites": sites,
            "kept": park.settings.safety,
        }
    status = 422 if problem else 200
    return page(request, "person.html", visit, status, **values, filled=filled, problem=problem)
