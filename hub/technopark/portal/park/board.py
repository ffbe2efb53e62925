"""What goes on in the park: the list, searched, and a page for each posting. Everybody may read it.

Mounted by `portal.app`.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from sqlalchemy import select

from technopark.noticeboard import fit, markdown, postings, search, taking_part
from technopark.noticeboard.postings import KINDS
from technopark.noticeboard.search import Row, Wanted
from technopark.people import rights
from technopark.portal.frame import page
from technopark.portal.park.asked import Words, age_of
from technopark.portal.visits import Guest, Parts, PartsOf, Visitor, standing_of
from technopark.store import Posting, Site

router = APIRouter()


@router.get("/board")
def board(
    request: Request,
    guest: Guest,
    park: PartsOf,
    q: Words = "",
    kind: Words = "",
    site: Words = "",
    age: Words = "",
    over: bool = False,
    number: Annotated[int, Query(alias="page")] = 1,
) -> Response:
    """What is to come, or what is over."""
    kind = kind if kind in KINDS else ""
    wanted = Wanted(" ".join(q.split()), kind, site, age_of(age), over)
    with park.store.read() as session:
        found = search.published(session, wanted, park.now(), number)
        sites = session.scalars(select(Site).order_by(Site.id)).all()
    return page(
        request,
        "board.html",
        guest,
        found=found,
        wanted=wanted,
        sites=sites,
        zone=park.settings.timezone,
        may_post=rights.may_post_anywhere(standing_of(guest)),
    )


@router.get("/board/{number}")
def posting(number: int, request: Request, guest: Guest, park: PartsOf) -> Response:
    """One posting. A draft is shown to those alone who may change it."""
    return posting_page(request, guest, park, number)


def posting_page(
    request: Request,
    guest: Visitor | None,
    park: Parts,
    number: int,
    problem: Exception | None = None,
) -> Response:
    """The page of a posting, with what is in the way of what was asked for.

    Raises:
        HTTPException: 404, there is none, or it is not yet there for this reader.
    """
    now, who = park.now(), standing_of(guest)
    with park.store.read() as session:
        one = session.get(Posting, number)
        may_keep = one is not None and postings.may_keep(who, one)
        if one is None or (one.published_at is None and not may_keep):
            raise HTTPException(404)
        joined = taking_part.joined(session, [number]).get(number, 0)
        takes_part = rights.may_take_part(who)
        known = taking_part.grades(session, who) if takes_part else set()
        return page(
            request,
            "posting.html",
            guest,
            422 if problem else 200,
            row=Row(one, joined),
            posting=one,
            text=markdown.page_of(one.text),
            zone=postings.zone_of(one, park.settings.timezone),
            may_keep=may_keep,
            may_see_names=rights.may_see_who_joins(who, one.site_id),
            schools=taking_part.by_school(session, one) if may_keep else [],
            place=taking_part.place_of(session, one, who.name) if takes_part else None,
            takes_part=takes_part,
            why_not=taking_part.why_not(session, who, one, now) if takes_part else None,
            fits=fit.fit(one, known),
            is_over=bool(one.over_at and one.over_at <= now),
            problem=problem,
        )
