"""The catalogue of courses: searched by words, age and school, and a page for each.

Mounted by `portal.app`. Everybody may read it.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from sqlalchemy import select

from technopark.noticeboard import courses
from technopark.noticeboard.courses import WantedCourse
from technopark.portal.frame import page
from technopark.portal.park.asked import Words, age_of
from technopark.portal.visits import Guest, PartsOf
from technopark.store import Site

router = APIRouter()


@router.get("/courses")
def catalogue(
    request: Request,
    guest: Guest,
    park: PartsOf,
    q: Words = "",
    age: Words = "",
    site: Words = "",
    number: Annotated[int, Query(alias="page")] = 1,
) -> Response:
    """The courses that fit what somebody looks for."""
    wanted = WantedCourse(" ".join(q.split()), age_of(age), site)
    with park.store.read() as session:
        found = courses.courses(session, wanted, number)
        sites = session.scalars(select(Site).order_by(Site.id)).all()
    return page(request, "courses.html", guest, found=found, wanted=wanted, sites=sites)


@router.get("/courses/{course}")
def one_course(course: str, request: Request, guest: Guest, park: PartsOf) -> Response:
    """One course: what it is about, for whom, what one can do afterwards, where it is taken."""
    with park.store.read() as session:
        found = courses.newest(session, [course])
        sites = courses.sites_of(session, course)
    if not found:
        raise HTTPException(404)
    return page(request, "course.html", guest, course=found[0], sites=sites)
