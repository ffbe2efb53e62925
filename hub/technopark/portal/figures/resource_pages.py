"""Equipment and agreements: the list, adding one, taking one away; each can be undone.

Mounted by `portal.app`; for the admins of sites (what their sites have) and of the park.
"""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from technopark.people import audit, resources
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.people.resources import Typed
from technopark.portal.classrooms import typed
from technopark.portal.classrooms.undoing import undoable
from technopark.portal.frame import done, page
from technopark.portal.visits import Parts, PartsOf, Sent, SentForm, Visit, Visitor

router = APIRouter(prefix="/figures/resources")
_HERE = "figures/resources"


@router.get("")
def show(
    request: Request,
    visit: Visit,
    park: PartsOf,
    number: Annotated[int, Query(alias="page")] = 1,
) -> Response:
    """What is there, and the form for more."""
    return _page(request, visit, park, {}, None, number)


@router.post("")
def add(request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Adds one."""
    _check(visit)
    try:
        wanted = _typed(sent)
        with park.store.write() as session:
            made = resources.add(session, visit.who, wanted)
            audit.note(session, visit.name, Did.RESOURCE_IN, site=made.site_id)
    except Refused as problem:
        return _page(request, visit, park, sent.fields, problem)
    note = {"do": "resource-out", "path": _HERE, "number": made.id}
    notice = undoable(request, visit, "“{title}” is counted now.", {"title": made.title}, note)
    return done(request, visit, _HERE, notice)


@router.post("/{number}/out")
def remove(number: int, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Takes one away: it was a mistake. What is there no more has a last day instead."""
    _check(visit)
    with park.store.write() as session:
        gone = resources.remove(session, visit.who, number)
        if gone is None:
            raise HTTPException(404)
        audit.note(session, visit.name, Did.RESOURCE_OUT, site=gone.site or None)
    note = {"do": "resource-in", "path": _HERE, **resources.as_note(gone)}
    text = "“{title}” is counted no more."
    return done(request, visit, _HERE, undoable(request, visit, text, {"title": gone.title}, note))


def _typed(sent: SentForm) -> Typed:
    number = sent.text("number")
    return Typed(
        kind=sent.text("kind"),
        site=sent.text("site"),
        title=sent.text("title"),
        number=int(number) if number.isdecimal() and len(number) < 10 else 0,
        since=typed.day(sent.text("since"), "since"),
        until=typed.day(sent.text("until"), "until"),
    )


def _check(visit: Visitor) -> None:
    if not resources.may_keep(visit.who):
        raise HTTPException(403)


def _page(
    request: Request,
    visit: Visitor,
    park: Parts,
    filled: Any,
    problem: Refused | None,
    number: int = 1,
) -> Response:
    _check(visit)
    with park.store.read() as session:
        found = resources.listed(session, visit.who, number)
        sites = resources.sites(session, visit.who)
    status = 422 if problem else 200
    return page(
        request,
        "resources.html",
        visit,
        status,
        found=found,
        sites=sites,
        filled=filled,
        problem=problem,
    )
