"""The portal's first page, and the choice of language.

Mounted by `app`. What somebody finds here follows from what they are in the park.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from technopark.language import COOKIE, Language
from technopark.noticeboard import taking_part
from technopark.path.letters import waiting_for
from technopark.people import rights
from technopark.people.classrooms import set_language
from technopark.portal.frame import PREFIX, go, page
from technopark.portal.visits import Guest, PartsOf, Visit, split

router = APIRouter()
_A_YEAR = 365 * 24 * 3600
_MOST = 5
"""Of what somebody takes part in."""


@router.get("/")
def first(request: Request, visit: Visit, parts: PartsOf) -> Response:
    """What somebody can do here."""
    letters = 0
    with parts.store.read() as session:
        mine = taking_part.of_person(session, visit.name, parts.now())[:_MOST]
        if visit.who.teacher_of or visit.who.admin_of_sites:
            letters = len(waiting_for(session, visit.who))
    return page(
        request,
        "home.html",
        visit,
        letters=letters,
        mine=mine,
        may_post=rights.may_post_anywhere(visit.who),
        zone=parts.settings.timezone,
    )


@router.get("/oauth_callback")
async def come_back(request: Request, parts: PartsOf) -> Response:
    """From the hub's sign-in, on to the page that was asked for."""
    return await parts.door.let_in(request)


@router.get("/sign-in")
def sign_in(
    visit: Visit, to: Annotated[str, Query(pattern=r"^[a-z0-9/-]{0,80}$")] = ""
) -> Response:
    """From a page that everybody may read, by way of the sign-in, to the page `to`."""
    del visit  # who asks for it is signed in by now
    return go(to)


@router.get("/language/{chosen}")
def language(chosen: Language, request: Request, guest: Guest, parts: PartsOf) -> Response:
    """Remembers the language that somebody chose, for the whole park; back to the page.

    Of a guest only the browser knows it.
    """
    if guest:
        with parts.store.write() as session:
            set_language(session, guest.name, chosen)
    came_from = split(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == request.headers.get("Host") and came_from.path.startswith(PREFIX)
    query = f"?{came_from.query}" if came_from.query else ""
    answer = RedirectResponse(f"{came_from.path}{query}" if is_ours else PREFIX, 303)
    if guest is None:
        answer.set_cookie(
            COOKIE,
            chosen,
            max_age=_A_YEAR,
            path=PREFIX,
            secure=parts.settings.web.has_front,
            httponly=True,
            samesite="lax",
        )
    return answer
