"""The classrooms that somebody keeps, and making a new one.

Mounted by `portal.app`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from technopark.people import audit, finding, keeping
from technopark.people.audit import Did
from technopark.people.keeping import Details
from technopark.people.refused import Refused
from technopark.portal.classrooms import typed
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.visits import Parts, PartsOf, Sent, SentForm, Visit, Visitor
from technopark.store import Person

router = APIRouter()
Search = Annotated[str, Query(max_length=100)]


@router.get("/classrooms")
def classrooms(
    request: Request,
    visit: Visit,
    park: PartsOf,
    q: Search = "",
    number: Annotated[int, Query(alias="page")] = 1,
    closed: bool = False,
) -> Response:
    """The classrooms that the visitor keeps: own ones, those of the site, or all."""
    q = " ".join(q.split())
    with park.store.read() as session:
        found = finding.classrooms(session, visit.who, q, number, closed=closed)
        may_make = bool(finding.sites_to_make_at(session, visit.who))
    if not (may_make or visit.who.taught or found.total):
        raise HTTPException(403)
    return page(
        request, "classrooms.html", visit, found=found, q=q, closed=closed, may_make=may_make
    )


@router.get("/classrooms/new")
def new(request: Request, visit: Visit, park: PartsOf) -> Response:
    """The form for a new classroom."""
    return _form(request, visit, park, {}, None)


@router.post("/classrooms/new")
def make(request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Makes it; the maker is its teacher."""
    try:
        details = details_of(sent)
        version = sent.text("course")
        with park.store.write() as session:
            room = keeping.make(
                session,
                visit.who,
                details,
                sent.text("id"),
                sent.text("site"),
                int(version) if version.isdecimal() else 0,
            )
            audit.note(session, visit.name, Did.CLASS_MADE, room=room)
    except Refused as problem:
        return _form(request, visit, park, sent.fields, problem)
    notice = Notice("The class “{title}” is there. Now add its pupils.", {"title": room.title})
    return done(request, visit, f"classrooms/{room.id}", notice)


def details_of(sent: SentForm) -> Details:
    """Title and days of a form.

    Raises:
        Refused: a day is none.
    """
    return Details(
        sent.text("title"),
        typed.day(sent.text("first_day"), "first_day"),
        typed.day(sent.text("last_day"), "last_day"),
    )


def _form(
    request: Request, visit: Visitor, park: Parts, filled: Any, problem: Refused | None
) -> Response:
    with park.store.read() as session:
        sites = finding.sites_to_make_at(session, visit.who)
        courses = finding.courses(session)
        person = session.get(Person, visit.name)
    if not sites:
        raise HTTPException(403)
    return page(
        request,
        "classroom_new.html",
        visit,
        422 if problem else 200,
        sites=sites,
        courses=courses,
        home=person.site_id if person else None,
        filled=filled,
        problem=problem,
    )
